//! The write that a run carries: begun, and neither done for good nor given up.

use crate::domain::PlannedEffect;
use crate::engine::dead_letter::Stuck;
use crate::engine::state::{Phase, RetryCall, RunState, Then};

/// A write that is on its way, waits for its time or a person, or is parked.
#[derive(Clone, Copy, Debug)]
pub struct Carried<'a> {
    pub effect: &'a PlannedEffect,
    /// Tries made of it.
    pub attempt: u32,
    /// It certainly did not happen.
    pub not_done: bool,
}

/// The write that `state` carries, if it does.
pub fn carried(state: &RunState) -> Option<Carried<'_>> {
    let attempt = state.phase.attempt();
    let (effect, not_done) = match &state.phase {
        Phase::Sending { effect, .. }
        | Phase::Probing { effect, .. }
        | Phase::Unsettled { effect, .. } => (effect, false),
        Phase::Retrying {
            call: RetryCall::Write { effect, then, .. },
            ..
        } => match then {
            Then::Send | Then::Judge => (effect, true),
            Then::Settle { .. } => (effect, false),
        },
        Phase::Parked { letter, .. } => match &letter.stuck {
            Stuck::NotDone { effect, .. } => (effect, true),
            Stuck::Unsettled { effect, .. } => (effect, false),
            Stuck::Planning { .. }
            | Stuck::Reading { .. }
            | Stuck::Refused { .. }
            | Stuck::Finishing { .. }
            | Stuck::Unrecorded { .. } => return None,
        },
        Phase::Retrying {
            call: RetryCall::Read { .. },
            ..
        }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => return None,
    };
    Some(Carried {
        effect,
        attempt,
        not_done,
    })
}
