//! One executor among all copies of a store that this user's processes open: a lock outside of them,
//! named by the store's id, beside the head that is kept of it.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::fault::Fault;
use crate::store::files::FILE_MODE;
use crate::store::{StoreError, genesis};

const DIRECTORY_MODE: u32 = 0o700;

/// Locks the store's id in `directory`; `None` where its journal is still empty, so that no copy of it
/// can have anything to execute, and where the directory cannot be used: `doctor` tells of that.
///
/// # Errors
/// [`StoreError::CopyExecutes`] where a process that executes for another copy holds it.
pub(super) fn lock(
    directory: &Path,
    store: &Path,
    conn: &Connection,
) -> Result<Option<File>, Fault> {
    let Some(id) = genesis::id(conn)? else {
        return Ok(None);
    };
    let Ok(file) = open(directory, &directory.join(format!("{id}.lock"))) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Fault::Told(StoreError::CopyExecutes {
            path: store.to_owned(),
        })),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn open(directory: &Path, path: &PathBuf) -> std::io::Result<File> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(directory)?;
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
}
