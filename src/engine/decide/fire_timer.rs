//! A run's timer is due.
//!
//! retrying a read → `CallStarted`
//! retrying a write that did not happen → `EffectIntended`; its approval has ended → `GrantVoided`,
//! `PacketOpened`
//! retrying a write that may have happened → `EffectIntended` under the same key while the target
//! keeps it, else `ProbeStarted` or `PacketOpened`; once a probe found nothing, `ProbeStarted`
//! what a person had go on → a read asked anew, a write judged anew
//! sleeping → `StepCompleted`, then on
//! the clock went back since it was set → a retry is due; a wait goes on for what was left of it,
//! `WaitStarted`
//! not yet due, or no timer → refused, `NotDue`

use crate::domain::StepId;
use crate::engine::advance::closing::{give_up, gives_up};
use crate::engine::advance::write::{self, Sent, Settle};
use crate::engine::advance::{advance, complete_wait, read};
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, Event, FailureClass};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RetryCall, Then};

pub(super) fn fire_timer(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let due = draft.state.timer();
    let set_back = due.is_some() && draft.state.is_set_back(draft.now());
    if !set_back && due.is_none_or(|due| due > draft.now()) {
        return Err(Rejection::NotDue {
            run: draft.state.run,
            due: due.map_or_else(|| "none".to_owned(), |due| due.to_string()),
        });
    }
    match draft.state.phase.clone() {
        Phase::Retrying {
            step,
            attempt,
            retries,
            call,
            ..
        } => retry(draft, &step, (attempt, retries), &call),
        Phase::Sleeping { step, until } if set_back => {
            let left_ms = until.ms_since(draft.state.updated_at).max(0);
            draft.emit(Event::WaitStarted {
                visit: draft.state.visits.get(&step).copied().unwrap_or(1),
                step,
                until: Some(draft.now().plus_ms(left_ms)),
                signal: None,
            })
        }
        Phase::Sleeping { step, .. } => {
            complete_wait(draft, &step, None)?;
            advance(draft)
        }
        // None of these has a timer, which was asked first.
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Ok(()),
    }
}

fn retry(
    draft: &mut Draft<'_>,
    step: &StepId,
    (attempt, retries): (u32, u32),
    call: &RetryCall,
) -> Result<(), Rejection> {
    match call {
        RetryCall::Read { anew: true, .. } => read::ask_anew(draft, step, attempt),
        RetryCall::Read { read, .. } => read::call_again(draft, step, (attempt, retries), read),
        RetryCall::Write {
            effect,
            then,
            leave,
        } => {
            let sent = Sent::new(step, (attempt, retries), *leave, effect);
            match then {
                Then::Send | Then::Judge if gives_up(draft, &sent) => {
                    give_up(draft, &sent)?;
                    advance(draft)
                }
                Then::Send => write::send_anew(draft, &sent),
                Then::Judge => write::redrive(draft, &sent),
                Then::Settle { looks } => settle(draft, &sent, *looks),
            }
        }
    }
}

/// What may have happened is settled: by the same key, or a probe, or a person. Once a probe found
/// nothing only another one goes on from there.
pub(super) fn settle(draft: &mut Draft<'_>, sent: &Sent, looks: u32) -> Result<(), Rejection> {
    if looks > 0 {
        return write::start_probe(draft, sent, looks, None);
    }
    match write::settle_by(draft, sent) {
        Settle::Key => write::send_again(draft, sent, sent.retries.saturating_add(1), true),
        Settle::Probe => write::start_probe(draft, sent, 0, None),
        Settle::Person => write::ask_person(draft, sent, &unsettled(draft, sent)),
    }
}

/// Why a person must say what happened.
fn unsettled(draft: &Draft<'_>, sent: &Sent) -> CallFailure {
    let tool = draft.definition().tools.get(&sent.effect.tool);
    let had_key = tool.is_some_and(|tool| tool.manifest.key.is_some());
    let (code, message) = if had_key {
        (
            "key_expired",
            "The target no longer keeps the key under which this was sent.",
        )
    } else {
        (
            "cannot_be_settled",
            "It can be neither repeated under a key nor asked about.",
        )
    };
    CallFailure {
        class: FailureClass::Unknown,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after_ms: None,
    }
}
