//! A run's timer is due.
//!
//! retrying a read → `CallStarted`; retrying a write → `EffectIntended` under the same key
//! sleeping → `StepCompleted`, then on
//! not yet due, or no timer → refused, `NotDue`

use crate::engine::advance::write::{self, Sent};
use crate::engine::advance::{advance, complete_wait, read};
use crate::engine::draft::Draft;
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
            call: RetryCall::Write { effect, unknown },
            ..
        } => {
            let sent = Sent {
                step: &step,
                attempt,
                retries,
                effect: &effect,
            };
            write::send_again(draft, &sent, retries.saturating_add(1), unknown)
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
