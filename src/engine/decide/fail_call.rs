//! A call failed.
//!
//! | under way | safe | refused | unusable | unknown |
//! |---|---|---|---|---|
//! | read | retry | dead letter | dead letter | retry |
//! | write | retry | dead letter | as unknown | resend under its key, or probe, or ask a person |
//! | probe | ask a person | ask a person | ask a person | ask a person |
//!
//! Where an earlier attempt of a write may have happened, a later "nothing was done" settles
//! nothing: it stays unknown. Retries wait 1 s, 2 s, 4 s; then what was not done is a dead letter,
//! and what may have been done is settled by a probe or a person. Of a run that no longer goes on,
//! what was not done is given up; of a terminated one, what is unknown waits for whoever asks.

use crate::domain::StepId;
use crate::engine::advance::advance;
use crate::engine::advance::closing::{give_up, gives_up};
use crate::engine::advance::write::{self, Sent, Settle};
use crate::engine::dead_letter::StuckAt;
use crate::engine::decide::call::{UnderWay, under_way};
use crate::engine::decide::complete_call::inconclusive;
use crate::engine::draft::Draft;
use crate::engine::event::{
    CallFailure, Event, FailureClass, FailureSummary, MessageValues, ProbeValues,
};
use crate::engine::rejection::Rejection;
use crate::engine::retry::retry_at;

pub(super) fn fail_call(
    draft: &mut Draft<'_>,
    attempt: u32,
    failure: &CallFailure,
) -> Result<(), Rejection> {
    match under_way(draft, attempt)? {
        UnderWay::Read { step, retries } => read_failed(draft, &step, (attempt, retries), failure),
        UnderWay::Write { sent, unknown } => match failure.class {
            FailureClass::Safe if !unknown => deferred(draft, &sent, failure),
            FailureClass::Refused if !unknown => refused(draft, &sent, failure),
            FailureClass::Safe
            | FailureClass::Refused
            | FailureClass::Unusable
            | FailureClass::Unknown => outcome_unknown(draft, &sent, failure),
        },
        UnderWay::Probe { sent, .. } => {
            draft.emit(Event::ProbeAnswered {
                step: sent.step.clone(),
                attempt,
                key: sent.effect.key,
                found: None,
                failure: Some(FailureSummary::from(failure)),
                values: ProbeValues {
                    output: None,
                    message: Some(failure.message.clone()),
                },
            })?;
            inconclusive(draft, &sent, failure.message.clone())
        }
    }
}

fn read_failed(
    draft: &mut Draft<'_>,
    step: &StepId,
    (attempt, retries): (u32, u32),
    failure: &CallFailure,
) -> Result<(), Rejection> {
    let again = match failure.class {
        FailureClass::Safe | FailureClass::Unknown => retry_at(draft, retries, failure),
        FailureClass::Refused | FailureClass::Unusable => None,
    };
    draft.emit(Event::CallFailed {
        step: step.clone(),
        attempt,
        failure: FailureSummary::from(failure),
        values: MessageValues::from(failure),
        retry_at: again,
    })?;
    if again.is_some() {
        return Ok(());
    }
    let why = (failure.code.as_str(), failure.message.clone());
    draft.park(step, StuckAt::Reading, why)
}

fn deferred(draft: &mut Draft<'_>, sent: &Sent, failure: &CallFailure) -> Result<(), Rejection> {
    let gives_up = gives_up(draft, sent);
    let again = retry_at(draft, sent.retries, failure).filter(|_| !gives_up);
    draft.emit(Event::EffectDeferred {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        failure: FailureSummary::from(failure),
        values: MessageValues::from(failure),
        retry_at: again,
    })?;
    if again.is_some() {
        return Ok(());
    }
    if gives_up {
        give_up(draft, sent)?;
        return advance(draft);
    }
    let why = (failure.code.as_str(), failure.message.clone());
    draft.park(&sent.step, StuckAt::NotDone, why)
}

fn refused(draft: &mut Draft<'_>, sent: &Sent, failure: &CallFailure) -> Result<(), Rejection> {
    draft.emit(Event::EffectRefused {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        failure: FailureSummary::from(failure),
        values: MessageValues::from(failure),
    })?;
    if gives_up(draft, sent) {
        return advance(draft);
    }
    let why = (failure.code.as_str(), failure.message.clone());
    draft.park(&sent.step, StuckAt::Refused, why)
}

fn outcome_unknown(
    draft: &mut Draft<'_>,
    sent: &Sent,
    failure: &CallFailure,
) -> Result<(), Rejection> {
    if draft.state.saga.stopped() {
        return write::unknown(draft, sent, failure, None);
    }
    let again = match write::settle_by(draft, sent) {
        Settle::Key => retry_at(draft, sent.retries, failure),
        Settle::Probe | Settle::Person => None,
    };
    if again.is_none() && write::has_probe(draft, sent) {
        return write::start_probe(draft, sent, 0, Some(failure));
    }
    if again.is_none() {
        return write::ask_person(draft, sent, failure);
    }
    write::unknown(draft, sent, failure, again)
}
