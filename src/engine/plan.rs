//! Planning an effect: what a write step would send if it ran now.

use serde_json::Value;

use crate::domain::{
    BusinessIdentity, Digest, DigestBuilder, IdempotencyKey, Money, PlannedEffect, ToolName,
    canonical_value,
};
use crate::engine::command::Context;
use crate::engine::render::{RenderError, arguments, render};
use crate::engine::state::RunState;
use crate::engine::undo::plan_undo;
use crate::expr::Scope;
use crate::workflow::{Step, StepKind, Tool, ToolStep};

/// Why an effect cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error("the amount of step `{step}` is not money: {why}")]
    Amount { step: String, why: String },
    #[error("the operation of step `{step}` must be text or a whole number")]
    Operation { step: String },
    #[error("what undoes {tool} cannot be made: {why}")]
    Undo { tool: String, why: String },
    #[error("step `{step}` is no write step of this definition")]
    NotAWrite { step: String },
}

impl From<crate::expr::EvalError> for PlanError {
    fn from(error: crate::expr::EvalError) -> Self {
        Self::Render(error.into())
    }
}

/// A value of a call of `tool` that has no canonical form.
pub(super) fn not_canonical(tool: &ToolName, error: &serde_json::Error) -> PlanError {
    PlanError::Render(RenderError::NotCanonical {
        tool: tool.to_string(),
        why: error.to_string(),
    })
}

/// Plans the next effect of a write step from the state as it stands; of a run that undoes what it
/// did, the effect that undoes next.
///
/// # Errors
/// [`PlanError`] where an expression gives no value or the arguments miss the tool's schema.
pub fn plan_effect(
    cx: &Context<'_>,
    state: &RunState,
    step: &Step,
) -> Result<PlannedEffect, PlanError> {
    match state.saga.next() {
        Some(done) => plan_undo(cx, state, done),
        None => plan_step(cx, state, step),
    }
}

fn plan_step(cx: &Context<'_>, state: &RunState, step: &Step) -> Result<PlannedEffect, PlanError> {
    let (write, tool) = write_of(cx, step)?;
    let review = serde_json::to_value(&state.review).unwrap_or(Value::Null);
    let scope = run_scope(state, &review);
    let args = arguments(&write.args, &scope)?;
    let amount = match &write.amount {
        Some(template) => Some(money(step, &template.render(&scope)?)?),
        None => None,
    };
    let operation = match &write.operation {
        Some(template) => operation(step, &template.render(&scope)?)?,
        None => step.id.to_string(),
    };
    let ordinal = state
        .effects_done
        .get(&step.id)
        .copied()
        .unwrap_or(0)
        .saturating_add(1);
    let unhashable = |error: serde_json::Error| not_canonical(&tool.name, &error);
    let canonical = canonical_value(&args).map_err(unhashable)?;
    let key = effect_key(state, step, ordinal, &operation, &canonical);
    let request = render(tool, &args, Some(&key), cx.connectors)?;
    let identity = identity(tool, &args)?;
    let mut effect = PlannedEffect {
        step: step.id.clone(),
        tool: tool.name.clone(),
        pin: tool.pin,
        ordinal,
        operation,
        arguments: args,
        amount,
        key,
        request,
        identity,
        undoes: None,
        digest: Digest::ZERO,
    };
    effect.digest = effect.digest_of_parts().map_err(unhashable)?;
    Ok(effect)
}

/// The variables every expression of a run may read. `review` is the run's review as JSON.
pub fn run_scope<'a>(state: &'a RunState, review: &'a Value) -> Scope<'a> {
    let scope = Scope::new()
        .object("input", &state.input)
        .object("state", &state.state)
        .object("steps", &state.outputs);
    if review.is_null() {
        scope
    } else {
        scope.value("review", review)
    }
}

/// The key of DESIGN §3.5: stable over retry, restart and takeover.
fn effect_key(
    state: &RunState,
    step: &Step,
    ordinal: u32,
    operation: &str,
    canonical_args: &[u8],
) -> IdempotencyKey {
    IdempotencyKey(
        DigestBuilder::new("countersign/idempotency-key/v1")
            .text(state.workflow.as_str())
            .bytes(state.run.0.as_bytes())
            .text(step.id.as_str())
            .number(ordinal.into())
            .text(operation)
            .bytes(canonical_args)
            .finish(),
    )
}

/// The business identity that the tool's file declares, as its first operation.
fn identity(tool: &Tool, args: &Value) -> Result<Option<BusinessIdentity>, PlanError> {
    if tool.identity.is_empty() {
        return Ok(None);
    }
    let scope = Scope::new().value("args", args);
    let values: Vec<Value> = tool
        .identity
        .iter()
        .map(|part| part.render(&scope))
        .collect::<Result<_, _>>()?;
    let identity = BusinessIdentity::of(&tool.name, &values);
    let identity = identity.map_err(|error| not_canonical(&tool.name, &error))?;
    Ok(Some(identity))
}

fn write_of<'a>(cx: &Context<'a>, step: &'a Step) -> Result<(&'a ToolStep, &'a Tool), PlanError> {
    let not_a_write = || PlanError::NotAWrite {
        step: step.id.to_string(),
    };
    let StepKind::Tool(write) = &step.kind else {
        return Err(not_a_write());
    };
    let tool = cx
        .definition
        .tools
        .get(&write.tool)
        .ok_or_else(not_a_write)?;
    if tool.is_write() {
        Ok((write, tool))
    } else {
        Err(not_a_write())
    }
}

fn money(step: &Step, value: &Value) -> Result<Money, PlanError> {
    let bad = |why: String| PlanError::Amount {
        step: step.id.to_string(),
        why,
    };
    match value {
        Value::String(text) => text
            .parse()
            .map_err(|error: crate::domain::money::MoneyError| bad(error.to_string())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            serde_json::from_value(value.clone()).map_err(|error| bad(error.to_string()))
        }
    }
}

fn operation(step: &Step, value: &Value) -> Result<String, PlanError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(PlanError::Operation {
                step: step.id.to_string(),
            })
        }
    }
}
