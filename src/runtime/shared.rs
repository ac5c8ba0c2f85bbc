//! What every task of one runtime shares.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore};

use crate::domain::{ConnectorUrls, RunId, Timestamp};
use crate::runtime::handle::Drive;
use crate::runtime::library::Library;
use crate::runtime::registry::Registry;
use crate::runtime::sendable::Sendable;
use crate::runtime::targets::Targets;
use crate::runtime::timekeeper::Timekeeper;
use crate::runtime::troubles::Troubles;
use crate::runtime::{Clock, Entropy};
use crate::store::{Fence, SharedStore, StoreError};
use crate::tools::Tools;

pub(super) struct Shared {
    pub(super) store: SharedStore,
    pub(super) tools: Arc<dyn Tools>,
    pub(super) connectors: ConnectorUrls,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timekeeper: Timekeeper,
    /// An alert says that the clock jumped, and nobody acknowledged it.
    pub(super) clock_in_question: AtomicBool,
    /// When somebody last acknowledged one, in milliseconds since the epoch.
    pub(super) clock_trusted_ms: AtomicI64,
    /// The store's data version when alerts were last read.
    pub(super) clock_seen: AtomicI64,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) drive: Drive,
    pub(super) library: Library,
    pub(super) registry: Registry,
    /// INTENTs that wait to be sent.
    pub(super) sendable: Sendable,
    /// What each target takes just now.
    pub(super) targets: Targets,
    /// What kept drivers from going on.
    pub(super) troubles: Troubles,
    /// Runs this process gave a command to.
    own: Mutex<BTreeSet<RunId>>,
    /// Runs driven at one time.
    pub(super) permits: Semaphore,
    /// The earliest timer this process knows, in milliseconds since the epoch.
    pub(super) next_timer_ms: AtomicI64,
    /// Review windows are being passed.
    pub(super) passing: AtomicBool,
    /// Before when no window is passed, because those that are due cannot be.
    pub(super) pass_again_ms: AtomicI64,
    /// Runs that wait by a clock that went back may be left.
    pub(super) set_back_left: AtomicBool,
    /// When an older copy of the store was last taken as it is, in milliseconds since the epoch.
    lost_before_ms: AtomicI64,
    /// Wakes the watch loop before its next tick.
    pub(super) nudge: Notify,
    fence: Mutex<Option<Fence>>,
    stopping: AtomicBool,
    /// Nothing is driven for now.
    aside: AtomicBool,
    /// Runs that were left meanwhile are to be taken up.
    anew: AtomicBool,
}

/// No timer is known.
pub(super) const NO_TIMER: i64 = i64::MAX;

impl Shared {
    pub(super) fn new(options: crate::runtime::Options) -> Self {
        Self {
            library: Library::new(Arc::clone(&options.store)),
            store: options.store,
            tools: options.tools,
            connectors: options.connectors,
            timekeeper: Timekeeper::new(Arc::clone(&options.clock)),
            clock_in_question: AtomicBool::new(false),
            clock_trusted_ms: AtomicI64::new(i64::MIN),
            clock_seen: AtomicI64::new(0),
            targets: Targets::new(
                Arc::clone(&options.clock),
                options.targets,
                options.runs_driven,
            ),
            clock: options.clock,
            entropy: options.entropy,
            drive: options.drive,
            registry: Registry::default(),
            sendable: Sendable::default(),
            troubles: Troubles::default(),
            own: Mutex::default(),
            permits: Semaphore::new(options.runs_driven.max(1)),
            next_timer_ms: AtomicI64::new(NO_TIMER),
            passing: AtomicBool::new(false),
            pass_again_ms: AtomicI64::new(i64::MIN),
            set_back_left: AtomicBool::new(true),
            lost_before_ms: AtomicI64::new(i64::MIN),
            nudge: Notify::new(),
            fence: Mutex::new(None),
            stopping: AtomicBool::new(false),
            aside: AtomicBool::new(false),
            anew: AtomicBool::new(false),
        }
    }

    /// The executor's token, while this process holds the lease and drives.
    pub(super) fn fence(&self) -> Option<Fence> {
        if self.is_stopping() || self.is_aside() {
            None
        } else {
            *self.fence_slot()
        }
    }

    /// The token whether or not the process is stopping.
    pub(super) fn held_fence(&self) -> Option<Fence> {
        *self.fence_slot()
    }

    /// When an older copy of the store was last taken as it is, as of when the lease was taken.
    pub(super) fn lost_before(&self) -> Option<Timestamp> {
        let at = self.lost_before_ms.load(Ordering::Acquire);
        (at != i64::MIN).then_some(Timestamp(at))
    }

    /// Reads that from the store.
    pub(super) fn read_lost_before(&self) -> Result<(), StoreError> {
        if let Some(at) = self.store.lost_before()? {
            self.lost_before_ms.store(at.0, Ordering::Release);
        }
        Ok(())
    }

    pub(super) fn set_fence(&self, fence: Option<Fence>) {
        *self.fence_slot() = fence;
    }

    /// Remembers a run that this process gave a command to, where it drives no others.
    pub(super) fn adopt(&self, run: RunId) {
        if self.drive == Drive::Own {
            lock(&self.own).insert(run);
        }
    }

    pub(super) fn own_runs(&self) -> BTreeSet<RunId> {
        lock(&self.own).clone()
    }

    /// Tells whether this process drives a run at all.
    pub(super) fn drives(&self, run: RunId) -> bool {
        match self.drive {
            Drive::Everything => true,
            Drive::Own => lock(&self.own).contains(&run),
            Drive::Nothing => false,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Tells whether this process drives nothing for now.
    pub(super) fn is_aside(&self) -> bool {
        self.aside.load(Ordering::Acquire)
    }

    pub(super) fn set_aside(&self, aside: bool) {
        self.aside.store(aside, Ordering::Release);
        self.anew.store(!aside, Ordering::Release);
        self.nudge.notify_waiters();
    }

    /// True once after the process drove nothing for a while.
    pub(super) fn takes_up_again(&self) -> bool {
        self.anew.swap(false, Ordering::AcqRel)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.nudge.notify_waiters();
    }

    /// Makes sure the watch loop wakes by `at_ms`.
    pub(super) fn arm_timer(&self, at_ms: i64) {
        self.next_timer_ms.fetch_min(at_ms, Ordering::AcqRel);
        self.nudge.notify_one();
    }

    fn fence_slot(&self) -> MutexGuard<'_, Option<Fence>> {
        lock(&self.fence)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("fence", &self.held_fence())
            .field("stopping", &self.is_stopping())
            .finish_non_exhaustive()
    }
}
