//! What each target takes just now. A target is a connector: one outside system, whatever its
//! operations. All of this is this process's own, and starts afresh with it: what waits, waits as
//! a row.
//!
//! | a call | while the target takes nothing |
//! |---|---|
//! | first try | is not sent; recorded as not done, it follows the ordinary retries |
//! | due retry | waits in its row; for too long, it is not sent and recorded as not done |
//! | due retry, above the retries' share | waits in its row until its turn |
//! | probe | passes: it settles what is unknown |

mod breaker;
mod bulkhead;
mod held;
mod pass;
mod retry_share;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::RunId;
use crate::runtime::Clock;
use crate::runtime::targets::breaker::{Breaker, Leave, Said, Stand, Turned};
use crate::runtime::targets::bulkhead::Bulkhead;
use crate::runtime::targets::held::Held;
use crate::runtime::targets::retry_share::RetryShare;

pub(super) use bulkhead::Place;
pub(super) use pass::Pass;
pub use settings::{TargetLimits, TargetSettings};

/// How a due retry goes on.
#[derive(Debug)]
pub(super) enum Due<'a> {
    /// It may be sent.
    Go(Pass<'a>),
    /// Its row waits on.
    Wait,
    /// It has waited long enough: it is fired, and not sent unless the target answers by then.
    Unsent,
}

/// A target that was opened against, to be told as an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) target: String,
    /// Failures in a row.
    pub(super) failures: u32,
    /// How the last one failed.
    pub(super) code: String,
    /// When it is tried again, by elapsed time.
    pub(super) until_ms: i64,
    /// How long it is left alone at a time.
    pub(super) open_ms: i64,
}

#[derive(Debug, Default)]
struct Inner {
    breakers: BTreeMap<String, Breaker>,
    shares: BTreeMap<String, RetryShare>,
    held: Held,
    untold: BTreeMap<String, Opened>,
}

pub(super) struct Targets {
    clock: Arc<dyn Clock>,
    settings: TargetSettings,
    /// Requests that one target may have under way, whatever its connector says: a part of the runs
    /// driven at one time.
    places_max: usize,
    bulkhead: Bulkhead,
    inner: Mutex<Inner>,
}

impl Targets {
    pub(super) fn new(clock: Arc<dyn Clock>, settings: TargetSettings, runs_driven: usize) -> Self {
        Self {
            clock,
            settings,
            places_max: runs_driven.div_ceil(2).max(1),
            bulkhead: Bulkhead::default(),
            inner: Mutex::default(),
        }
    }

