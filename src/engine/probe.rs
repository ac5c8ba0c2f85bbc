//! Asking a target whether a write happened.

use serde_json::Value;

use crate::domain::{Fields, PlannedEffect, ToolName};
use crate::engine::command::Context;
use crate::engine::event::CallValues;
use crate::engine::render::{RenderError, arguments, render};
use crate::expr::{Program, Scope};
use crate::workflow::Definition;

/// The read that asks after `effect`, as it would be sent now.
///
/// # Errors
/// Where its tool has no probe, or the probe's request cannot be made.
pub fn plan_probe(
    cx: &Context<'_>,
    effect: &PlannedEffect,
) -> Result<(ToolName, CallValues), RenderError> {
    let missing = || RenderError::NoConnector(effect.tool.to_string());
    let tools = &cx.definition.tools;
    let probe = tools
        .get(&effect.tool)
        .and_then(|tool| tool.probe.as_ref())
        .ok_or_else(missing)?;
    let tool = tools.get(&probe.tool).ok_or_else(missing)?;
    let key = Value::String(effect.key.to_string());
    let scope = Scope::new()
        .value("args", &effect.arguments)
        .value("key", &key);
    let arguments = arguments(&probe.args, &scope)?;
    let request = render(tool, &arguments, None, cx.connectors)?;
    Ok((probe.tool.clone(), CallValues { arguments, request }))
}

/// What a probe's answer says of its effect.
///
/// # Errors
/// A sentence, where the answer settles nothing.
pub fn probe_found(
    definition: &Definition,
    effect: &PlannedEffect,
    output: &Value,
) -> Result<bool, String> {
    let probe = definition
        .tools
        .get(&effect.tool)
        .and_then(|tool| tool.probe.as_ref())
        .ok_or_else(|| format!("{} has no probe", effect.tool))?;
    let key = Value::String(effect.key.to_string());
    let scope = answer_scope(effect, &key, output);
    probe.found.holds(&scope).map_err(|error| error.to_string())
}

/// Whether the probe of `tool` asks after one effect by its key, and not after whatever looks like
/// it.
pub(super) fn asks_by_key(definition: &Definition, tool: &ToolName) -> bool {
    let probe = definition
        .tools
        .get(tool)
        .and_then(|tool| tool.probe.as_ref());
    let Some(probe) = probe else {
        return false;
    };
    let in_args = probe.args.iter().flat_map(|(_, value)| value.programs());
    let mut read = in_args.chain([&probe.found]).flat_map(Program::references);
    read.any(|name| name == "key")
}

/// What the write would have answered, as far as its probe tells: an empty object where the tool's
/// file does not say how, or what comes of it misses the write's own output schema. What needs
/// more cannot be finished, and waits as a dead letter; it is never sent again.
pub fn probed_answer(definition: &Definition, effect: &PlannedEffect, output: &Value) -> Value {
    let key = Value::String(effect.key.to_string());
    let scope = answer_scope(effect, &key, output);
    let tool = definition.tools.get(&effect.tool);
    let template = tool
        .and_then(|tool| tool.probe.as_ref())
        .and_then(|probe| probe.output.as_ref());
    template
        .and_then(|template| template.render(&scope).ok())
        .filter(|answer| tool.is_some_and(|tool| tool.output.problems(answer).is_empty()))
        .unwrap_or_else(|| Value::Object(Fields::new()))
}

fn answer_scope<'a>(effect: &'a PlannedEffect, key: &'a Value, output: &'a Value) -> Scope<'a> {
    Scope::new()
        .value("args", &effect.arguments)
        .value("key", key)
        .value("output", output)
}
