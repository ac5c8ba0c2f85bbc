//! A message for a run that listens.
//!
//! listening for this name → `StepCompleted`, then on
//! anything else → refused, `NotListening`

use serde_json::Value;

use crate::engine::advance::{advance, complete_wait};
use crate::engine::draft::Draft;
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

pub(super) fn deliver_signal(
    draft: &mut Draft<'_>,
    name: &str,
    payload: &Value,
) -> Result<(), Rejection> {
    match draft.state.phase.clone() {
        Phase::Listening { step, signal } if signal == name => {
            complete_wait(draft, &step, Some(payload))?;
            advance(draft)
        }
        Phase::Listening { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Err(Rejection::NotListening {
            run: draft.state.run,
            signal: name.to_owned(),
        }),
    }
}
