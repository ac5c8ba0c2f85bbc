//! The one writer: a thread that drains the queue into one transaction for each fsync.
//!
//! | what fails | what is done | answer |
//! |---|---|---|
//! | one command's check | its savepoint is rolled back, the group goes on | why |
//! | anything before COMMIT | the transaction is rolled back | full, busy or failed |
//! | COMMIT: disk full, busy | the file is reopened and read | committed, full or busy |
//! | COMMIT: anything else | this process writes nothing more | not known |
//!
//! An fsync is never tried twice: after a failed one the pages count as clean although they are
//! not on the disk. A failed COMMIT may still be durable.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;

use crate::domain::Timestamp;
use crate::domain::limits::{WAL_COPY_FRAMES, WAL_FRAMES_MAX};
use crate::store::apply::{apply, run_cached};
use crate::store::connection::{self, Synchronous};
use crate::store::copier::{self, Copier};
use crate::store::fault::{Fault, Reach, reach};
use crate::store::genesis;
use crate::store::heads::Heads;
use crate::store::journal::Tip;
use crate::store::place::Place;
use crate::store::queue::{Queue, Queued, Work};
use crate::store::standing::Standing;
use crate::store::{Committed, StoreError};

/// Commands under way at once below which the writer waits for none.
const BUSY_MIN: usize = 4;
/// Commands beyond which a larger group saves nothing that counts.
const GATHERED_MAX: usize = 32;

/// The only connection of this process that writes.
pub(super) struct Writer {
    path: PathBuf,
    synchronous: Synchronous,
    place: Place,
    /// Ends before the connection below does, which copies the rest of the log.
    copier: Copier,
    /// None while the file could not be opened.
    conn: Option<Connection>,
    standing: Standing,
    heads: Option<Heads>,
    /// The newest event that is durable, until its head was noted.
    committed: Option<Tip>,
    /// Frames in the write-ahead log after the last commit.
    frames: Arc<AtomicU64>,
    /// Frames at which the copier is asked next.
    ask_at: u64,
    /// Frames at which the writer copies the log itself.
    copy_at: u64,
}

/// Why a transaction is not there, or may not be.
enum Lost {
    /// It is certainly not there.
    Not(StoreError),
    /// Nobody can tell before the store was read anew.
    Unknown(String),
}

impl Writer {
    pub(super) fn new(
        path: PathBuf,
        synchronous: Synchronous,
        conn: Option<Connection>,
        (standing, heads): (Standing, Option<Heads>),
    ) -> Result<Self, StoreError> {
        let mut writer = Self {
            place: Place::of(&path)?,
            copier: Copier::start(path.clone(), synchronous, standing.clone())?,
            path,
            synchronous,
            conn: None,
            standing,
            heads,
            committed: None,
            frames: Arc::new(AtomicU64::new(0)),
            ask_at: WAL_COPY_FRAMES,
            copy_at: WAL_FRAMES_MAX,
        };
        if let Some(conn) = conn {
            writer.adopt(conn)?;
        }
        Ok(writer)
    }

    /// Serves `queue` until it is closed and empty.
    pub(super) fn serve(mut self, queue: &Queue) {
        let _closing = Closing(queue);
        let mut wanted = 0;
        while let Some(work) = queue.take(wanted) {
            match work {
                Work::Group(group) => {
                    let written = group.len();
                    self.write_group(group);
                    wanted = likely(written, queue.waiting());
                }
                Work::Alone(work) => work(&mut self),
            }
            self.copy_log();
            self.note_head();
        }
    }

    /// Writes the newest head now: the process may end before its keeper does.
    pub(super) fn keep_head(&mut self) {
        self.note_head();
        if let Some(heads) = &self.heads {
            heads.flush();
        }
    }

    fn note_head(&mut self) {
        if let (Some(heads), Some(conn), Some(tip)) =
            (&mut self.heads, &self.conn, self.committed.take())
        {
            heads.note(conn, tip);
        }
    }

    /// Runs `work` in a transaction of its own.
    pub(super) fn transact<T>(
        &mut self,
        at: Timestamp,
        work: impl FnOnce(&Connection, &mut Tip) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let result = self.in_transaction(at, |conn, tip| work(conn, tip));
        result.map_err(|lost| match lost {
            Lost::Not(error) => error,
            Lost::Unknown(why) => StoreError::CommitUnknown { why },
        })
    }

    fn write_group(&mut self, group: Vec<Queued>) {
        let Some(at) = group.first().map(|(command, _)| command.at) else {
            return;
        };
        let path = self.path.clone();
        let results = self.in_transaction(at, |conn, tip| {
            let mut results = Vec::with_capacity(group.len());
            for (command, _) in &group {
                results.push(match apply(conn, tip, command) {
                    Ok(committed) => Ok(committed),
                    Err(fault) if fault.reach(&path) == Reach::Local => Err(fault),
                    Err(fault) => return Err(fault),
                });
            }
            Ok(results)
        });
        match results {
            Ok(results) => {
                for ((_, answer), result) in group.into_iter().zip(results) {
                    tell(answer, result.map_err(|fault| fault.told(&self.path)));
                }
            }
            Err(lost) => {
                for (_, answer) in group {
                    tell(answer, Err(lost.error()));
                }
            }
        }
    }

