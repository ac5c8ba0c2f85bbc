//! The executor lease: an operating-system lock, which proves death at once, and a fencing
//! token, which stops a late holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};

use crate::domain::Timestamp;
use crate::domain::limits::LEASE_TRIES_MAX;
use crate::store::apply::write_checkpoint;
use crate::store::fault::Fault;
use crate::store::files::{FILE_MODE, beside};
use crate::store::journal::Tip;
use crate::store::prepare::store_entry;
use crate::store::{Fence, LeaseInfo, StoreError, written};

/// How long to wait before the lock is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(4);

/// The lease while this process holds it.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) fence: Fence,
    /// Locked, the first beside the store, the second for all its copies.
    lock: File,
    copies: Option<File>,
}

impl Held {
    pub(super) fn new(fence: Fence, lock: File, copies: Option<File>) -> Self {
        Self {
            fence,
            lock,
            copies,
        }
    }
}

impl Drop for Held {
    /// Gives the lock back by name: closing alone would leave it with a child of this process that
    /// stands between fork and exec. Where that fails, closing does it.
    fn drop(&mut self) {
        if let Some(copies) = &self.copies {
            drop(copies.unlock());
        }
        drop(self.lock.unlock());
    }
}

/// Locks the file beside the store; `None` where another process holds it.
pub(super) fn try_lock(store: &Path) -> Result<Option<File>, StoreError> {
    let file = open_lock(store)?;
    for _ in 0..LEASE_TRIES_MAX {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            // Whoever asks for the holder takes the lock for a moment; that is no holder.
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(TRY_AGAIN),
            Err(TryLockError::Error(error)) => return Err(no_lock(store, &error)),
        }
    }
    Ok(None)
}

/// Tells whether any process holds the lock now.
pub(super) fn is_locked(store: &Path) -> Result<bool, StoreError> {
    let file = open_lock(store)?;
    match file.try_lock_shared() {
        Ok(()) => {
            drop(file.unlock());
            Ok(false)
        }
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(no_lock(store, &error)),
    }
}

/// Records this process as the holder under a new token.
pub(super) fn take(conn: &Connection, tip: &mut Tip, at: Timestamp) -> Result<Fence, Fault> {
    let token = read(conn)?.token + 1;
    let pid = std::process::id();
    let host = host();
    let mut body = holder(Fence(token));
    body.insert("pid".to_owned(), Value::from(pid));
    body.insert("host".to_owned(), Value::from(host.clone()));
    tip.append(conn, &store_entry("executor_lease_taken", at, None, body)?)?;
    let changed = conn
        .prepare_cached("INSERT OR REPLACE INTO lease VALUES (1, ?1, ?2, ?3, ?4)")?
        .execute(params![token.cast_signed(), pid, host, at.0])?;
    written::one(changed, "the executor lease", tip.seq.cast_signed())?;
    Ok(Fence(token))
}

/// Gives the lease back and keeps the tip as a checkpoint.
pub(super) fn release(
    conn: &Connection,
    tip: &mut Tip,
    fence: Fence,
    at: Timestamp,
) -> Result<(), Fault> {
    if !fence_stands(conn, fence)? {
        return Err(Fault::Told(StoreError::Fenced));
    }
    let entry = store_entry("executor_lease_released", at, None, holder(fence))?;
    tip.append(conn, &entry)?;
    clear(conn)?;
    Ok(write_checkpoint(conn, *tip, at.0)?)
}

/// Tells whether `fence` is the newest token and was not given back.
pub(super) fn fence_stands(conn: &Connection, fence: Fence) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM lease WHERE id = 1 AND token = ?1 AND pid IS NOT NULL")?
        .exists([fence.0.cast_signed()])
}

/// The lease as last recorded, with `alive` still unknown and false.
pub(super) fn read(conn: &Connection) -> rusqlite::Result<LeaseInfo> {
    let found = conn
        .prepare_cached("SELECT token, pid, host, taken_at FROM lease WHERE id = 1")?
        .query_row([], |row| {
            Ok(LeaseInfo {
                token: row.get::<_, i64>(0)?.cast_unsigned(),
                pid: row.get(1)?,
                host: row.get(2)?,
                taken_at: row.get::<_, Option<i64>>(3)?.map(Timestamp),
                alive: false,
                stopped: false,
            })
        })
        .optional()?;
    Ok(found.unwrap_or(LeaseInfo {
        token: 0,
        pid: None,
        host: None,
        taken_at: None,
        alive: false,
        stopped: false,
    }))
}

/// Forgets the last holder, whom a person declared gone.
pub(super) fn clear(conn: &Connection) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE lease SET pid = NULL WHERE id = 1")?
        .execute([])
        .map(|_| ())
}

/// Tells whether a process of this machine is stopped; see `proc_pid_stat(5)`.
pub(super) fn is_stopped(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // The name before it may hold anything but ends with the last parenthesis.
    let state = stat
        .rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('T' | 't'))
}

fn holder(fence: Fence) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("token".to_owned(), Value::from(fence.0));
    body
}

fn open_lock(store: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(beside(store, ".lock"))
        .map_err(|error| no_lock(store, &error))
}

fn no_lock(store: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Open {
        path: store.to_owned(),
        why: format!("the lock file beside it cannot be used: {error}"),
    }
}

/// The machine's name, where the system tells it.
pub(super) fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
