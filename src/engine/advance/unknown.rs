//! An effect of which nobody knows whether it happened: the target is asked, or a person.

use crate::domain::Timestamp;
use crate::engine::advance::sent::Sent;
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, Event, FailureClass, FailureSummary, MessageValues};
use crate::engine::packet::open_outcome_packet;
use crate::engine::probe::plan_probe;
use crate::engine::rejection::Rejection;

/// Asks the target whether an effect happened.
pub(in crate::engine) fn start_probe(
    draft: &mut Draft<'_>,
    sent: &Sent,
    looks: u32,
    failure: Option<&CallFailure>,
) -> Result<(), Rejection> {
    match plan_probe(draft.cx, &sent.effect) {
        Ok((tool, values)) => {
            if let Some(failure) = failure {
                unknown(draft, sent, failure, None)?;
            }
            draft.emit(Event::ProbeStarted {
                step: sent.step.clone(),
                attempt: sent.attempt,
                looks,
                key: sent.effect.key,
                tool,
                values,
            })
        }
        Err(error) => {
            let failure = CallFailure {
                class: FailureClass::Unknown,
                code: "probe_impossible".to_owned(),
                message: format!("The probe cannot be made: {error}"),
                retry_after_ms: None,
            };
            ask_person(draft, sent, &failure)
        }
    }
}

/// Asks a person whether an effect happened, which nothing else can settle. Of a terminated run
/// nobody is asked: whoever looks after it says so.
pub(in crate::engine) fn ask_person(
    draft: &mut Draft<'_>,
    sent: &Sent,
    failure: &CallFailure,
) -> Result<(), Rejection> {
    unknown(draft, sent, failure, None)?;
    if draft.state.saga.stopped() {
        return Ok(());
    }
    open_outcome_packet(draft, sent, &failure.message)
}

/// Records that nobody knows whether an attempt happened. With `retry_at` it is settled then.
pub(in crate::engine) fn unknown(
    draft: &mut Draft<'_>,
    sent: &Sent,
    failure: &CallFailure,
    retry_at: Option<Timestamp>,
) -> Result<(), Rejection> {
    draft.emit(Event::EffectUnknown {
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key: sent.effect.key,
        failure: FailureSummary::from(failure),
        values: MessageValues::from(failure),
        retry_at,
    })
}