    /// One transaction from BEGIN to a COMMIT whose outcome is known, if it can be.
    fn in_transaction<T>(
        &mut self,
        at: Timestamp,
        work: impl FnOnce(&Connection, &mut Tip) -> Result<T, Fault>,
    ) -> Result<T, Lost> {
        if let Err(error) = self.standing.check() {
            self.leave_as_it_is();
            return Err(Lost::Not(error));
        }
        self.place.check().map_err(Lost::Not)?;
        let conn = self.connection().map_err(Lost::Not)?;
        let mut tip = Tip {
            seq: 0,
            hash: crate::domain::Digest::ZERO,
        };
        let done = run_cached(conn, "BEGIN IMMEDIATE")
            .map_err(Fault::Sql)
            .and_then(|()| {
                tip = Tip::read(conn)?;
                genesis::ensure(conn, &mut tip, at)?;
                work(conn, &mut tip)
            });
        match done {
            Ok(value) => {
                if let Err(error) = run_cached(conn, "COMMIT") {
                    self.settle(error, tip)?;
                }
                self.committed = Some(tip);
                Ok(value)
            }
            Err(fault) => Err(Lost::Not(self.give_up(fault))),
        }
    }

    /// Rolls back after a failure before COMMIT: nothing of the transaction can be durable.
    fn give_up(&mut self, fault: Fault) -> StoreError {
        if fault.reach(&self.path) == Reach::Fatal {
            self.die(&fault);
        }
        let clean = self
            .conn
            .as_ref()
            .is_some_and(|conn| conn.is_autocommit() || conn.execute_batch("ROLLBACK").is_ok());
        if !clean {
            self.conn = None;
        }
        fault.told(&self.path)
    }

    /// Finds out whether the transaction that ended at `tip` is durable although COMMIT failed.
    fn settle(&mut self, error: rusqlite::Error, tip: Tip) -> Result<(), Lost> {
        let reach = reach(&error, &self.path);
        let fault = Fault::Sql(error);
        if reach != Reach::Passing {
            self.die(&fault);
            self.conn = None;
            return Err(Lost::Unknown(fault.told(&self.path).to_string()));
        }
        // Closing the connection drops whatever the failed COMMIT left in memory.
        self.conn = None;
        let stands = self
            .connection()
            .map_err(Fault::Told)
            .and_then(|conn| Ok(tip.stands(conn)?));
        match stands {
            Ok(true) => Ok(()),
            Ok(false) => Err(Lost::Not(fault.told(&self.path))),
            Err(unread) => Err(Lost::Unknown(unread.told(&self.path).to_string())),
        }
    }

    /// From here on this process writes nothing more.
    fn die(&mut self, fault: &Fault) {
        self.standing.break_off(match fault {
            Fault::Told(error) => error.to_string(),
            Fault::Sql(error) => error.to_string(),
        });
        self.leave_as_it_is();
    }

    fn leave_as_it_is(&mut self) {
        self.copier.stop();
        if let Some(conn) = &self.conn {
            // Closing the last connection would copy the log, which is a write. Where even this
            // switch fails, closing fails as well.
            drop(conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true));
        }
    }

    /// The connection, reopened where it was dropped.
    fn connection(&mut self) -> Result<&Connection, StoreError> {
        if self.conn.is_none() {
            let conn = connection::open_writer(&self.path, self.synchronous)?;
            self.adopt(conn)?;
        }
        self.conn.as_ref().ok_or(StoreError::Closed)
    }

    fn adopt(&mut self, mut conn: Connection) -> Result<(), StoreError> {
        let frames = Arc::clone(&self.frames);
        let hook = move |_: &mut Wal, pages: i32| {
            frames.store(u64::try_from(pages).unwrap_or(0), Ordering::Relaxed);
            Ok(())
        };
        conn.wal_hook(Some(hook))
            .map_err(|error| Fault::Sql(error).told(&self.path))?;
        self.conn = Some(conn);
        Ok(())
    }

    /// Has the log copied into the file as it grows, after the answers are out. `SQLite`'s own
    /// automatic copy would hide its errors.
    fn copy_log(&mut self) {
        let frames = self.frames.load(Ordering::Relaxed);
        // The log began anew since it was last copied.
        if frames + WAL_COPY_FRAMES < self.ask_at {
            self.ask_at = WAL_COPY_FRAMES;
            self.copy_at = WAL_FRAMES_MAX;
        }
        if frames >= self.copy_at {
            self.copy_at = frames + WAL_COPY_FRAMES;
            if let Some(Err(error)) = self.conn.as_ref().map(copier::copy) {
                self.die(&Fault::Sql(error));
            }
        } else if frames >= self.ask_at {
            self.ask_at = frames + WAL_COPY_FRAMES;
            self.copier.ask();
        }
    }
}

