//! A read step calls its tool.

use crate::domain::StepId;
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::Draft;
use crate::engine::event::{CallValues, Event};
use crate::engine::rejection::Rejection;
use crate::engine::render::{RenderError, arguments, render};
use crate::engine::state::ReadCall;
use crate::workflow::{Step, StepKind, ToolStep};

pub(super) fn reach(draft: &mut Draft<'_>, step: &Step, call: &ToolStep) -> Result<(), Rejection> {
    match plan_read(draft, call) {
        Ok(values) => draft.emit(Event::CallStarted {
            step: step.id.clone(),
            visit: draft.next_visit(&step.id),
            attempt: 1,
            retries: 0,
            tool: call.tool.clone(),
            values,
        }),
        Err(error) => draft.park(
            &step.id,
            StuckAt::Planning,
            ("cannot_call", error.to_string()),
        ),
    }
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
    let StepKind::Tool(call) = &draft.step(step)?.kind else {
        return Err(draft.broken("a step that calls no tool was stuck reading"));
    };
    match plan_read(draft, call) {
        Ok(values) => draft.emit(Event::CallStarted {
            step: step.clone(),
            visit: draft.state.visits.get(step).copied().unwrap_or(1),
            attempt: attempt.saturating_add(1),
            retries: 0,
            tool: call.tool.clone(),
            values,
        }),
        Err(error) => draft.park(step, StuckAt::Planning, ("cannot_call", error.to_string())),
    }
}

/// Repeats a read.
pub(in crate::engine) fn call_again(
    draft: &mut Draft<'_>,
    step: &StepId,
    (attempt, retries): (u32, u32),
    read: &ReadCall,
) -> Result<(), Rejection> {
    draft.emit(Event::CallStarted {
        step: step.clone(),
        visit: draft.state.visits.get(step).copied().unwrap_or(1),
        attempt: attempt.saturating_add(1),
        retries: retries.saturating_add(1),
        tool: read.tool.clone(),
        values: CallValues {
            arguments: read.arguments.clone(),
            request: read.request.clone(),
        },
    })
}
