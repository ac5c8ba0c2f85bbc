//! A small pool of connections that cannot write. Readers never wait for the writer.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::domain::limits::READERS_IDLE_MAX;
use crate::store::StoreError;
use crate::store::connection::{open_frozen, open_reader};
use crate::store::fault::{Fault, is_disk_failure};
use crate::store::files::log_is_empty;
use crate::store::standing::Standing;

/// Idle connections, opened when they are first needed.
pub(super) struct Readers {
    path: PathBuf,
    standing: Standing,
    idle: Mutex<Vec<Connection>>,
    /// Sees the commits of every other connection, this process's writer included.
    watcher: Mutex<Option<Connection>>,
}

impl Readers {
    pub(super) fn new(path: PathBuf, standing: Standing) -> Self {
        Self {
            path,
            standing,
            idle: Mutex::new(Vec::new()),
            watcher: Mutex::new(None),
        }
    }

    /// Runs `read` on a connection of its own.
    pub(super) fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let idle = self.lock_idle().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => match open_reader(&self.path) {
                // Without a log the file is whole by itself; it is read so this once.
                Err(StoreError::Full { .. }) if log_is_empty(&self.path) => {
                    return self.with_frozen(read);
                }
                opened => opened?,
            },
        };
        let result = read(&conn).map_err(|fault| {
            if let Fault::Sql(error) = &fault
                && is_disk_failure(error, &self.path)
            {
                self.standing.break_off(error.to_string());
            }
            fault.told(&self.path)
        });
        let mut idle = self.lock_idle();
        // A connection that is still inside a transaction would show an old state for ever.
        if conn.is_autocommit() && idle.len() < READERS_IDLE_MAX {
            idle.push(conn);
        }
        drop(idle);
        result
    }

    /// Reads the file alone, on a disk that has no room for what belongs beside it.
    fn with_frozen<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let conn = open_frozen(&self.path)?;
        read(&conn).map_err(|fault| fault.told(&self.path))
    }

    /// Runs `read` on one snapshot, however many statements it takes.
    pub(super) fn with_snapshot<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.with(|conn| {
            conn.execute_batch("BEGIN")?;
            let result = read(conn);
            conn.execute_batch("COMMIT")?;
            result
        })
    }

    /// `SQLite`'s counter of commits by others, as this one connection sees them.
    pub(super) fn data_version(&self) -> Result<i64, StoreError> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            *watcher = Some(open_reader(&self.path)?);
        }
        let conn = watcher.as_ref().ok_or(StoreError::Closed)?;
        conn.prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(|error| Fault::Sql(error).told(&self.path))
    }

    /// Closes every idle connection. The last connection to close copies the log into the file,
    /// which one that cannot write cannot do.
    pub(super) fn close(&self) {
        self.lock_idle().clear();
        *self.watcher.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
