//! As far as a run goes by itself: from one ready step to the next, until a call must be made, a
//! person asked, or a time or signal awaited.

pub(super) mod budget;
pub(super) mod closing;
pub(super) mod compute;
pub(super) mod gate;
pub(super) mod read;
mod sent;
mod unknown;
pub(super) mod wait;
pub(super) mod write;

use std::sync::Arc;

use serde_json::Value;

use crate::domain::{Fields, RunStatus, StepId, limits};
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::{Draft, next_of};
use crate::engine::event::{Event, Next, StepValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RunError};
use crate::expr::{EvalError, Template};
use crate::workflow::{Edge, Step, StepKind, Target};

pub(super) use wait::complete_wait;

/// Takes steps while the run is ready, not held, and within its budget.
pub(super) fn advance(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    loop {
        // A long way is taken in several commands: what is left stays ready.
        if draft.state.paused.is_some() || draft.events.len() >= limits::EVENTS_BEFORE_COMMIT {
            return Ok(());
        }
        let Phase::Ready { step, entered } = draft.state.phase.clone() else {
            return Ok(());
        };
        if draft.state.saga.closing.is_some() {
            if !closing::go_on(draft)? {
                return Ok(());
            }
            continue;
        }
        let step = draft.step(&step)?;
        if !draft.may_call_at(step) {
            return Ok(());
        }
        if !entered && !within_budget(draft, step)? {
            return Ok(());
        }
        match &step.kind {
            StepKind::Compute { set } => compute::reach(draft, step, set)?,
            StepKind::Gate(gate) => gate::reach(draft, step, gate)?,
            StepKind::Wait(wait) => wait::reach(draft, step, wait)?,
            StepKind::Tool(call) => {
                let tool = draft.definition().tools.get(&call.tool);
                if tool.is_some_and(|tool| tool.is_write()) {
                    write::reach(draft, step, entered)?;
                } else {
                    read::reach(draft, step, call, entered)?;
                }
            }
        }
    }
}

/// Tells whether the run may enter this step; where it may not, it was stopped.
fn within_budget(draft: &mut Draft<'_>, step: &Step) -> Result<bool, Rejection> {
    match budget::of_steps(draft, step) {
        Ok(None) => {}
        Ok(Some(breach)) => {
            budget::stop(draft, &step.id, false, breach)?;
            return Ok(false);
        }
        Err(why) => {
            draft.park(&step.id, StuckAt::Planning, ("expression", why))?;
            return Ok(false);
        }
    }
    let Some(error) = over_budget(draft, step) else {
        return Ok(true);
    };
    draft.end(RunStatus::Failed, Some(error))?;
    Ok(false)
}

/// Why the run may not enter this step, whatever a person would say; none where it may.
fn over_budget(draft: &Draft<'_>, step: &Step) -> Option<RunError> {
    let budget = &draft.definition().budget;
    let error = |code: &str, message: String| {
        Some(RunError {
            code: code.to_owned(),
            message,
        })
    };
    let visits = draft.state.visits.get(&step.id).copied().unwrap_or(0);
    if let Some(most) = step.visits_max.filter(|most| visits >= *most) {
        let message = format!("Step `{}` may be entered {most} times.", step.id);
        return error("max_visits_exceeded", message);
    }
    if let Some(wall_ms) = budget
        .wall_ms
        .filter(|wall_ms| draft.state.active_ms > *wall_ms)
    {
        let message =
            format!("The run has been moving for longer than its budget of {wall_ms} ms.");
        return error("wall_time_exceeded", message);
    }
    None
}

/// Records a call's answer, sets what the step saves, and goes on.
pub(super) fn complete_step(
    draft: &mut Draft<'_>,
    step: &StepId,
    attempt: u32,
    output: &Value,
) -> Result<(), Rejection> {
    let step = draft.step(step)?;
    let visit = draft.state.visits.get(&step.id).copied().unwrap_or(1);
    let save = match &step.kind {
        StepKind::Tool(call) => call.save.as_slice(),
        StepKind::Compute { .. } | StepKind::Gate(_) | StepKind::Wait(_) => &[],
    };
    finish_step(draft, step, (visit, attempt), save, Some(output))
}

/// Ends a visit of a step: renders what it sets, picks the edge, and records both.
pub(super) fn finish_step(
    draft: &mut Draft<'_>,
    step: &Step,
    (visit, attempt): (u32, u32),
    save: &[(String, Template)],
    output: Option<&Value>,
) -> Result<(), Rejection> {
    let finished = render_set(draft, save, output)
        .and_then(|set| next_edge(draft, step, &set, output).map(|next| (set, next)));
    let (set, next) = match finished {
        Ok(finished) => finished,
        Err(trouble) => {
            let stuck = match &step.kind {
                StepKind::Tool(_) | StepKind::Wait(_) if output.is_some() => StuckAt::Finishing,
                StepKind::Wait(_) => StuckAt::Finishing,
                StepKind::Tool(_) | StepKind::Compute { .. } | StepKind::Gate(_) => {
                    StuckAt::Planning
                }
            };
            let why = (trouble.code, trouble.message);
            return draft.park_with(&step.id, stuck, why, output.cloned());
        }
    };
    draft.emit(Event::StepCompleted {
        step: step.id.clone(),
        visit,
        attempt,
        next: next.clone(),
        values: StepValues {
            output: output.cloned(),
            set,
        },
    })?;
    follow(draft, &next)
}

