//! The undo of an effect: what it would take, and what would be sent.

use serde_json::Value;

use crate::domain::{
    Digest, DigestBuilder, IdempotencyKey, PlannedEffect, ToolName, canonical_value, limits,
};
use crate::engine::command::Context;
use crate::engine::plan::PlanError;
use crate::engine::render::{RenderError, arguments, render};
use crate::engine::saga::{Done, Saga, Undo};
use crate::engine::state::RunState;
use crate::expr::Scope;
use crate::workflow::{Definition, UndoTemplate};

/// How a confirmed effect is undone: none where its tool names no undo, the contract does not list
/// the tool that undoes, or the run remembers as many as it may.
pub(super) fn undo_of(
    definition: &Definition,
    saga: &Saga,
    effect: &PlannedEffect,
    output: &Value,
) -> Option<Undo> {
    // An undoing is not undone.
    if effect.undoes.is_some() || saga.done.len() >= limits::SAGA_EFFECTS_MAX {
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
    let undo = Undo {
        tool: template.tool.clone(),
        arguments: made,
        problem,
    };
    let sizes = saga.done.iter().map(|done| size(&done.undo));
    let held = sizes.fold(size(&undo), usize::saturating_add);
    (held <= limits::SAGA_BYTES_MAX).then_some(undo)
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
    let not_canonical = |error: serde_json::Error| {
        PlanError::Render(RenderError::NotCanonical {
            tool: tool.name.to_string(),
            why: error.to_string(),
        })
    };
    let ordinal = done.refusals.saturating_add(1);
    let canonical = canonical_value(&done.undo.arguments).map_err(not_canonical)?;
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
    effect.digest = effect.digest_of_parts().map_err(not_canonical)?;
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
