//! Steps and edges, compiled.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{RunStatus, StepId, ToolName, micro_usd};
use crate::expr::Template;
use crate::workflow::check::edges::{END, end_status};
use crate::workflow::definition::{Edge, Edges, Gate, Step, StepKind, Target, ToolStep, Wait};
use crate::workflow::error::{BundleError, duration, program, template};
use crate::workflow::raw::{RawEdge, RawEnd, RawGate, RawNext, RawStep, RawWait};

pub(super) fn step(id: StepId, mut raw: RawStep) -> Result<Step, BundleError> {
    Ok(Step {
        edges: edges(&id, &mut raw)?,
        visits_max: raw.visits,
        kind: kind(&id, raw)?,
        id,
    })
}

fn kind(id: &StepId, raw: RawStep) -> Result<StepKind, BundleError> {
    let at = |key: &str| format!("steps.{id}.{key}");
    let optional = |key: &str, value: &Option<Value>| match value {
        Some(value) => template(&at(key), value).map(Some),
        None => Ok(None),
    };
    match (raw.compute, raw.tool, raw.gate, raw.wait) {
        (Some(set), None, None, None) => Ok(StepKind::Compute {
            set: fields(&at("compute"), &set)?,
        }),
        (None, Some(tool), None, None) => Ok(StepKind::Tool(ToolStep {
            tool: ToolName::from(tool.as_str()),
            args: fields(&at("args"), &raw.args)?,
            amount: optional("amount", &raw.amount)?,
            operation: optional("operation", &raw.operation)?,
            save: fields(&at("save"), &raw.save)?,
            cost_micro_usd: cost(&at("cost"), raw.cost.as_deref())?,
        })),
        (None, None, Some(gate), None) => self::gate(&at("gate"), &gate).map(StepKind::Gate),
        (None, None, None, Some(wait)) => {
            self::wait(&at("wait"), wait, &raw.save).map(StepKind::Wait)
        }
        _ => Err(BundleError::part(
            at("kind"),
            &"it does not do exactly one thing",
        )),
    }
}

/// A cost in US dollars, in millionths of one.
pub(super) fn cost(place: &str, text: Option<&str>) -> Result<Option<i64>, BundleError> {
    let cost = text.map(micro_usd).transpose();
    cost.map_err(|why| BundleError::part(place, &why))
}

/// Fields in the order of their names, so that equal files compile to equal definitions.
fn fields(
    place: &str,
    values: &BTreeMap<String, Value>,
) -> Result<Vec<(String, Template)>, BundleError> {
    values
        .iter()
        .map(|(name, value)| Ok((name.clone(), template(&format!("{place}.{name}"), value)?)))
        .collect()
}

fn gate(place: &str, raw: &RawGate) -> Result<Gate, BundleError> {
    let optional = |key: &str, value: &Option<Value>| match value {
        Some(value) => template(&format!("{place}.{key}"), value).map(Some),
        None => Ok(None),
    };
    Ok(Gate {
        covers: raw.covers.iter().map(|step| step.as_str().into()).collect(),
        confidence: optional("confidence", &raw.confidence)?,
        note: optional("note", &raw.note)?,
        title: optional("title", &raw.title)?,
        ask: fields(&format!("{place}.ask"), &raw.ask)?,
    })
}

fn wait(place: &str, raw: RawWait, save: &BTreeMap<String, Value>) -> Result<Wait, BundleError> {
    match (raw.duration, raw.signal) {
        (Some(text), None) => Ok(Wait::Timer {
            duration_ms: duration(place, &text)?,
        }),
        (None, Some(name)) => Ok(Wait::Signal {
            name,
            save: fields(place, save)?,
        }),
        _ => Err(BundleError::part(
            place,
            &"it waits for a time or for a signal",
        )),
    }
}

fn edges(id: &StepId, raw: &mut RawStep) -> Result<Edges, BundleError> {
    let place = format!("steps.{id}.next");
    let mut next = match raw.next.take() {
        None => Vec::new(),
        Some(RawNext::One(to)) => vec![Edge {
            when: None,
            to: target(&place, &to)?,
        }],
        Some(RawNext::Several(edges)) => edges
            .iter()
            .map(|raw| edge(&place, raw))
            .collect::<Result<_, _>>()?,
    };
    if let Some(end) = raw.end {
        next.push(Edge {
            when: None,
            to: Target::End(match end {
                RawEnd::Succeeded => RunStatus::Succeeded,
                RawEnd::Rejected => RunStatus::Rejected,
                RawEnd::Failed => RunStatus::Failed,
            }),
        });
    }
    let optional = |to: &Option<String>| to.as_deref().map(|to| target(&place, to)).transpose();
    Ok(Edges {
        next,
        approved: optional(&raw.approved)?,
        rejected: optional(&raw.rejected)?,
        returned: optional(&raw.returned)?,
    })
}

fn edge(place: &str, raw: &RawEdge) -> Result<Edge, BundleError> {
    let when = raw.when.as_deref().map(|source| program(place, source));
    Ok(Edge {
        when: when.transpose()?,
        to: target(place, &raw.to)?,
    })
}

fn target(place: &str, text: &str) -> Result<Target, BundleError> {
    match text.split_once(' ') {
        None if text == END => Ok(Target::End(RunStatus::Succeeded)),
        None => Ok(Target::Step(StepId::from(text))),
        Some((END, word)) => end_status(word)
            .map(Target::End)
            .ok_or_else(|| BundleError::part(place, &format!("a run cannot end as `{word}`"))),
        Some(_) => Err(BundleError::part(place, &format!("`{text}` is no target"))),
    }
}
