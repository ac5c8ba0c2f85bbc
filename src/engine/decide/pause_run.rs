//! The stop switch of one run.
//!
//! not paused → `RunPaused`; what is in flight still records its outcome
//! paused → refused, `AlreadyPaused`

use crate::domain::limits;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, ReasonValues};
use crate::engine::rejection::Rejection;

pub(super) fn pause_run(draft: &mut Draft<'_>, reason: &str) -> Result<(), Rejection> {
    if let Some(pause) = &draft.state.paused {
        return Err(Rejection::AlreadyPaused {
            run: draft.state.run,
            by: pause.by.clone(),
            at: pause.at,
        });
    }
    draft.emit(Event::RunPaused {
        values: bounded(reason)?,
    })
}

/// A reason within its limit.
pub(super) fn bounded(reason: &str) -> Result<ReasonValues, Rejection> {
    if reason.len() > limits::REASON_BYTES_MAX {
        return Err(Rejection::TooLarge {
            what: "the reason".to_owned(),
            limit: limits::REASON_BYTES_MAX,
        });
    }
    Ok(ReasonValues {
        reason: Some(reason.to_owned()),
    })
}
