//! A wait step sleeps or listens: rows only, no task and no memory.

use serde_json::Value;

use crate::domain::StepId;
use crate::engine::advance::finish_step;
use crate::engine::draft::Draft;
use crate::engine::event::Event;
use crate::engine::rejection::Rejection;
use crate::workflow::{Step, StepKind, Wait};

pub(super) fn reach(draft: &mut Draft<'_>, step: &Step, wait: &Wait) -> Result<(), Rejection> {
    let (until, signal) = match wait {
        Wait::Timer { duration_ms } => (Some(draft.now().plus_ms(*duration_ms)), None),
        Wait::Signal { name, .. } => (None, Some(name.clone())),
    };
    draft.emit(Event::WaitStarted {
        step: step.id.clone(),
        visit: draft.next_visit(&step.id),
        until,
        signal,
    })
}

/// Ends a wait, with the signal's payload where it listened.
pub(in crate::engine) fn complete_wait(
    draft: &mut Draft<'_>,
    step: &StepId,
    payload: Option<&Value>,
) -> Result<(), Rejection> {
    let step = draft.step(step)?;
    let save = match &step.kind {
        StepKind::Wait(Wait::Signal { save, .. }) => save.as_slice(),
        StepKind::Wait(Wait::Timer { .. })
        | StepKind::Compute { .. }
        | StepKind::Tool(_)
        | StepKind::Gate(_) => &[],
    };
    let visit = draft.state.visits.get(&step.id).copied().unwrap_or(1);
    finish_step(draft, step, (visit, 1), save, payload)
}
