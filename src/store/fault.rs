//! What stopped a piece of work on a connection, and what that means to the caller.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE as IOERR_SHMSIZE;

use crate::store::StoreError;

/// Either the store's own answer or an error of `SQLite` that still needs its meaning.
#[derive(Debug)]
pub(super) enum Fault {
    Told(StoreError),
    Sql(rusqlite::Error),
}

/// How far an error of `SQLite` reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nothing was written; a later attempt may work.
    Passing,
    /// The disk or the file cannot be trusted: this process writes nothing more.
    Fatal,
    /// This statement alone.
    Local,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Told(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    /// The same fault as callers of the store at `path` see it.
    pub(super) fn told(self, path: &Path) -> StoreError {
        match self {
            Self::Told(error) => error,
            Self::Sql(error) => sql_error(&error, path),
        }
    }

    pub(super) fn reach(&self) -> Reach {
        match self {
            Self::Told(_) => Reach::Local,
            Self::Sql(error) => reach(error),
        }
    }
}

/// Tells how far `error` reaches.
pub(super) fn reach(error: &rusqlite::Error) -> Reach {
    if is_full(error) {
        return Reach::Passing;
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Reach::Passing,
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::FileLockingProtocolFailed,
        ) => Reach::Fatal,
        _ => Reach::Local,
    }
}

/// Tells whether reading or writing the disk failed.
pub(super) fn is_disk_failure(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && !is_full(error)
}

/// A full disk: said as such, or met where the memory beside the log was to grow.
fn is_full(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    error.sqlite_error_code() == Some(ErrorCode::DiskFull) || code == Some(IOERR_SHMSIZE)
}

/// Gives an error of `SQLite` its meaning for the store at `path`.
pub(super) fn sql_error(error: &rusqlite::Error, path: &Path) -> StoreError {
    let path = path.to_owned();
    if is_full(error) {
        return StoreError::Full { path };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore {
            path,
            why: "it is no SQLite database".to_owned(),
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Integrity {
            what: "the store file is damaged; what is left of it".to_owned(),
            seq: 0,
        },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Open {
                path,
                why: format!("SQLite says: {error}"),
            }
        }
        _ => match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => StoreError::Integrity {
                what: format!("a row that cannot be read ({error})"),
                seq: 0,
            },
            other => StoreError::Failed {
                why: other.to_string(),
            },
        },
    }
}
