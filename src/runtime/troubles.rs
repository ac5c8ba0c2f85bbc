//! What kept drivers from going on: shown to whoever waits for the run, never dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::{RunId, limits};
use crate::runtime::RuntimeError;
use crate::store::StoreError;

/// Troubles kept at most; the oldest run ids go first.
const KEPT_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Troubles {
    runs: Mutex<BTreeMap<RunId, RuntimeError>>,
    store: Mutex<Option<RuntimeError>>,
    /// How often the driver of a run was lost since it last moved, and why.
    lost: Mutex<BTreeMap<RunId, (u32, String)>>,
    /// Runs set aside that nobody was told of, and those of which somebody was.
    untold: Mutex<BTreeMap<RunId, RuntimeError>>,
    told: Mutex<BTreeSet<RunId>>,
}

impl Troubles {
    pub(super) fn record(&self, run: RunId, error: &RuntimeError) {
        let mut runs = lock(&self.runs);
        if runs.len() >= KEPT_MAX {
            runs.pop_first();
        }
        runs.insert(run, error.clone());
        drop(runs);
        if is_lasting(error) && lock(&self.told).insert(run) {
            lock(&self.untold).insert(run, error.clone());
        }
    }

    /// The runs that were set aside since this was asked last, each once while it does not move.
    pub(super) fn newly_set_aside(&self) -> BTreeMap<RunId, RuntimeError> {
        std::mem::take(&mut *lock(&self.untold))
    }

    /// Nobody could be told of this run: it is handed out again.
    pub(super) fn put_back(&self, run: RunId, error: RuntimeError) {
        lock(&self.untold).insert(run, error);
    }

    /// The store itself could not be read or leased.
    pub(super) fn record_of_store(&self, error: &RuntimeError) {
        *lock(&self.store) = Some(error.clone());
    }

    /// The run moves again.
    pub(super) fn clear(&self, run: RunId) {
        lock(&self.runs).remove(&run);
        lock(&self.lost).remove(&run);
        lock(&self.told).remove(&run);
    }

    /// The driver of a run ended before it was done.
    pub(super) fn lose(&self, run: RunId, why: &str) {
        let mut lost = lock(&self.lost);
        if lost.len() >= KEPT_MAX && !lost.contains_key(&run) {
            lost.pop_first();
        }
        let before = lost.get(&run).map_or(0, |(times, _)| *times);
        lost.insert(run, (before.saturating_add(1), why.to_owned()));
    }

    /// Runs whose driver was lost since they last moved.
    pub(super) fn lost(&self) -> Vec<RunId> {
        lock(&self.lost).keys().copied().collect()
    }

    /// Why a run is given up, once its driver was lost too often.
    pub(super) fn gives_up(&self, run: RunId) -> Option<String> {
        let lost = lock(&self.lost);
        let (times, why) = lost.get(&run)?;
        (*times >= limits::DRIVERS_LOST_MAX).then(|| why.clone())
    }

    /// The store answers again.
    pub(super) fn clear_store(&self) {
        lock(&self.store).take();
    }

    /// What keeps this run from moving, handed out once.
    pub(super) fn take(&self, run: RunId) -> Option<RuntimeError> {
        lock(&self.runs).remove(&run)
    }

    pub(super) fn of_store(&self) -> Option<RuntimeError> {
        lock(&self.store).clone()
    }

    /// Tells whether a run is set aside: trying it again in this process cannot help.
    pub(super) fn sets_aside(&self, run: RunId) -> bool {
        lock(&self.runs).get(&run).is_some_and(is_lasting)
    }

    /// Why a run is set aside, where it is.
    pub(super) fn standstill(&self, run: RunId) -> Option<String> {
        let why = || lock(&self.runs).get(&run).map(ToString::to_string);
        self.sets_aside(run).then(why).flatten()
    }

    /// Tells whether any run met a trouble that may pass.
    pub(super) fn any(&self) -> bool {
        !lock(&self.runs).is_empty() || !lock(&self.lost).is_empty() || lock(&self.store).is_some()
    }
}

/// Tells whether a trouble stays however often the run is tried.
fn is_lasting(error: &RuntimeError) -> bool {
    matches!(
        error,
        RuntimeError::Definition { .. }
            | RuntimeError::Store(StoreError::Integrity { .. } | StoreError::NewerRun { .. })
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
