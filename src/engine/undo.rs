//! The undo of an effect: what it would take, and what would be sent.

use serde_json::Value;

use crate::domain::{
    Digest, DigestBuilder, IdempotencyKey, PlannedEffect, ToolName, canonical_value, limits,
};
use crate::engine::command::Context;
use crate::engine::plan::{PlanError, not_canonical};
use crate::engine::render::{arguments, render};
use crate::engine::saga::{Done, Saga, Undo};
use crate::engine::state::RunState;
use crate::expr::Scope;
use crate::workflow::{Definition, UndoTemplate};

/// Whether a confirmed effect can be undone.
#[derive(Debug)]
pub(super) enum Undoable {
    /// Its tool names no undo, or the contract does not list the tool that undoes.
    Never,
    By(Undo),
    /// It could be, but the run remembers as many as it may.
    BeyondLimit,
}

impl Undoable {
    pub(super) fn is_beyond_limit(&self) -> bool {
        matches!(self, Self::BeyondLimit)
    }

    /// The call that undoes it.
    pub(super) fn undo(self) -> Option<Box<Undo>> {
        match self {
            Self::By(undo) => Some(Box::new(undo)),
            Self::Never | Self::BeyondLimit => None,
        }
    }
}

/// How a confirmed effect is undone, as far as the run has room to remember it.
pub(super) fn undo_of(
    definition: &Definition,
    saga: &Saga,
    effect: &PlannedEffect,
    output: &Value,
) -> Undoable {
    let Some(undo) = call_of(definition, effect, output) else {
        return Undoable::Never;
    };
    let sizes = saga.done.iter().map(|done| size(&done.undo));
    let held = sizes.fold(size(&undo), usize::saturating_add);
    if saga.done.len() < limits::SAGA_EFFECTS_MAX && held <= limits::SAGA_BYTES_MAX {
        Undoable::By(undo)
    } else {
        Undoable::BeyondLimit
    }
}

/// The call that undoes an effect; an undoing is not undone.
fn call_of(definition: &Definition, effect: &PlannedEffect, output: &Value) -> Option<Undo> {
    if effect.undoes.is_some() {
        return None;
    }
    let template = template(definition, &effect.tool)?;
    let key = Value::String(effect.key.to_string());
    let scope = Scope::new()
        .value("args", &effect.arguments)
        .value("key", &key)
        .value("output", output);
    let (made, problem) = match arguments(&template.args, &scope) {
        Ok(made) => (made, None),
        Err(error) => (Value::Null, Some(error.to_string())),
    };
    Some(Undo {
        tool: template.tool.clone(),
        arguments: made,
        problem,
    })
}

/// The tool that undoes what `tool` does: none where its file names none, or the contract does not
/// list it.
pub fn undo_tool<'a>(definition: &'a Definition, tool: &ToolName) -> Option<&'a ToolName> {
    template(definition, tool).map(|template| &template.tool)
}

fn template<'a>(definition: &'a Definition, tool: &ToolName) -> Option<&'a UndoTemplate> {
    let template = definition.tools.get(tool)?.compensate.as_ref()?;
    let listed = definition.effects.contains_key(&template.tool);
    listed.then_some(template)
}

fn size(undo: &Undo) -> usize {
    undo.arguments.to_string().len()
}

/// Plans the effect that undoes `done`, as it would be sent now.
///
/// # Errors
/// [`PlanError`] where its arguments could not be made or miss the tool's schema.
pub(super) fn plan_undo(
    cx: &Context<'_>,
    state: &RunState,
    done: &Done,
) -> Result<PlannedEffect, PlanError> {
    let cannot = |why: &str| PlanError::Undo {
        tool: done.tool.to_string(),
        why: why.to_owned(),
    };
    if let Some(problem) = &done.undo.problem {
        return Err(cannot(problem));
    }
    let tools = &cx.definition.tools;
    let tool = tools
        .get(&done.undo.tool)
        .filter(|tool| tool.is_write())
        .ok_or_else(|| cannot("the definition pins no write that undoes it"))?;
    let unhashable = |error: serde_json::Error| not_canonical(&tool.name, &error);
    let ordinal = done.refusals.saturating_add(1);
    let canonical = canonical_value(&done.undo.arguments).map_err(unhashable)?;
    let key = undo_key(state, done, ordinal, &tool.name, &canonical);
    let mut effect = PlannedEffect {
        step: done.step.clone(),
        tool: tool.name.clone(),
        pin: tool.pin,
        ordinal,
        operation: format!("undo {}", done.operation),
        arguments: done.undo.arguments.clone(),
        amount: done.amount,
        key,
        request: render(tool, &done.undo.arguments, Some(&key), cx.connectors)?,
        identity: None,
        undoes: Some(done.key),
        digest: Digest::ZERO,
    };
    effect.digest = effect.digest_of_parts().map_err(unhashable)?;
    Ok(effect)
}

/// Stable over retry, restart and takeover, and never a key of the step's own effects: the domain
/// is another, and it hangs on the key of what is undone.
fn undo_key(
    state: &RunState,
    done: &Done,
    ordinal: u32,
    tool: &ToolName,
    canonical_args: &[u8],
) -> IdempotencyKey {
    IdempotencyKey(
        DigestBuilder::new("countersign/compensation-key/v1")
            .text(state.workflow.as_str())
            .bytes(state.run.0.as_bytes())
            .text(done.step.as_str())
            .digest(&done.key.0)
            .number(ordinal.into())
            .text(tool.as_str())
            .bytes(canonical_args)
            .finish(),
    )
}
