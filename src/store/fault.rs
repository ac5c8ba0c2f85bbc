//! What stopped a piece of work on a connection, and what that means to the caller.

use std::path::Path;

use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE as IOERR_SHMSIZE;

use crate::store::{StoreError, disk, unwritable};

/// By so much the memory beside the log grows (`SQLite` WAL-mode file format §2).
const SHARED_MEMORY_BYTES: u64 = 32 * 1024;

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

    /// How far it reaches in the store at `path`.
    pub(super) fn reach(&self, path: &Path) -> Reach {
        match self {
            Self::Told(_) => Reach::Local,
            Self::Sql(error) => reach(error, path),
        }
    }
}

/// Tells how far `error` reaches in the store at `path`.
pub(super) fn reach(error: &rusqlite::Error, path: &Path) -> Reach {
    if is_full(error, path) {
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
pub(super) fn is_disk_failure(error: &rusqlite::Error, path: &Path) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && !is_full(error, path)
}

/// A full disk: said as such, or met where the memory beside the log was to grow. There `SQLite`
/// tells a full disk and a failing one by the same code, so the file system is asked.
fn is_full(error: &rusqlite::Error, path: &Path) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || code == Some(IOERR_SHMSIZE) && disk::has_no_room(path, SHARED_MEMORY_BYTES)
}

/// Gives an error of `SQLite` its meaning for the store at `path`.
pub(super) fn sql_error(error: &rusqlite::Error, path: &Path) -> StoreError {
    let path = path.to_owned();
    if is_full(error, &path) {
        return StoreError::Full { path };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        Some(ErrorCode::NotADatabase) => StoreError::NotAStore {
            path,
            why: "it is no SQLite database".to_owned(),
        },
        Some(ErrorCode::SystemIoFailure) => StoreError::Disk {
            path,
            why: error.to_string(),
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Integrity {
            what: "the store file is damaged; what is left of it".to_owned(),
            seq: 0,
        },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            let why = unwritable::why(&path);
            StoreError::Open {
                path,
                why: why.unwrap_or_else(|| format!("SQLite says: {error}")),
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
            other => match amiss(other) {
                Some(what) => StoreError::Schema { path, what },
                None => StoreError::Failed {
                    why: other.to_string(),
                },
            },
        },
    }
}

/// What of the schema is amiss where a statement of this program does not fit it.
fn amiss(error: &rusqlite::Error) -> Option<String> {
    let said = match error {
        rusqlite::Error::SqliteFailure(_, Some(said)) => said,
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        _ => return None,
    };
    let missing = ["table", "index", "view", "column"].into_iter();
    let missing = missing.map(|kind| (kind, format!("no such {kind}: ")));
    for (kind, prefix) in missing {
        if let Some(name) = said.strip_prefix(&prefix) {
            let name = name.strip_prefix("main.").unwrap_or(name);
            return Some(format!("the {kind} {name} is missing"));
        }
    }
    let misfits = [
        "no query solution",
        "has no column named",
        " values were supplied",
    ];
    let misfit = misfits.into_iter().any(|misfit| said.contains(misfit));
    misfit.then(|| format!("a table or an index is another one ({said})"))
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, ffi};

    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn a_disk_that_fails_is_not_told_as_full() {
        // There is room here, so what kept the memory beside the log from growing was no want of it.
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        for code in [
            ffi::SQLITE_IOERR_SHMOPEN,
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_IOERR_SHMMAP,
            ffi::SQLITE_IOERR_SHMLOCK,
            ffi::SQLITE_IOERR_WRITE,
        ] {
            let error = failure(code);
            assert_eq!(reach(&error, &path), Reach::Fatal, "{code}");
            assert!(is_disk_failure(&error, &path), "{code}");
            let told = sql_error(&error, &path);
            assert!(matches!(told, StoreError::Disk { .. }), "{told:?}");
            let sentence = told.to_string();
            assert!(sentence.contains("store.db"), "{sentence}");
            assert!(sentence.contains("check the disk"), "{sentence}");
        }
    }

    #[test]
    fn a_full_disk_is_told_as_full_where_the_memory_beside_the_log_was_to_grow() {
        let full = Path::new("/sys/store.db");
        assert!(disk::has_no_room(full, 1), "this file system has no blocks");
        let error = failure(ffi::SQLITE_IOERR_SHMSIZE);
        assert_eq!(reach(&error, full), Reach::Passing);
        assert!(!is_disk_failure(&error, full));
        assert!(matches!(sql_error(&error, full), StoreError::Full { .. }));
    }

    #[test]
    fn a_statement_that_misses_its_table_tells_what_is_amiss_and_not_what_sqlite_says() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE runs (id)").unwrap();
        for (sql, named) in [
            ("SELECT 1 FROM packets", "the table packets is missing"),
            (
                "SELECT 1 FROM runs INDEXED BY runs_by_key",
                "the index runs_by_key is missing",
            ),
            ("SELECT state FROM runs", "the column state is missing"),
            ("INSERT INTO runs VALUES (1, 2)", "is another one"),
        ] {
            let error = conn.prepare(sql).unwrap_err();
            let told = sql_error(&error, Path::new("s.db"));
            assert!(matches!(told, StoreError::Schema { .. }), "{told:?}");
            assert!(told.to_string().contains(named), "{told}");
        }
    }
}
