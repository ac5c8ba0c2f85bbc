//! The newest head of each store that this user's processes saw, kept outside of the store: a file
//! that was put back from an older copy, or whose tail was cut off, is told by it.
//!
//! Written beside the commits, never on their way: at most once a second, and when the store is
//! closed. A process that is killed leaves a head at most a second old.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rustix::fs::Access;
use serde::{Deserialize, Serialize};

use crate::domain::Digest;
use crate::domain::limits::HEAD_BYTES_MAX;
use crate::store::fault::Fault;
use crate::store::files::FILE_MODE;
use crate::store::journal::{Tip, hash_at};
use crate::store::{StoreError, genesis};

/// The time between two writes.
const KEEP_EVERY: Duration = Duration::from_secs(1);
const DIRECTORY_MODE: u32 = 0o700;

/// A head as it was seen, and in which file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) seq: u64,
    pub(super) hash: Digest,
    /// The store's file: a copy is another one.
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// Where one store's head is kept.
#[derive(Clone, Debug)]
pub(super) struct HeadFile {
    path: PathBuf,
    store: PathBuf,
}

impl HeadFile {
    /// `None` where the journal is still empty: there is nothing to tell it by.
    pub(super) fn of(
        directory: &Path,
        store: &Path,
        conn: &Connection,
    ) -> Result<Option<Self>, Fault> {
        let id = genesis::id(conn)?;
        Ok(id.map(|id| Self {
            path: directory.join(format!("{id}.json")),
            store: store.to_owned(),
        }))
    }

    /// The head that was kept last; `None` where none was, or what is there is none.
    pub(super) fn read(&self) -> Option<Seen> {
        self.look().ok().flatten()
    }

    /// The head that was kept last, where one was.
    ///
    /// # Errors
    /// Why what is there tells nothing.
    pub(super) fn look(&self) -> Result<Option<Seen>, String> {
        let shown = self.path.display();
        let found = match fs::symlink_metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{shown} cannot be looked up: {error}")),
        };
        if !found.is_file() {
            return Err(format!("{shown} is no regular file"));
        }
        if found.len() == 0 {
            return Err(format!("{shown} is empty"));
        }
        if found.len() > HEAD_BYTES_MAX {
            return Err(format!("{shown} is larger than any head"));
        }
        let bytes =
            fs::read(&self.path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| format!("{shown} holds no head: {error}"))
    }

    /// Why the next head cannot be kept, where that can be told beforehand.
    pub(super) fn unkept(&self) -> Option<String> {
        let directory = self.path.parent()?;
        let there = directory.ancestors().find(|place| place.exists())?;
        let shown = there.display();
        if !there.is_dir() {
            return Some(format!("{shown} is no directory"));
        }
        let writes = rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK);
        let why = writes.err()?;
        Some(format!("{shown} cannot be written to: {why}"))
    }

    /// Tells whether `seen` was seen in this very file.
    pub(super) fn is_same_file(&self, seen: &Seen) -> bool {
        fs::metadata(&self.store)
            .is_ok_and(|now| (now.dev(), now.ino()) == (seen.device, seen.inode))
    }

    /// Keeps `tip`, unless a newer one was kept meanwhile and `back` does not say to go back.
    pub(super) fn write(&self, tip: Tip, back: bool) -> std::io::Result<()> {
        if !back && self.read().is_some_and(|seen| seen.seq >= tip.seq) {
            return Ok(());
        }
        let found = fs::metadata(&self.store)?;
        let seen = Seen {
            seq: tip.seq,
            hash: tip.hash,
            device: found.dev(),
            inode: found.ino(),
        };
        let Some(directory) = self.path.parent() else {
            return Ok(());
        };
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(directory)?;
        let mut file = tempfile::Builder::new()
            .permissions(Permissions::from_mode(FILE_MODE))
            .tempfile_in(directory)?;
        file.write_all(&serde_json::to_vec(&seen)?)?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// Refuses a store that is not the one whose head was `seen`, or what came after it.
pub(super) fn check(conn: &Connection, path: &Path, seen: &Seen) -> Result<(), Fault> {
    let found = Tip::read(conn)?.seq;
    if found < seen.seq {
        return Err(Fault::Told(StoreError::OlderCopy {
            path: path.to_owned(),
            found,
            seen: seen.seq,
        }));
    }
    if hash_at(conn, seen.seq)? != Some(seen.hash) {
        return Err(Fault::Told(StoreError::OtherHistory {
            path: path.to_owned(),
            seq: seen.seq,
        }));
    }
    Ok(())
}

/// Keeps the heads of one store as it is written.
#[derive(Debug)]
pub(super) struct Heads {
    directory: PathBuf,
    store: PathBuf,
    /// Known once there is a first event.
    file: Option<HeadFile>,
    keeper: Keeper,
}

impl Heads {
    pub(super) fn start(directory: PathBuf, store: PathBuf) -> Result<Self, StoreError> {
        let keeper = Keeper::start().map_err(|error| StoreError::Open {
            path: store.clone(),
            why: format!("the thread that keeps its head cannot start: {error}"),
        })?;
        Ok(Self {
            directory,
            store,
            file: None,
            keeper,
        })
    }

    /// Notes the newest commit; `conn` is asked for the store's id once.
    pub(super) fn note(&mut self, conn: &Connection, tip: Tip) {
        if self.file.is_none() {
            // Where it cannot be read now it is asked for again after the next commit.
            self.file = HeadFile::of(&self.directory, &self.store, conn)
                .ok()
                .flatten();
        }
        if let Some(file) = &self.file {
            self.keeper.give(file.clone(), tip);
        }
    }

    /// Writes what was noted last, and returns once it is written.
    pub(super) fn flush(&self) {
        write_newest(&self.keeper.newest);
    }
}

/// A thread that keeps the newest tip it was given.
#[derive(Debug)]
struct Keeper {
    newest: Arc<Newest>,
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    fn start() -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(1);
        let newest = Arc::new(Newest::default());
        let given = Arc::clone(&newest);
        let thread = std::thread::Builder::new()
            .name("store-heads".to_owned())
            .spawn(move || serve(&given, &stopped))?;
        Ok(Self {
            newest,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn give(&self, file: HeadFile, tip: Tip) {
        *lock(&self.newest.noted) = Some((file, tip));
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported by the thread itself.
            drop(thread.join());
        }
    }
}

fn serve(newest: &Newest, stopped: &Receiver<()>) {
    loop {
        let waited = stopped.recv_timeout(KEEP_EVERY);
        write_newest(newest);
        if waited != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// The tip that was noted last and is not written yet.
#[derive(Debug, Default)]
struct Newest {
    noted: Mutex<Option<(HeadFile, Tip)>>,
    /// Held while one is written, so that whoever finds nothing noted waits for that.
    writing: Mutex<()>,
}

fn write_newest(newest: &Newest) {
    let _writing = lock(&newest.writing);
    let noted = lock(&newest.noted).take();
    if let Some((file, tip)) = noted {
        // Without a place for it no head is kept, and `doctor` says so.
        drop(file.write(tip, false));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
