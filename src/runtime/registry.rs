//! Which runs this process drives now: one driver a run, and those who wait for it to settle.
//!
//! absent → reserved (a command about to commit) → driven → absent
//! driven + woken → driven once more

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::domain::RunId;
use crate::engine::RunState;

/// A state that this process committed and nobody has acted on.
pub(super) type Handoff = Arc<RunState>;

#[derive(Debug, Default)]
struct Slot {
    /// Something happened meanwhile: look again before leaving.
    again: bool,
    next: Option<Handoff>,
    waiters: Vec<oneshot::Sender<Handoff>>,
}

#[derive(Debug, Default)]
pub(super) struct Registry {
    slots: Mutex<BTreeMap<RunId, Slot>>,
    emptied: Notify,
}

/// What a driver does when it has nothing left to do for a run.
#[derive(Debug)]
pub(super) enum Leave {
    /// Look again, from this state if one was handed over.
    Again(Option<Handoff>),
    Gone,
}

impl Registry {
    /// Claims a run for driving; false where somebody has it, who will look again.
    pub(super) fn claim(&self, run: RunId, handoff: Option<Handoff>) -> bool {
        let mut slots = self.lock();
        if let Some(slot) = slots.get_mut(&run) {
            slot.again = true;
            if handoff.is_some() {
                slot.next = handoff;
            }
            return false;
        }
        slots.insert(
            run,
            Slot {
                next: handoff,
                ..Slot::default()
            },
        );
        true
    }

    /// Claims a run only if nobody has it, and leaves whoever has it alone.
    pub(super) fn claim_if_free(&self, run: RunId) -> bool {
        let mut slots = self.lock();
        if slots.contains_key(&run) {
            return false;
        }
        slots.insert(run, Slot::default());
        true
    }

    /// Hands a state to the driver about to start on a run that was claimed.
    pub(super) fn hand_over(&self, run: RunId, handoff: Option<Handoff>) {
        if let Some(slot) = self.lock().get_mut(&run) {
            slot.next = handoff;
        }
    }

    /// Takes what was handed over when the run was claimed.
    pub(super) fn take_handoff(&self, run: RunId) -> Option<Handoff> {
        self.lock().get_mut(&run).and_then(|slot| slot.next.take())
    }

    /// Leaves a run, unless it was woken meanwhile.
    pub(super) fn leave(&self, run: RunId, settled: Option<&Handoff>) -> Leave {
        let mut slots = self.lock();
        let Some(slot) = slots.get_mut(&run) else {
            return Leave::Gone;
        };
        if std::mem::take(&mut slot.again) {
            return Leave::Again(slot.next.take());
        }
        let slot = slots.remove(&run).unwrap_or_default();
        let empty = slots.is_empty();
        drop(slots);
        if let Some(state) = settled {
            for waiter in slot.waiters {
                // Whoever no longer waits needs no answer.
                let _gone = waiter.send(Arc::clone(state));
            }
        }
        if empty {
            self.emptied.notify_waiters();
        }
        Leave::Gone
    }

    /// Waits for a run that is driven now; none where it is not.
    pub(super) fn wait_for(&self, run: RunId) -> Option<oneshot::Receiver<Handoff>> {
        let mut slots = self.lock();
        let slot = slots.get_mut(&run)?;
        let (sender, receiver) = oneshot::channel();
        slot.waiters.push(sender);
        Some(receiver)
    }

    /// Waits until no run is driven.
    pub(super) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.lock().is_empty() {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RunId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
