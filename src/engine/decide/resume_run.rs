//! Releasing the stop switch. Resume is not approve: a run that waits for a person waits again.
//!
//! paused → `RunResumed`, then as far as the run goes by itself
//! not paused → refused, `NotPaused`

use crate::engine::advance::advance;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::Event;
use crate::engine::rejection::Rejection;

pub(super) fn resume_run(draft: &mut Draft<'_>, reason: &str) -> Result<(), Rejection> {
    if draft.state.paused.is_none() {
        return Err(Rejection::NotPaused {
            run: draft.state.run,
            status: draft.state.status(),
        });
    }
    draft.emit(Event::RunResumed {
        values: bounded(reason)?,
    })?;
    advance(draft)
}