impl Lost {
    fn error(&self) -> StoreError {
        match self {
            Self::Not(error) => error.clone(),
            Self::Unknown(why) => StoreError::CommitUnknown { why: why.clone() },
        }
    }
}

/// Closes the queue when the writer ends, even by a panic, and answers what is left in it.
struct Closing<'a>(&'a Queue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        while let Some(work) = self.0.take(0) {
            if let Work::Group(group) = work {
                for (_, answer) in group {
                    tell(answer, Err(StoreError::Closed));
                }
            }
        }
    }
}

/// Sends an answer; nobody may be waiting for it any more, which changes nothing.
fn tell(
    answer: tokio::sync::oneshot::Sender<Result<Committed, StoreError>>,
    result: Result<Committed, StoreError>,
) {
    drop(answer.send(result));
}

/// Commands the next group may well hold: those who were just answered and those who wait now are
/// busy together. One who works alone is never waited for.
fn likely(written: usize, waiting: usize) -> usize {
    let busy = written + waiting;
    if busy < BUSY_MIN {
        return 0;
    }
    (busy * 3 / 4).min(GATHERED_MAX)
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;
    use crate::store::files;
    use crate::store::prepare::{Entry, store_entry};

    const NOW: Timestamp = Timestamp(1);

    struct Given {
        writer: Writer,
        _directory: tempfile::TempDir,
    }

    fn given() -> Given {
        let directory = tempfile::tempdir().unwrap();
        let path = files::ready(&directory.path().join("store.db"), true).unwrap();
        let conn = connection::open_writer(&path, Synchronous::Full).unwrap();
        Given {
            writer: Writer::new(path, Synchronous::Full, Some(conn), Default::default()).unwrap(),
            _directory: directory,
        }
    }

    fn entry(bytes: usize) -> Entry {
        let mut body = serde_json::Map::new();
        body.insert("note".to_owned(), "x".repeat(bytes).into());
        store_entry("note", NOW, None, body).unwrap()
    }

    fn write(writer: &mut Writer, bytes: usize) -> Result<Tip, StoreError> {
        writer.transact(NOW, |conn, tip| {
            tip.append(conn, &entry(bytes))?;
            Ok(*tip)
        })
    }

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    fn tip(writer: &Writer) -> Tip {
        Tip::read(writer.conn.as_ref().unwrap()).unwrap()
    }

    #[test]
    fn a_full_disk_refuses_and_goes_on_once_there_is_room() {
        let mut given = given();
        let writer = &mut given.writer;
        let before = write(writer, 1).unwrap();
        let conn = writer.conn.as_ref().unwrap();
        conn.pragma_update(None, "max_page_count", 1).unwrap();
        let refused = write(writer, 1_000_000);
        assert!(
            matches!(refused, Err(StoreError::Full { .. })),
            "{refused:?}"
        );
        assert_eq!(tip(writer), before);
        let conn = writer.conn.as_ref().unwrap();
        conn.pragma_update(None, "max_page_count", i32::MAX)
            .unwrap();
        assert_eq!(write(writer, 1).unwrap().seq, before.seq + 1);
    }

    #[test]
    fn a_failed_commit_is_settled_by_reading_the_file_anew() {
        let mut given = given();
        let writer = &mut given.writer;
        let there = write(writer, 1).unwrap();
        assert!(writer.settle(failure(ffi::SQLITE_FULL), there).is_ok());
        let lost = Tip {
            seq: there.seq + 1,
            hash: there.hash,
        };
        let full = writer.settle(failure(ffi::SQLITE_FULL), lost);
        assert!(matches!(full, Err(Lost::Not(StoreError::Full { .. }))));
        let other = Tip {
            seq: there.seq,
            hash: crate::domain::Digest::ZERO,
        };
        let busy = writer.settle(failure(ffi::SQLITE_BUSY), other);
        assert!(matches!(busy, Err(Lost::Not(StoreError::Busy { .. }))));
        assert!(write(writer, 1).is_ok());
    }

    #[test]
    fn after_a_failed_sync_nothing_more_is_written() {
        let mut given = given();
        let writer = &mut given.writer;
        let there = write(writer, 1).unwrap();
        let unknown = writer.settle(failure(ffi::SQLITE_IOERR_FSYNC), there);
        assert!(matches!(unknown, Err(Lost::Unknown(_))));
        let refused = write(writer, 1);
        assert!(
            matches!(refused, Err(StoreError::Broken { .. })),
            "{refused:?}"
        );
    }
}