    /// A place for a request of a run at a target; none where it would have to wait.
    pub(super) fn try_place(&self, run: RunId, target: &str) -> Option<Place<'_>> {
        self.bulkhead.try_place(run, target, self.places(target))
    }

    /// Waits for a place; none only where the process ends.
    pub(super) async fn place(&self, run: RunId, target: &str) -> Option<Place<'_>> {
        let places = self.places(target);
        self.bulkhead.place(run, target, places).await
    }

    /// The targets at which this run would have to wait now.
    pub(super) fn full_for(&self, run: RunId) -> BTreeSet<String> {
        self.bulkhead.full_for(run)
    }

    fn places(&self, target: &str) -> usize {
        self.settings.of(target).in_flight.min(self.places_max)
    }

    /// Lets a call pass; none where nothing is sent to its target just now.
    pub(super) fn admit(&self, target: &str) -> Option<Pass<'_>> {
        let now_ms = self.clock.elapsed_ms();
        let percent = self.settings.of(target).retry_percent;
        let mut inner = self.lock();
        let leave = inner.breaker(target).admit(now_ms)?;
        inner.share(target, now_ms).first_try(percent);
        drop(inner);
        Some(Pass::new(self, target, leave))
    }

    /// Lets a probe pass: as the trial that is due, or beside all others.
    pub(super) fn admit_probe(&self, target: &str) -> Pass<'_> {
        let beside = || Pass::new(self, target, Leave::Aside);
        self.admit(target).unwrap_or_else(beside)
    }

    /// Lets the due retry of a run pass, or keeps it waiting. `asked` tells that a person had it go
    /// on: then it is no part of the retries' share.
    pub(super) fn admit_retry(&self, (run, asked): (RunId, bool), target: &str) -> Due<'_> {
        let now_ms = self.clock.elapsed_ms();
        let mut inner = self.lock();
        let takes = inner.breaker(target).stand(now_ms) != Stand::Open;
        if takes && !asked && !inner.share(target, now_ms).take(now_ms) {
            inner.held.keep_for_share(run, target);
            return Due::Wait;
        }
        if let Some(leave) = inner.breaker(target).admit(now_ms) {
            inner.held.drop_of(run);
            drop(inner);
            return Due::Go(Pass::new(self, target, leave));
        }
        let longest_ms = self.settings.of(target).held_ms_max();
        if inner.held.keep(run, target, (now_ms, longest_ms)) {
            Due::Wait
        } else {
            Due::Unsent
        }
    }

    /// How often the target has failed in a row.
    pub(super) fn failures(&self, target: &str) -> u32 {
        self.lock().breaker(target).failures()
    }

    /// Runs that wait for a target.
    pub(super) fn held(&self) -> usize {
        self.lock().held.len()
    }

    /// Of runs whose time has come, in due order, those that may be looked at: not the ones whose
    /// target takes nothing, of those that wait for one trial only the first, and of those that
    /// wait for their share as many as it has.
    pub(super) fn released(&self, due: Vec<RunId>) -> Vec<RunId> {
        let now_ms = self.clock.elapsed_ms();
        let mut inner = self.lock();
        if inner.held.len() == 0 {
            return due;
        }
        inner.held.keep_only(&due);
        let mut room = BTreeMap::new();
        for target in inner.held.targets() {
            let left = match inner.breaker(&target).stand(now_ms) {
                Stand::Closed => inner.share(&target, now_ms).left(now_ms),
                Stand::HalfOpen => 1,
                Stand::Open => 0,
            };
            room.insert(target, left);
        }
        let mut released = |run: &RunId| {
            let Some((target, over)) = inner.held.of(*run, now_ms) else {
                return true;
            };
            let left = room.get_mut(target).filter(|left| **left > 0);
            let fits = left.map(|left| *left = left.saturating_sub(1)).is_some();
            fits || over
        };
        due.into_iter().filter(|run| released(run)).collect()
    }

    /// Targets that were opened against and not told of yet.
    pub(super) fn untold(&self) -> Vec<Opened> {
        self.lock().untold.values().cloned().collect()
    }

    /// That one was told.
    pub(super) fn told(&self, opened: &Opened) {
        self.lock().untold.remove(&opened.target);
    }

    /// When, from now on, a target is tried again.
    pub(super) fn ms_until(&self, opened: &Opened) -> i64 {
        opened.until_ms.saturating_sub(self.clock.elapsed_ms())
    }

    /// Takes what an outcome says of a target.
    fn settle(&self, target: &str, leave: Leave, (said, code): (Said, &str)) {
        let now_ms = self.clock.elapsed_ms();
        let limits = self.settings.of(target);
        let mut inner = self.lock();
        let breaker = inner.breaker(target);
        let turned = breaker.settle(leave, said, (now_ms, limits.breaker()));
        let failures = breaker.failures();
        match turned {
            Turned::Opened => {
                let opened = Opened {
                    target: target.to_owned(),
                    failures,
                    code: code.to_owned(),
                    until_ms: now_ms.saturating_add(limits.breaker_open_ms),
                    open_ms: limits.breaker_open_ms,
                };
                inner.untold.insert(target.to_owned(), opened);
            }
            // The alert that it opened stands until somebody has seen it.
            Turned::OpenedAgain | Turned::Closed | Turned::Not => {}
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn share(&mut self, target: &str, now_ms: i64) -> &mut RetryShare {
        let fresh = || RetryShare::new(now_ms);
        self.shares.entry(target.to_owned()).or_insert_with(fresh)
    }

    fn breaker(&mut self, target: &str) -> &mut Breaker {
        self.breakers.entry(target.to_owned()).or_default()
    }
}

impl std::fmt::Debug for Targets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Targets")
            .field("inner", &*self.lock())
            .finish_non_exhaustive()
    }
}
