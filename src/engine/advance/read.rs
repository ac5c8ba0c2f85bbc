//! A read step calls its tool.

use crate::domain::{StepId, ToolName};
use crate::engine::advance::budget;
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::Draft;
use crate::engine::event::{CallValues, Event};
use crate::engine::rejection::Rejection;
use crate::engine::render::{RenderError, arguments, render};
use crate::engine::state::ReadCall;
use crate::workflow::{Step, StepKind, ToolStep};

pub(super) fn reach(
    draft: &mut Draft<'_>,
    step: &Step,
    call: &ToolStep,
    entered: bool,
) -> Result<(), Rejection> {
    let visit = if entered {
        draft.state.visits.get(&step.id).copied().unwrap_or(1)
    } else {
        draft.next_visit(&step.id)
    };
    match plan_read(draft, call) {
        Ok(values) => start(draft, step, (visit, 1, 0), (call.tool.clone(), values)),
        Err(error) => draft.park(
            &step.id,
            StuckAt::Planning,
            ("cannot_call", error.to_string()),
        ),
    }
}

/// Begins one try of a read, if the budget allows it.
fn start(
    draft: &mut Draft<'_>,
    step: &Step,
    (visit, attempt, retries): (u32, u32, u32),
    (tool, values): (ToolName, CallValues),
) -> Result<(), Rejection> {
    if let Some(breach) = budget::of_cost(draft, step) {
        let entered = draft.state.visits.get(&step.id) >= Some(&visit);
        return budget::stop(draft, &step.id, entered, breach);
    }
    draft.emit(Event::CallStarted {
        step: step.id.clone(),
        visit,
        attempt,
        retries,
        tool,
        cost_micro_usd: budget::cost_of(step),
        values,
    })
}

fn plan_read(draft: &Draft<'_>, call: &ToolStep) -> Result<CallValues, RenderError> {
    let tool = draft
        .definition()
        .tools
        .get(&call.tool)
        .ok_or_else(|| RenderError::NoConnector(call.tool.to_string()))?;
    let review = draft.review();
    let arguments = arguments(&call.args, &draft.scope(&review))?;
    let request = render(tool, &arguments, None, draft.cx.connectors)?;
    Ok(CallValues { arguments, request })
}

/// Asks again with a request made anew, for the same visit.
pub(in crate::engine) fn ask_anew(
    draft: &mut Draft<'_>,
    step: &StepId,
    attempt: u32,
) -> Result<(), Rejection> {
    let step = draft.step(step)?;
    let StepKind::Tool(call) = &step.kind else {
        return Err(draft.broken("a step that calls no tool was stuck reading"));
    };
    let visit = draft.state.visits.get(&step.id).copied().unwrap_or(1);
    let attempt = attempt.saturating_add(1);
    match plan_read(draft, call) {
        Ok(values) => start(
            draft,
            step,
            (visit, attempt, 0),
            (call.tool.clone(), values),
        ),
        Err(error) => draft.park(
            &step.id,
            StuckAt::Planning,
            ("cannot_call", error.to_string()),
        ),
    }
}

/// Repeats a read.
pub(in crate::engine) fn call_again(
    draft: &mut Draft<'_>,
    step: &StepId,
    (attempt, retries): (u32, u32),
    read: &ReadCall,
) -> Result<(), Rejection> {
    let step = draft.step(step)?;
    let visit = draft.state.visits.get(&step.id).copied().unwrap_or(1);
    let values = CallValues {
        arguments: read.arguments.clone(),
        request: read.request.clone(),
    };
    let tries = (visit, attempt.saturating_add(1), retries.saturating_add(1));
    start(draft, step, tries, (read.tool.clone(), values))
}
