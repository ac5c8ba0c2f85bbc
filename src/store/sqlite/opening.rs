//! The connection that writes, and whether it may.

use std::path::Path;

use rusqlite::Connection;

use crate::store::connection::{open_frozen, open_writer};
use crate::store::files::log_is_empty;
use crate::store::heads::{self, HeadFile};
use crate::store::sqlite::OpenOptions;
use crate::store::standing::Standing;
use crate::store::{SqliteStore, StoreError, disk, migrate, schema};

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
/// one whose head was seen. Also answers why what is kept there tells nothing.
pub(super) fn head(
    path: &Path,
    options: &OpenOptions,
    conn: Option<&Connection>,
    standing: &Standing,
) -> Result<(Option<HeadFile>, Option<String>), StoreError> {
    let (Some(directory), Some(conn)) = (&options.heads, conn) else {
        return Ok((None, None));
    };
    let head = HeadFile::of(directory, path, conn).map_err(|fault| fault.told(path))?;
    let (seen, trouble) = match head.as_ref().map(HeadFile::look) {
        Some(Ok(seen)) => (seen, None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    if let Some(seen) = seen
        && let Err(fault) = heads::check(conn, path, &seen)
    {
        standing.refuse(Some(fault.told(path)));
    }
    let unkept = || head.as_ref().and_then(HeadFile::unkept);
    let trouble = trouble.or_else(unkept);
    Ok((head, trouble))
}

/// Has `standing` refuse a store whose schema is not this program's. It can still be read.
pub(super) fn schema(
    path: &Path,
    conn: Option<&Connection>,
    standing: &Standing,
) -> Result<(), StoreError> {
    let Some(conn) = conn else {
        return Ok(());
    };
    match schema::check(conn, path).map_err(|fault| fault.told(path)) {
        Err(error @ StoreError::Schema { .. }) => {
            standing.refuse(Some(error));
            Ok(())
        }
        checked => checked,
    }
}

impl SqliteStore {
    /// Bytes that there is still room for beside the store; none where the file system does not say.
    pub fn room(&self) -> Option<u64> {
        disk::room(self.path.parent()?)
    }

    /// Why what is kept as this store's head tells nothing, or no head can be kept; a head that was
    /// never kept is no trouble.
    pub fn head_trouble(&self) -> Option<&str> {
        self.head_trouble.as_deref()
    }
}
