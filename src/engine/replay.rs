//! Replay: a run's state, rebuilt from its journal alone.

use crate::engine::event::Recorded;
use crate::engine::evolve::{Misfit, evolve};
use crate::engine::state::RunState;

/// Folds a run's events in order; none where there are none.
///
/// # Errors
/// [`Misfit`] at the first event that cannot follow.
pub fn replay<'a>(
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<Option<RunState>, Misfit> {
    let mut state = None;
    for event in events {
        state = Some(evolve(state, event)?);
    }
    Ok(state)
}
