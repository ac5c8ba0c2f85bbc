//! Counts the commits in a write-ahead log that nobody could reset meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::support::Outcome;

/// Bytes of the log's header and of each frame's, by the file format of `SQLite`.
const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Keeps the log of a store from beginning anew, by a snapshot that stays open.
#[derive(Debug)]
pub(crate) struct Kept {
    store: PathBuf,
    snapshot: Connection,
    before: Frames,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frames {
    pub(crate) frames: usize,
    pub(crate) commits: usize,
}

impl Kept {
    /// Takes the snapshot; the store must hold something already.
    pub(crate) fn take(store: &Path) -> Outcome<Self> {
        let snapshot = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        snapshot.execute_batch("BEGIN")?;
        snapshot.query_row("SELECT count(*) FROM lease", [], |_| Ok(()))?;
        Ok(Self {
            before: frames(store)?,
            store: store.to_owned(),
            snapshot,
        })
    }

    /// What was written since the snapshot.
    pub(crate) fn written(self) -> Outcome<Frames> {
        let now = frames(&self.store)?;
        self.snapshot.execute_batch("ROLLBACK")?;
        if now.frames < self.before.frames {
            return Err("the log began anew while it was counted".into());
        }
        Ok(Frames {
            frames: now.frames - self.before.frames,
            commits: now.commits - self.before.commits,
        })
    }
}

/// Reads the valid frames of the log beside `store`.
fn frames(store: &Path) -> Outcome<Frames> {
    let mut path = store.as_os_str().to_owned();
    path.push("-wal");
    let log = std::fs::read(path)?;
    let mut counted = Frames::default();
    let (Some(page), Some(salts)) = (log.get(8..12), log.get(16..24)) else {
        return Ok(counted);
    };
    let page = u32::from_be_bytes(page.try_into()?);
    let size = FRAME_HEADER + usize::try_from(page)?;
    let body = log.get(HEADER..).unwrap_or_default();
    for frame in body.chunks_exact(size) {
        if frame.get(8..16) != Some(salts) {
            break;
        }
        counted.frames += 1;
        // The size of the file after the transaction stands on its last frame alone.
        counted.commits += usize::from(frame.get(4..8) != Some(&[0; 4]));
    }
    Ok(counted)
}
