//! Copies the write-ahead log into the store file beside the writer, which would otherwise stand
//! still for every flush of that file.
//!
//! While commits go on, a pass ends behind the newest frame and the log cannot begin anew: once it
//! is [`WAL_FRAMES_MAX`](crate::domain::limits::WAL_FRAMES_MAX) long the writer copies the little
//! that is left itself.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::wal::CheckpointMode;

use crate::store::StoreError;
use crate::store::connection::{self, Synchronous};
use crate::store::fault::{Reach, reach};
use crate::store::standing::Standing;

/// A thread that copies when it is asked to.
#[derive(Debug)]
pub(super) struct Copier {
    asks: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Copier {
    /// Starts the thread; it sets `standing` where a pass finds that the disk failed.
    pub(super) fn start(
        path: PathBuf,
        synchronous: Synchronous,
        standing: Standing,
    ) -> Result<Self, StoreError> {
        let (asks, asked) = sync_channel(1);
        let of = path.clone();
        let thread = std::thread::Builder::new()
            .name("store-copier".to_owned())
            .spawn(move || {
                if let Err(why) = serve(&of, synchronous, &asked) {
                    standing.break_off(why);
                }
            })
            .map_err(|error| StoreError::Open {
                path,
                why: format!("the thread that copies its log cannot start: {error}"),
            })?;
        Ok(Self {
            asks: Some(asks),
            thread: Some(thread),
        })
    }

    /// Asks for one pass. One that is asked for already is enough.
    pub(super) fn ask(&self) {
        match self.asks.as_ref().map(|asks| asks.try_send(())) {
            None | Some(Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(()))) => {}
        }
    }

    /// Begins no further pass.
    pub(super) fn stop(&mut self) {
        self.asks = None;
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            // A panic was reported by the thread itself; the writer copies what it left.
            drop(thread.join());
        }
    }
}

/// Copies the log of `conn` as far as nobody is in the way; tells whether it got to do so.
///
/// # Errors
/// The disk failed: what is durable can no longer be told.
pub(super) fn copy(conn: &Connection) -> rusqlite::Result<bool> {
    let path = Path::new(conn.path().unwrap_or_default());
    match conn.wal_checkpoint_v2(Some(rusqlite::MAIN_DB), CheckpointMode::PASSIVE) {
        Ok(_) => Ok(true),
        Err(error) if reach(&error, path) == Reach::Fatal => Err(error),
        // Somebody else copies, or the disk is full for now: the log waits.
        Err(_) => Ok(false),
    }
}

fn serve(path: &Path, synchronous: Synchronous, asked: &Receiver<()>) -> Result<(), String> {
    let mut conn = None;
    while asked.recv().is_ok() {
        if conn.is_none() {
            conn = open(path, synchronous);
        }
        if let Some(conn) = &conn {
            copy(conn).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// A connection of its own; none where it cannot be had now: the writer copies meanwhile.
fn open(path: &Path, synchronous: Synchronous) -> Option<Connection> {
    let conn = connection::open_writer(path, synchronous).ok()?;
    // Only the writer may copy the log when it closes.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .ok()?;
    Some(conn)
}
