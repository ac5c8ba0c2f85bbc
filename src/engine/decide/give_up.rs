//! Parking a run that nobody can drive: those who tried ended before they were done.
//!
//! ready, sleeping, retrying a read → `StepParked`, begun anew by a redrive
//! calling → `StepParked`, asked again by a redrive
//! a write that certainly was not done → `StepParked`, sent or judged anew by a redrive
//! a write that may have been done → `EffectUnknown`, `PacketOpened`
//! waiting for a person or a signal, parked, ended → nothing to give up

use crate::engine::advance::write::{self, Sent};
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, FailureClass};
use crate::engine::flight::flight_of;
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RetryCall, Then};

pub(super) fn give_up(draft: &mut Draft<'_>, code: &str, message: &str) -> Result<(), Rejection> {
    let (step, stuck) = match draft.state.phase.clone() {
        Phase::Ready { step, .. } | Phase::Sleeping { step, .. } => (step, StuckAt::Planning),
        Phase::Calling { step, .. } => (step, StuckAt::Reading),
        Phase::Retrying { step, call, .. } => match call {
            RetryCall::Read { .. } => (step, StuckAt::Planning),
            RetryCall::Write { then, .. } => match then {
                Then::Send | Then::Judge => (step, StuckAt::NotDone),
                Then::Settle { .. } => return ask(draft, code, message),
            },
        },
        Phase::Sending { .. } | Phase::Probing { .. } => return ask(draft, code, message),
        Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => return Ok(()),
    };
    draft.park(&step, stuck, (code, message.to_owned()))
}

/// Asks a person about the write that is under way.
fn ask(draft: &mut Draft<'_>, code: &str, message: &str) -> Result<(), Rejection> {
    let Some(flight) = flight_of(&draft.state.phase) else {
        return Err(draft.broken("no write is under way"));
    };
    let tries = (flight.attempt, flight.retries);
    let sent = Sent::new(flight.step, tries, flight.leave, flight.effect);
    let failure = CallFailure {
        class: FailureClass::Unknown,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after_ms: None,
    };
    write::ask_person(draft, &sent, &failure)
}
