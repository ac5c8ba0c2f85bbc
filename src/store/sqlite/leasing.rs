//! The executor lease of one store: who may send.

use std::fs::File;
use std::sync::PoisonError;

use crate::domain::Timestamp;
use crate::store::heads::{self, HeadFile};
use crate::store::lease::{self, Held};
use crate::store::sqlite::SqliteStore;
use crate::store::{Fence, LeaseInfo, Store as _, StoreError, copies, verify};

impl SqliteStore {
    pub(super) fn lease_taken(&self, at: Timestamp) -> Result<Option<Fence>, StoreError> {
        self.standing.check()?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(fence) = held.as_ref().map(|held| held.fence) {
            if self.fence_holds(fence)? {
                return Ok(Some(fence));
            }
            // Somebody took the lease all the same: what is locked here keeps nobody out.
            *held = None;
        }
        let Some(lock) = lease::try_lock(&self.path)? else {
            return Ok(None);
        };
        let copies = self.lock_copies()?;
        self.refuse_older()?;
        self.refuse_other_host()?;
        self.readers.with(verify::tail)?;
        let fence = self.transact(at, move |conn, tip| lease::take(conn, tip, at))?;
        // A journal that was empty has an id now.
        let copies = copies.map_or_else(|| self.lock_copies(), |lock| Ok(Some(lock)))?;
        *held = Some(Held::new(fence, lock, copies));
        Ok(Some(fence))
    }

    pub(super) fn lease_given_back(&self, fence: Fence, at: Timestamp) -> Result<(), StoreError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // The lock goes when this returns, whether or not the journal took the note.
        let Some(_unlocked) = held.take_if(|held| held.fence == fence) else {
            return Err(StoreError::Fenced);
        };
        self.transact(at, move |conn, tip| lease::release(conn, tip, fence, at))?;
        // Whoever executes for another copy next finds by this head that it is older.
        self.keep_head();
        Ok(())
    }

    pub(super) fn lease_as_it_stands(&self) -> Result<LeaseInfo, StoreError> {
        let mut info = self.readers.with(|conn| Ok(lease::read(conn)?))?;
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        info.alive = held.is_some() || lease::is_locked(&self.path)?;
        let here = info.host.is_some() && info.host == lease::host();
        info.stopped = info.alive && here && info.pid.is_some_and(lease::is_stopped);
        Ok(info)
    }

    /// Keeps other copies of this store from having an executor, where heads are kept at all.
    fn lock_copies(&self) -> Result<Option<File>, StoreError> {
        let Some(directory) = &self.heads else {
            return Ok(None);
        };
        self.readers
            .with(|conn| copies::lock(directory, &self.path, conn))
    }

    /// Looks at the head again: another copy may have gone on since this one was opened.
    fn refuse_older(&self) -> Result<(), StoreError> {
        if let Some(seen) = self.head.as_ref().and_then(HeadFile::read) {
            let stands = self
                .readers
                .with(|conn| heads::check(conn, &self.path, &seen));
            if let Err(error @ (StoreError::OlderCopy { .. } | StoreError::OtherHistory { .. })) =
                stands
            {
                self.standing.refuse(Some(error.clone()));
                return Err(error);
            }
        }
        Ok(())
    }
}
