//! The connection that writes, and whether it may.

use std::path::Path;

use rusqlite::Connection;

use crate::store::connection::{open_frozen, open_writer};
use crate::store::files::log_is_empty;
use crate::store::heads::{self, HeadFile};
use crate::store::sqlite::OpenOptions;
use crate::store::standing::Standing;
use crate::store::{StoreError, migrate};

/// Opens the store at `path` for writing and brings it up to date; `None` on a full disk, where
/// what was acknowledged stays readable and whatever is written opens it again.
pub(super) fn connection(
    path: &Path,
    options: &OpenOptions,
) -> Result<Option<Connection>, StoreError> {
    let opened = open_writer(path, options.synchronous).and_then(|conn| {
        migrate::up(&conn, path).map_err(|fault| fault.told(path))?;
        Ok(conn)
    });
    match opened {
        Err(StoreError::Full { .. }) if !options.create && log_is_empty(path) => {
            let frozen = open_frozen(path)?;
            migrate::up(&frozen, path).map_err(|fault| fault.told(path))?;
            Ok(None)
        }
        opened => opened.map(Some),
    }
}

/// Finds where the head of this store is kept, and has `standing` refuse a store that is not the
/// one whose head was seen.
pub(super) fn head(
    path: &Path,
    options: &OpenOptions,
    conn: Option<&Connection>,
    standing: &Standing,
) -> Result<Option<HeadFile>, StoreError> {
    let (Some(directory), Some(conn)) = (&options.heads, conn) else {
        return Ok(None);
    };
    let head = HeadFile::of(directory, path, conn).map_err(|fault| fault.told(path))?;
    if let Some(seen) = head.as_ref().and_then(HeadFile::read) {
        let stands = heads::check(conn, path, &seen);
        standing.refuse(stands.err().map(|fault| fault.told(path)));
    }
    Ok(head)
}
