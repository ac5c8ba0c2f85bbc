//! From a checked manifest to the compiled tool.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::limits::CALL_TIMEOUT_MS_DEFAULT;
use crate::domain::tool::{Body, Compensate, Probe, ToolManifest};
use crate::domain::{Digest, ToolName, canonical_json};
use crate::workflow::definition::{BodyTemplate, ProbeTemplate, Tool, UndoTemplate};
use crate::workflow::error::{BundleError, duration, program, template};
use crate::workflow::schema::Schema;

pub(super) fn tool(manifest: Value) -> Result<Tool, BundleError> {
    let manifest: ToolManifest = serde_json::from_value(manifest)?;
    let timeout_ms = match &manifest.timeout {
        Some(text) => duration("timeout", text)?,
        None => CALL_TIMEOUT_MS_DEFAULT,
    };
    let kept = manifest
        .key
        .as_ref()
        .map(|key| duration("key.kept", &key.kept));
    Ok(Tool {
        name: ToolName::from(manifest.tool.as_str()),
        pin: Digest::of(&canonical_json(&manifest)?),
        path: template("path", &Value::String(manifest.path.clone()))?,
        query: pairs("query", &manifest.query)?,
        headers: pairs("headers", &manifest.headers)?,
        body: manifest.body.as_ref().map(body).transpose()?,
        identity: manifest
            .identity
            .iter()
            .map(|part| template("identity", part))
            .collect::<Result<_, _>>()?,
        timeout_ms,
        key_kept_ms: kept.transpose()?,
        args: schema("args", &manifest.args)?,
        output: schema("output", &manifest.output)?,
        probe: manifest.probe.as_ref().map(probe).transpose()?,
        compensate: manifest.compensate.as_ref().map(undo).transpose()?,
        manifest,
    })
}

fn pairs(
    place: &str,
    values: &BTreeMap<String, Value>,
) -> Result<Vec<(String, crate::expr::Template)>, BundleError> {
    values
        .iter()
        .map(|(name, value)| Ok((name.clone(), template(place, value)?)))
        .collect()
}

fn body(body: &Body) -> Result<BodyTemplate, BundleError> {
    Ok(match body {
        Body::Json(value) => BodyTemplate::Json(template("body", value)?),
        Body::Form(fields) => BodyTemplate::Form(pairs("body", fields)?),
    })
}

fn probe(probe: &Probe) -> Result<ProbeTemplate, BundleError> {
    Ok(ProbeTemplate {
        tool: ToolName::from(probe.tool.as_str()),
        args: pairs("probe.args", &probe.args)?,
        found: program("probe.found", &probe.found)?,
        output: probe
            .output
            .as_ref()
            .map(|output| template("probe.output", output))
            .transpose()?,
    })
}

fn undo(undo: &Compensate) -> Result<UndoTemplate, BundleError> {
    Ok(UndoTemplate {
        tool: ToolName::from(undo.tool.as_str()),
        args: pairs("compensate.args", &undo.args)?,
    })
}

fn schema(place: &str, schema: &Value) -> Result<Schema, BundleError> {
    Schema::compile(schema).map_err(|problem| BundleError::part(place, &problem))
}
