//! How many requests are under way at each target: a target that hangs keeps its own callers
//! waiting and nobody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::RunId;

#[derive(Debug, Default)]
struct Inner {
    targets: BTreeMap<String, Arc<Semaphore>>,
    /// The target at which a run has a place.
    placed: BTreeMap<RunId, String>,
}

#[derive(Debug, Default)]
pub(super) struct Bulkhead {
    inner: Mutex<Inner>,
}

/// A place for one request at a target, until it is dropped.
#[derive(Debug)]
pub(in crate::runtime) struct Place<'a> {
    bulkhead: &'a Bulkhead,
    run: RunId,
    target: String,
    _permit: OwnedSemaphorePermit,
}

impl Bulkhead {
    /// A place at a target that has `places`; none where all are taken, or others wait.
    pub(super) fn try_place(&self, run: RunId, target: &str, places: usize) -> Option<Place<'_>> {
        let permit = self.semaphore(target, places).try_acquire_owned().ok()?;
        Some(self.placed(run, target, permit))
    }

    /// Waits for a place; none only where the process ends.
    pub(super) async fn place(&self, run: RunId, target: &str, places: usize) -> Option<Place<'_>> {
        let semaphore = self.semaphore(target, places);
        // Never closed; an error would mean exactly that the process ends.
        let permit = semaphore.acquire_owned().await.ok()?;
        Some(self.placed(run, target, permit))
    }

    /// The targets at which this run would have to wait now.
    pub(super) fn full_for(&self, run: RunId) -> BTreeSet<String> {
        let inner = self.lock();
        let own = inner.placed.get(&run);
        inner
            .targets
            .iter()
            .filter(|(name, places)| places.available_permits() == 0 && own != Some(*name))
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn semaphore(&self, target: &str, places: usize) -> Arc<Semaphore> {
        let mut inner = self.lock();
        let fresh = || Arc::new(Semaphore::new(places));
        let semaphore = inner.targets.entry(target.to_owned()).or_insert_with(fresh);
        Arc::clone(semaphore)
    }

    fn placed(&self, run: RunId, target: &str, permit: OwnedSemaphorePermit) -> Place<'_> {
        self.lock().placed.insert(run, target.to_owned());
        Place {
            bulkhead: self,
            run,
            target: target.to_owned(),
            _permit: permit,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    pub(in crate::runtime) fn is_at(&self, target: &str) -> bool {
        self.target == target
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.bulkhead.lock().placed.remove(&self.run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(number: u128) -> RunId {
        RunId(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn a_full_target_is_full_for_all_but_those_who_have_a_place() {
        let bulkhead = Bulkhead::default();
        let first = bulkhead.try_place(run(1), "erp", 2).expect("two places");
        assert!(bulkhead.full_for(run(9)).is_empty());
        let second = bulkhead.try_place(run(2), "erp", 2).expect("one place");
        assert!(bulkhead.try_place(run(3), "erp", 2).is_none());
        assert!(bulkhead.try_place(run(3), "mail", 2).is_some());
        assert!(bulkhead.full_for(run(9)).contains("erp"));
        assert!(bulkhead.full_for(run(1)).is_empty());
        drop(first);
        let third = bulkhead.place(run(3), "erp", 2).await.expect("its place");
        assert!(third.is_at("erp") && second.is_at("erp"));
        assert!(bulkhead.full_for(run(1)).contains("erp"));
    }
}
