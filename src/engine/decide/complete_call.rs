//! A call answered.
//!
//! calling → `StepCompleted`, then on
//! sending → `EffectConfirmed`, `StepCompleted`, then on
//! probing, found → `ProbeAnswered`, `EffectConfirmed`, `StepCompleted`, then on
//! probing, not found → `ProbeAnswered`, `EffectDeferred`, and unless the run is held
//! `EffectIntended` anew
//! probing, unclear → `ProbeAnswered`, `EffectUnknown`, `StepParked`
//! any other attempt → refused, `LateAnswer`

use serde_json::Value;

use crate::domain::{PlannedEffect, StepId, limits};
use crate::engine::advance::write::{self, Sent};
use crate::engine::advance::{advance, complete_step};
use crate::engine::decide::call::{UnderWay, under_way};
use crate::engine::draft::Draft;
use crate::engine::event::{
    CallFailure, Event, FailureClass, FailureSummary, MessageValues, ProbeValues,
};
use crate::engine::rejection::Rejection;
use crate::expr::Scope;

pub(super) fn complete_call(
    draft: &mut Draft<'_>,
    attempt: u32,
    status: u16,
    output: &Value,
) -> Result<(), Rejection> {
    match under_way(draft, attempt)? {
        UnderWay::Read { step, .. } => complete_step(draft, &step, attempt, output)?,
        UnderWay::Write { step, effect, .. } => {
            confirm(draft, &step, attempt, &effect, (status, false))?;
            complete_step(draft, &step, attempt, output)?;
        }
        UnderWay::Probe {
            step,
            retries,
            effect,
        } => {
            let found = probe_found(draft, &effect, output);
            draft.emit(Event::ProbeAnswered {
                step: step.clone(),
                attempt,
                key: effect.key,
                found: found.as_ref().ok().copied(),
                failure: None,
                values: ProbeValues {
                    output: Some(output.clone()),
                    message: None,
                },
            })?;
            let sent = Sent {
                step: &step,
                attempt,
                retries,
                effect: &effect,
            };
            match found {
                Ok(true) => {
                    confirm(draft, &step, attempt, &effect, (status, true))?;
                    complete_step(draft, &step, attempt, output)?;
                }
                Ok(false) => not_done(draft, &sent)?,
                Err(message) => inconclusive(draft, &sent, message)?,
            }
        }
    }
    advance(draft)
}

fn confirm(
    draft: &mut Draft<'_>,
    step: &StepId,
    attempt: u32,
    effect: &PlannedEffect,
    (status, by_probe): (u16, bool),
) -> Result<(), Rejection> {
    draft.emit(Event::EffectConfirmed {
        step: step.clone(),
        attempt,
        tool: effect.tool.clone(),
        key: effect.key,
        status,
        by_probe,
    })
}

/// What a probe's answer says of its effect; the message where it settles nothing.
fn probe_found(draft: &Draft<'_>, effect: &PlannedEffect, output: &Value) -> Result<bool, String> {
    let probe = draft
        .definition()
        .tools
        .get(&effect.tool)
        .and_then(|tool| tool.probe.as_ref())
        .ok_or_else(|| format!("{} has no probe", effect.tool))?;
    let scope = Scope::new()
        .value("args", &effect.arguments)
        .value("output", output);
    probe.found.holds(&scope).map_err(|error| error.to_string())
}

/// The target says that it did not happen: it may be sent again, under the same key.
fn not_done(draft: &mut Draft<'_>, sent: &Sent<'_>) -> Result<(), Rejection> {
    let failure = CallFailure {
        class: FailureClass::Safe,
        code: "not_found_by_probe".to_owned(),
        message: "The target was asked and says that it did not happen.".to_owned(),
        retry_after_ms: None,
    };
    let used_up =
        usize::try_from(sent.retries).unwrap_or(usize::MAX) >= limits::RETRY_WAITS_MS.len();
    let retry_at = (!used_up).then(|| draft.now());
    draft.emit(Event::EffectDeferred {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        failure: FailureSummary::from(&failure),
        values: MessageValues::from(&failure),
        retry_at,
    })?;
    if used_up {
        return draft.park(sent.step, &failure.code, failure.message);
    }
    if draft.state.paused.is_some() {
        return Ok(());
    }
    write::send_again(draft, sent, sent.retries.saturating_add(1), false)
}

/// Parks an effect that no probe could settle.
pub(super) fn inconclusive(
    draft: &mut Draft<'_>,
    sent: &Sent<'_>,
    message: String,
) -> Result<(), Rejection> {
    let failure = CallFailure {
        class: FailureClass::Unknown,
        code: "probe_inconclusive".to_owned(),
        message,
        retry_after_ms: None,
    };
    write::park_unknown(draft, sent, &failure)
}
