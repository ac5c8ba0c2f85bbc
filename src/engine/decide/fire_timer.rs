//! A run's timer is due.
//!
//! retrying a read → `CallStarted`
//! retrying a write that did not happen → `EffectIntended`; its approval has ended → `GrantVoided`,
//! `PacketOpened`
//! retrying a write that may have happened → `EffectIntended` under the same key while the target
//! keeps it, else `ProbeStarted` or `StepParked`
//! sleeping → `StepCompleted`, then on
//! not yet due, or no timer → refused, `NotDue`

use crate::engine::advance::write::{self, Sent, Settle};
use crate::engine::advance::{advance, complete_wait, read};
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, FailureClass};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RetryCall};

pub(super) fn fire_timer(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let due = draft.state.timer();
    if due.is_none_or(|due| due > draft.now()) {
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
            call: RetryCall::Read { read: call },
            ..
        } => read::call_again(draft, &step, (attempt, retries), &call),
        Phase::Retrying {
            step,
            attempt,
            retries,
            call:
                RetryCall::Write {
                    effect,
                    unknown,
                    leave,
                },
            ..
        } => {
            let sent = Sent::new(&step, (attempt, retries), leave, &effect);
            retry_write(draft, &sent, unknown)
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
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Ok(()),
    }
}

/// What certainly did not happen is sent anew while its approval holds; what may have happened
/// is settled first.
pub(super) fn retry_write(
    draft: &mut Draft<'_>,
    sent: &Sent,
    unknown: bool,
) -> Result<(), Rejection> {
    if !unknown {
        return write::send_anew(draft, sent);
    }
    match write::settle_by(draft, sent) {
        Settle::Key => write::send_again(draft, sent, sent.retries.saturating_add(1), true),
        Settle::Probe => write::start_probe(draft, sent, 1, None),
        Settle::Person => {
            let failure = CallFailure {
                class: FailureClass::Unknown,
                code: "key_expired".to_owned(),
                message: "The target no longer keeps the key under which this was sent.".to_owned(),
                retry_after_ms: None,
            };
            write::park_unknown(draft, sent, &failure)
        }
    }
}
