//! What the engine asks of the world: read off a run's state, so that it survives any crash.

use crate::domain::{PlannedEffect, StepId, Timestamp};
use crate::engine::state::{Phase, ReadCall, RunState};

/// An act to perform after commit. A run asks for one at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect<'a> {
    /// Call a read tool; may always be repeated.
    ReadTool {
        step: &'a StepId,
        attempt: u32,
        read: &'a ReadCall,
    },
    /// Send a write whose INTENT is durable. Only the process that just committed that INTENT may
    /// do so; another one recovers the run first.
    WriteTool {
        step: &'a StepId,
        attempt: u32,
        effect: &'a PlannedEffect,
    },
    /// Ask the target whether a write happened.
    ProbeTool {
        step: &'a StepId,
        attempt: u32,
        read: &'a ReadCall,
    },
    /// Fire the run's timer then.
    WakeAt(Timestamp),
    /// Decide again at once: the run is ready.
    Proceed,
}

/// The act a run asks for now; none while it waits for a person, is held, or has ended.
pub fn effect_of(state: &RunState) -> Option<Effect<'_>> {
    match &state.phase {
        // What is under way records its outcome even while the run is held.
        Phase::Calling {
            step,
            attempt,
            read,
            ..
        } => Some(Effect::ReadTool {
            step,
            attempt: *attempt,
            read,
        }),
        // A terminated run sends nothing: what left before it ended may still be answered.
        Phase::Sending { .. } if state.saga.stopped() => None,
        Phase::Sending {
            step,
            attempt,
            effect,
            ..
        } => Some(Effect::WriteTool {
            step,
            attempt: *attempt,
            effect,
        }),
        Phase::Probing {
            step,
            attempt,
            read,
            ..
        } => Some(Effect::ProbeTool {
            step,
            attempt: *attempt,
            read,
        }),
        Phase::Ready { .. } if state.paused.is_none() => Some(Effect::Proceed),
        Phase::Retrying { .. } | Phase::Sleeping { .. } => state.timer().map(Effect::WakeAt),
        Phase::Ready { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => None,
    }
}
