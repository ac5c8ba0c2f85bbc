//! Where a step was stuck that a program parked which did not record it (events of version 1).
//!
//! What the run was doing proves most of it: a step that was ready had sent nothing, a read may
//! always be asked again, and a write that was deferred had not left. Of a write that has left for
//! good nobody can say here whether it was confirmed or refused.

use std::sync::Arc;

use crate::engine::dead_letter::Stuck;
use crate::engine::flight::flight_of;
use crate::engine::state::{Phase, RunState};

/// A write that may have happened.
pub(super) fn unsettled(phase: &Phase) -> Option<Stuck> {
    flight_of(phase).map(|flight| Stuck::Unsettled {
        attempt: flight.attempt,
        leave: flight.leave,
        effect: Arc::clone(flight.effect),
    })
}

/// Anything else.
pub(super) fn not_known(state: &RunState) -> Stuck {
    match &state.phase {
        Phase::Ready { entered, .. } => Stuck::Planning {
            entered: *entered,
            packet: None,
        },
        Phase::Calling { attempt, read, .. } => Stuck::Reading {
            attempt: *attempt,
            read: read.clone(),
        },
        phase @ (Phase::Sending { .. } | Phase::Retrying { .. }) => {
            not_done(state).unwrap_or(Stuck::Unrecorded {
                attempt: phase.attempt(),
            })
        }
        phase @ (Phase::Probing { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. }) => Stuck::Unrecorded {
            attempt: phase.attempt(),
        },
    }
}

/// A write that was deferred for good: no earlier attempt may have happened, and none has left.
fn not_done(state: &RunState) -> Option<Stuck> {
    let flight = flight_of(&state.phase).filter(|flight| !flight.is_unknown())?;
    let left = state.effects_done.get(&flight.effect.step).copied();
    (left.unwrap_or(0) < flight.effect.ordinal).then(|| Stuck::NotDone {
        attempt: flight.attempt,
        leave: flight.leave,
        effect: Arc::clone(flight.effect),
    })
}
