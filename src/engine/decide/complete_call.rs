//! A call answered.
//!
//! calling → `StepCompleted`, then on
//! sending → `EffectConfirmed`, `StepCompleted`, then on
//! probing, found → `ProbeAnswered`, `EffectConfirmed`, `StepCompleted`, then on
//! probing, not found at second look → `ProbeAnswered`, `EffectDeferred`, and unless the run is
//! held `EffectIntended` anew; once the retries are used up, `EffectUnknown`, `PacketOpened`
//! probing, not found at first look → `ProbeAnswered`, `EffectUnknown`: the target may only be
//! slow, so it is asked again later
//! probing, unclear, or what was found may be another operation of the same act → `ProbeAnswered`,
//! `EffectUnknown`, `PacketOpened`
//! the run no longer goes on → what was answered is recorded, and its end goes on
//! any other attempt → refused, `LateAnswer`
//!
//! What was answered is recorded even where what follows from it cannot be decided: the step is
//! then parked.

use serde_json::Value;

use crate::domain::{StepId, limits};
use crate::engine::advance::closing::{give_up, gives_up};
use crate::engine::advance::write::{self, Sent};
use crate::engine::advance::{advance, complete_step};
use crate::engine::dead_letter::StuckAt;
use crate::engine::decide::call::{UnderWay, under_way};
use crate::engine::draft::Draft;
use crate::engine::duplicate::found_of_another;
use crate::engine::event::{
    CallFailure, Event, FailureClass, FailureSummary, MessageValues, ProbeValues, UndoValues,
};
use crate::engine::probe::{probe_found, probed_answer};
use crate::engine::rejection::Rejection;
use crate::engine::undo::undo_of;

pub(super) fn complete_call(
    draft: &mut Draft<'_>,
    attempt: u32,
    status: u16,
    output: &Value,
) -> Result<(), Rejection> {
    match under_way(draft, attempt)? {
        UnderWay::Read { step, .. } => go_on(draft, &step, attempt, output),
        UnderWay::Write { sent, .. } => {
            confirm(draft, &sent, (status, false), output)?;
            go_on(draft, &sent.step, attempt, output)
        }
        UnderWay::Probe { sent, looks } => probed(draft, &sent, looks, (status, output)),
    }
}

/// Completes the step and goes on. Where that cannot be decided, the answer still stands.
pub(super) fn go_on(
    draft: &mut Draft<'_>,
    step: &StepId,
    attempt: u32,
    output: &Value,
) -> Result<(), Rejection> {
    let answered = draft.events.len();
    let closing = draft.state.saga.closing.is_some();
    let completed = if closing {
        Ok(())
    } else {
        complete_step(draft, step, attempt, output)
    };
    let Err(why) = completed.and_then(|()| advance(draft)) else {
        return Ok(());
    };
    draft.rewind(answered)?;
    if closing {
        return Ok(());
    }
    let why = ("cannot_go_on", why.to_string());
    draft.park_with(step, StuckAt::Finishing, why, Some(output.clone()))
}

fn confirm(
    draft: &mut Draft<'_>,
    sent: &Sent,
    (status, by_probe): (u16, bool),
    output: &Value,
) -> Result<(), Rejection> {
    let undo = undo_of(draft.definition(), &draft.state.saga, &sent.effect, output);
    draft.emit(Event::EffectConfirmed {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        status,
        by_probe,
        beyond_limit: undo.is_beyond_limit(),
        values: undo.undo().map(|undo| UndoValues { undo }),
    })
}

fn probed(
    draft: &mut Draft<'_>,
    sent: &Sent,
    looks: u32,
    (status, output): (u16, &Value),
) -> Result<(), Rejection> {
    let found = found(draft, sent, output);
    draft.emit(Event::ProbeAnswered {
        step: sent.step.clone(),
        attempt: sent.attempt,
        key: sent.effect.key,
        found: found.as_ref().ok().copied(),
        failure: None,
        values: ProbeValues {
            output: Some(output.clone()),
            message: None,
        },
    })?;
    match found {
        Ok(true) => {
            let answer = probed_answer(draft.definition(), &sent.effect, output);
            confirm(draft, sent, (status, true), &answer)?;
            go_on(draft, &sent.step, sent.attempt, &answer)
        }
        Ok(false) if looks > 0 => not_done(draft, sent),
        Ok(false) => look_again(draft, sent),
        Err(message) => inconclusive(draft, sent, message),
    }
}

/// Whether the target did it. What it found may be what another effect did: that settles nothing.
fn found(draft: &Draft<'_>, sent: &Sent, output: &Value) -> Result<bool, String> {
    let found = probe_found(draft.definition(), &sent.effect, output)?;
    if !found {
        return Ok(false);
    }
    let whose = found_of_another(draft.cx, draft.state.run, &sent.effect, output);
    whose.map_or(Ok(true), Err)
}

/// The first "no" proves nothing while the request may still be under way at the target: it is
/// asked again once the call's own time limit has passed once more.
fn look_again(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    let tool = draft.definition().tools.get(&sent.effect.tool);
    let [first_wait_ms, ..] = limits::RETRY_WAITS_MS;
    let wait_ms = tool.map_or(first_wait_ms, |tool| tool.timeout_ms.max(first_wait_ms));
    let failure = failure(
        FailureClass::Unknown,
        "not_found_yet",
        "The target was asked and does not know of it yet.",
    );
    write::unknown(draft, sent, &failure, Some(draft.now().plus_ms(wait_ms)))
}

/// The target was asked twice and says that it did not happen: it may be sent again, under the
/// same key. After the last retry a person must say so: a target this slow may still do it.
fn not_done(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    if gives_up(draft, sent) {
        give_up(draft, sent)?;
        return advance(draft);
    }
    let used_up =
        usize::try_from(sent.retries).unwrap_or(usize::MAX) >= limits::RETRY_WAITS_MS.len();
    if used_up {
        let text = "The target was asked and does not know of it, after every retry.";
        let failure = failure(FailureClass::Unknown, "never_found", text);
        return write::ask_person(draft, sent, &failure);
    }
    let text = "The target was asked and says that it did not happen.";
    let failure = failure(FailureClass::Safe, "not_found_by_probe", text);
    draft.emit(Event::EffectDeferred {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        failure: FailureSummary::from(&failure),
        values: MessageValues::from(&failure),
        retry_at: Some(draft.now()),
    })?;
    if draft.state.paused.is_some() {
        return Ok(());
    }
    write::send_anew(draft, sent)
}

/// Parks an effect that no probe could settle.
pub(super) fn inconclusive(
    draft: &mut Draft<'_>,
    sent: &Sent,
    message: String,
) -> Result<(), Rejection> {
    let failure = CallFailure {
        message,
        ..failure(FailureClass::Unknown, "probe_inconclusive", "")
    };
    write::ask_person(draft, sent, &failure)
}

fn failure(class: FailureClass, code: &str, message: &str) -> CallFailure {
    CallFailure {
        class,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after_ms: None,
    }
}