/// Ends the run where the way leads to an end.
pub(super) fn follow(draft: &mut Draft<'_>, next: &Next) -> Result<(), Rejection> {
    let Next::End(status) = next else {
        return Ok(());
    };
    let error = if *status == RunStatus::Succeeded {
        not_done(draft)
    } else {
        None
    };
    let status = if error.is_some() {
        RunStatus::Failed
    } else {
        *status
    };
    draft.end(status, error)
}

/// A run succeeds only where its intent says that it is done.
fn not_done(draft: &Draft<'_>) -> Option<RunError> {
    let review = draft.review();
    let done_when = &draft.definition().intent.done_when;
    let message = match done_when.holds(&draft.scope(&review)) {
        Ok(true) => return None,
        Ok(false) => format!(
            "The run came to its end, but `{}` does not hold.",
            done_when.source()
        ),
        Err(error) => error.to_string(),
    };
    Some(RunError {
        code: "not_done".to_owned(),
        message,
    })
}

/// What keeps a step from being finished: it becomes a dead letter.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl From<EvalError> for Trouble {
    fn from(error: EvalError) -> Self {
        Self {
            code: "expression",
            message: error.to_string(),
        }
    }
}

/// Renders state fields, each from the state as it was before any of them was set.
pub(super) fn render_set(
    draft: &Draft<'_>,
    save: &[(String, Template)],
    output: Option<&Value>,
) -> Result<Fields, Trouble> {
    let review = draft.review();
    let mut scope = draft.scope(&review);
    if let Some(output) = output {
        scope = scope.value("output", output);
    }
    let schema = &draft.definition().meaning.state;
    let mut set = Fields::new();
    for (field, template) in save {
        let value = template.render(&scope)?;
        let value = schema
            .coerce_saved(field, value)
            .map_err(|problems| Trouble {
                code: "state_schema",
                message: problems
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; "),
            })?;
        set.insert(field.clone(), value);
    }
    let size = total([
        size_of_fields(&draft.state.state),
        size_of_fields(&draft.state.outputs),
        size_of_fields(&set),
        output.map_or(0, size_of),
    ]);
    if size > limits::STATE_BYTES_MAX {
        let message = format!(
            "The run's state would pass its limit of {} bytes.",
            limits::STATE_BYTES_MAX
        );
        return Err(Trouble {
            code: "state_too_large",
            message,
        });
    }
    Ok(set)
}

/// The first edge that holds, seen with what the step sets.
fn next_edge(
    draft: &Draft<'_>,
    step: &Step,
    set: &Fields,
    output: Option<&Value>,
) -> Result<Next, Trouble> {
    if let Some(Edge { when: None, to }) = step.edges.next.first() {
        return Ok(next_of(to));
    }
    let mut after = draft.state.clone();
    Arc::make_mut(&mut after.state).extend(set.clone());
    if let Some(output) = output {
        Arc::make_mut(&mut after.outputs)
            .insert(step.id.to_string(), serde_json::json!({ "output": output }));
    }
    let review = draft.review();
    let scope = crate::engine::plan::run_scope(&after, &review);
    for edge in &step.edges.next {
        let holds = match &edge.when {
            None => true,
            Some(when) => when.holds(&scope)?,
        };
        if holds {
            return Ok(next_of(&edge.to));
        }
    }
    Err(Trouble {
        code: "no_edge",
        message: format!(
            "No edge of step `{}` holds, so the run cannot go on.",
            step.id
        ),
    })
}

/// The edge a verdict or a denial takes; without one a run ends with `otherwise`.
pub(super) fn edge_or(edge: Option<&Target>, otherwise: RunStatus) -> Next {
    edge.map_or(Next::End(otherwise), next_of)
}

fn size_of_fields(fields: &Fields) -> usize {
    total(
        fields
            .iter()
            .map(|(name, value)| total([name.len(), size_of(value), 4])),
    )
}

/// About as many bytes as the value has as JSON.
fn size_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => total([text.len(), 2]),
        Value::Array(items) => {
            let items = items.iter().map(|item| total([size_of(item), 1]));
            total([total(items), 2])
        }
        Value::Object(fields) => total([size_of_fields(fields), 2]),
    }
}

fn total(sizes: impl IntoIterator<Item = usize>) -> usize {
    sizes.into_iter().fold(0, usize::saturating_add)
}
