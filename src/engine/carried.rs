//! The write that a run carries: begun, and neither done for good nor given up.

use crate::domain::PlannedEffect;
use crate::engine::flight::flight_of;
use crate::engine::state::RunState;

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
    flight_of(&state.phase).map(|flight| Carried {
        effect: flight.effect,
        attempt: flight.attempt,
        not_done: flight.is_not_done(),
    })
}
