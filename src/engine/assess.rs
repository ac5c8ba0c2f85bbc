//! Assessing what a gate or a write is about to let through: effects, evidence, confidence, and
//! what policy says of them.

use serde_json::Value;

use crate::domain::{Digest, Evidence, Holder, PlannedEffect, StepId, Tier, canonical_value};
use crate::engine::command::Context;
use crate::engine::duplicate::ask_about_duplicates;
use crate::engine::plan::{PlanError, plan_effect, run_scope};
use crate::engine::state::RunState;
use crate::expr::Scope;
use crate::govern::policy::{Facts, Judgement, judge};
use crate::workflow::{Gate, StepKind};

/// Everything a packet is made of, and whether one is needed.
#[derive(Clone, Debug)]
pub(super) struct Assessment {
    pub(super) effects: Vec<PlannedEffect>,
    /// What the effects are duplicates of.
    pub(super) duplicates: Vec<Holder>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) confidence: Option<f64>,
    pub(super) note: Option<String>,
    pub(super) title: Option<String>,
    pub(super) judgement: Judgement,
}

/// The gate whose words and confidence count at `step`, and the write steps judged there. A write
/// judged on the spot is judged as the gate would have that let it through before.
pub(super) fn judged_at<'a>(
    cx: &Context<'a>,
    state: &RunState,
    step: &StepId,
) -> (Option<&'a Gate>, Vec<StepId>) {
    if let Some(gate) = gate_at(cx, step) {
        return (Some(gate), gate.covers.clone());
    }
    let mut passed = state.path.iter().rev().filter_map(|at| gate_at(cx, at));
    let gate = passed.find(|gate| gate.covers.contains(step));
    (gate, vec![step.clone()])
}

fn gate_at<'a>(cx: &Context<'a>, step: &StepId) -> Option<&'a Gate> {
    match &cx.definition.steps.get(step)?.kind {
        StepKind::Gate(gate) => Some(gate),
        StepKind::Tool(_) | StepKind::Compute { .. } | StepKind::Wait(_) => None,
    }
}

/// Plans the effects judged at `step` and asks the policy about them.
///
/// # Errors
/// Where an effect cannot be planned.
pub(super) fn assess(
    cx: &Context<'_>,
    state: &RunState,
    step: &StepId,
) -> Result<Assessment, PlanError> {
    let (gate, covers) = judged_at(cx, state, step);
    let mut effects = plan_all(cx, state, &covers)?;
    let review = serde_json::to_value(&state.review).unwrap_or(Value::Null);
    let scope = run_scope(state, &review);
    let mut judgement = Judgement::clear();
    let evidence = gather(cx, &scope, &mut judgement);
    let confidence = gate.and_then(|gate| confidence(gate, &scope, &mut judgement));
    let facts = Facts {
        input: &state.input,
        state: &state.state,
        outputs: &state.outputs,
        confidence,
    };
    judge(cx.definition, &facts, &effects, &mut judgement);
    let duplicates = ask_about_duplicates((cx.holders, state), &mut effects, &mut judgement)?;
    if let Some(by) = &state.edited_by {
        let text = format!("{by} changed the state by hand: no rule lets that through alone.");
        judgement.ask("state.edited", Tier::Elevated, Some("edited"), &text);
    }
    for effect in &effects {
        if state.refused.get(&effect.step) == Some(&effect.digest) {
            let text = "Exactly this was refused before in this run.";
            judgement.ask(
                "effect.refused",
                Tier::Elevated,
                Some("refused_before"),
                text,
            );
        }
    }
    // A gate's words are about its effects, not their undoing. Its confidence counts for both: the
    // rules that judge an undoing may read it.
    let gate = gate.filter(|_| state.saga.next().is_none());
    Ok(Assessment {
        note: words(gate.and_then(|gate| gate.note.as_ref()), &scope),
        title: words(gate.and_then(|gate| gate.title.as_ref()), &scope),
        effects,
        duplicates,
        evidence,
        confidence,
        judgement,
    })
}

fn words(template: Option<&crate::expr::Template>, scope: &Scope<'_>) -> Option<String> {
    let rendered = template.and_then(|template| template.render(scope).ok());
    rendered.and_then(|value| as_text(&value))
}

fn plan_all(
    cx: &Context<'_>,
    state: &RunState,
    covers: &[StepId],
) -> Result<Vec<PlannedEffect>, PlanError> {
    covers
        .iter()
        .map(|id| {
            let step = cx
                .definition
                .steps
                .get(id)
                .ok_or_else(|| PlanError::NotAWrite {
                    step: id.to_string(),
                })?;
            plan_effect(cx, state, step)
        })
        .collect()
}

/// Evidence that is required and missing asks.
fn gather(cx: &Context<'_>, scope: &Scope<'_>, judgement: &mut Judgement) -> Vec<Evidence> {
    let mut evidence = Vec::with_capacity(cx.definition.evidence.len());
    for rule in &cx.definition.evidence {
        let value = rule.value.render(scope).unwrap_or(Value::Null);
        let canonical = canonical_value(&value).ok();
        // A value without a canonical form could not be told from another: it counts as missing.
        let missing = value.is_null() || canonical.is_none();
        if missing && rule.required {
            let text = format!("Required evidence is missing: {}.", rule.title);
            let name = format!("evidence.{}", rule.id);
            judgement.ask(&name, Tier::Elevated, Some("missing_evidence"), &text);
        }
        let value = if canonical.is_some() {
            value
        } else {
            Value::Null
        };
        let digest = Digest::of(canonical.as_deref().unwrap_or(b"null"));
        evidence.push(Evidence {
            id: rule.id.clone(),
            title: rule.title.clone(),
            value,
            source: rule.source.clone(),
            required: rule.required,
            missing,
            digest,
        });
    }
    evidence
}

/// A confidence that is stated but is no number from 0 to 1 asks.
fn confidence(gate: &Gate, scope: &Scope<'_>, judgement: &mut Judgement) -> Option<f64> {
    let template = gate.confidence.as_ref()?;
    let stated = template.render(scope).ok().and_then(|value| value.as_f64());
    let usable = stated.filter(|confidence| (0.0..=1.0).contains(confidence));
    if usable.is_none() {
        let text = "The confidence is missing or no number from 0 to 1.";
        judgement.ask(
            "gate.confidence",
            Tier::Elevated,
            Some("no_confidence"),
            text,
        );
    }
    usable
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(value.to_string())
        }
    }
}
