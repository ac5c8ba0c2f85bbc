//! Which runs this process drives now: one driver a run, and those who wait for it to settle.
//!
//! absent → driven → absent
//! driven + woken → driven once more
//! absent or driven → a command enters → it exits, and whatever it made durable is driven
//!
//! While a command is under way nobody else takes its run up: an INTENT that it is about to make
//! durable is acted on by who made it, and looks like a dead process's to everybody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::domain::RunId;
use crate::engine::RunState;

/// A state that this process committed and nobody has acted on.
pub(super) type Handoff = Arc<RunState>;

#[derive(Debug, Default)]
struct Slot {
    driven: bool,
    /// Commands under way.
    commands: usize,
    /// Something happened meanwhile: look again before leaving.
    again: bool,
    next: Option<Handoff>,
    waiters: Vec<oneshot::Sender<Handoff>>,
}

impl Slot {
    fn driven() -> Self {
        Self {
            driven: true,
            ..Self::default()
        }
    }
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
    pub(super) fn claim(&self, run: RunId) -> bool {
        let mut slots = self.lock();
        if let Some(slot) = slots.get_mut(&run) {
            slot.again = true;
            return false;
        }
        slots.insert(run, Slot::driven());
        true
    }

    /// Begins a command: until it exits, nobody begins to drive its run.
    pub(super) fn enter(&self, run: RunId) {
        let mut slots = self.lock();
        let slot = slots.entry(run).or_default();
        slot.commands = slot.commands.saturating_add(1);
    }

    /// Ends a command; true where the caller now has the run to drive.
    pub(super) fn exit(&self, run: RunId, handoff: Option<Handoff>) -> bool {
        let mut slots = self.lock();
        let slot = slots.entry(run).or_default();
        slot.commands = slot.commands.saturating_sub(1);
        if handoff.is_some() {
            slot.next = handoff;
        }
        if slot.driven {
            slot.again = true;
            return false;
        }
        slot.driven = slot.commands == 0;
        slot.driven
    }

    /// Claims a run only if nobody has it, and leaves whoever has it alone.
    pub(super) fn claim_if_free(&self, run: RunId) -> bool {
        let mut slots = self.lock();
        if slots.contains_key(&run) {
            return false;
        }
        slots.insert(run, Slot::driven());
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
        if slot.commands > 0 {
            // The last of them drives on.
            slot.driven = false;
            return Leave::Gone;
        }
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

    /// Frees a run whose driver ended before it left; whoever waits for it looks for himself.
    pub(super) fn abandon(&self, run: RunId) {
        let mut slots = self.lock();
        let Some(slot) = slots.get_mut(&run) else {
            return;
        };
        slot.waiters.clear();
        if slot.commands > 0 {
            slot.driven = false;
            return;
        }
        slots.remove(&run);
        if slots.is_empty() {
            self.emptied.notify_waiters();
        }
    }

    /// Waits for a run that is driven now; none where it is not.
    pub(super) fn wait_for(&self, run: RunId) -> Option<oneshot::Receiver<Handoff>> {
        let mut slots = self.lock();
        let slot = slots.get_mut(&run)?;
        let (sender, receiver) = oneshot::channel();
        slot.waiters.push(sender);
        Some(receiver)
    }

    /// Runs that somebody has.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> RunId {
        RunId(uuid::Uuid::from_u128(1))
    }

    #[test]
    fn nobody_begins_to_drive_a_run_under_a_command() {
        let registry = Registry::default();
        registry.enter(run());
        assert!(!registry.claim_if_free(run()));
        assert!(!registry.claim(run()));
        assert!(registry.exit(run(), None), "the command has it now");
        assert!(!registry.claim_if_free(run()));
        assert!(matches!(registry.leave(run(), None), Leave::Again(None)));
        assert!(matches!(registry.leave(run(), None), Leave::Gone));
        assert!(registry.claim_if_free(run()));
    }

    #[test]
    fn a_driver_that_leaves_under_a_command_leaves_the_run_to_it() {
        let registry = Registry::default();
        assert!(registry.claim(run()));
        registry.enter(run());
        assert!(matches!(registry.leave(run(), None), Leave::Gone));
        assert!(!registry.claim_if_free(run()));
        assert!(registry.exit(run(), None));
    }

    #[test]
    fn the_last_of_several_commands_drives() {
        let registry = Registry::default();
        registry.enter(run());
        registry.enter(run());
        assert!(!registry.exit(run(), None));
        assert!(registry.exit(run(), None));
    }

    #[test]
    fn a_driver_under_way_looks_again_after_a_command() {
        let registry = Registry::default();
        assert!(registry.claim(run()));
        registry.enter(run());
        assert!(!registry.exit(run(), None));
        assert!(matches!(registry.leave(run(), None), Leave::Again(None)));
    }

    #[tokio::test]
    async fn a_registry_is_empty_once_its_last_driver_left() {
        let registry = Registry::default();
        registry.enter(run());
        assert!(registry.exit(run(), None));
        assert!(matches!(registry.leave(run(), None), Leave::Gone));
        registry.emptied().await;
        assert!(registry.wait_for(run()).is_none());
    }
}
