//! Taking over a run whose process died.
//!
//! ready → on; calling, probing → nothing to decide, the read is repeated
//! sending, target keeps keys → `EffectUnknown`, and unless the run is held `EffectIntended`
//! under the same key
//! sending, target can be asked → `ProbeStarted`
//! sending, neither → `EffectUnknown`, `PacketOpened`
//! anything else → nothing to recover

use crate::engine::advance::advance;
use crate::engine::advance::write::{self, Sent, Settle};
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, FailureClass};
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

pub(super) fn recover(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    // What a terminated run has in flight is settled by who asks, not by sending it again.
    if draft.state.saga.stopped() && matches!(draft.state.phase, Phase::Sending { .. }) {
        return Ok(());
    }
    match draft.state.phase.clone() {
        Phase::Ready { .. } => advance(draft),
        Phase::Sending {
            step,
            attempt,
            retries,
            leave,
            effect,
            ..
        } => interrupted(draft, &Sent::new(&step, (attempt, retries), leave, &effect)),
        Phase::Calling { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Ok(()),
    }
}

fn interrupted(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    let failure = CallFailure {
        class: FailureClass::Unknown,
        code: "interrupted".to_owned(),
        message: "The process that sent this ended before it recorded an outcome.".to_owned(),
        retry_after_ms: None,
    };
    match write::settle_by(draft, sent) {
        Settle::Probe => return write::start_probe(draft, sent, 0, Some(&failure)),
        Settle::Person => return write::ask_person(draft, sent, &failure),
        Settle::Key => {}
    }
    let now = draft.now();
    write::unknown(draft, sent, &failure, Some(now))?;
    // The stop switch holds: released, the run's timer sends it.
    if draft.state.paused.is_some() {
        return Ok(());
    }
    // A crash is no answer of the target: it uses up no retry.
    write::send_again(draft, sent, sent.retries, true)
}
