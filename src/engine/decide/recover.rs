//! Taking over a run whose process died.
//!
//! ready → on; calling, probing → nothing to decide, the read is repeated
//! sending, target keeps keys → `EffectUnknown`, and unless the run is held `EffectIntended`
//! under the same key
//! sending, target can be asked → `ProbeStarted`
//! sending, neither → `EffectUnknown`, `StepParked`
//! anything else → nothing to recover

use crate::engine::advance::advance;
use crate::engine::advance::write::{self, Sent};
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, Event, FailureClass, FailureSummary, MessageValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

pub(super) fn recover(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    match draft.state.phase.clone() {
        Phase::Ready { .. } => advance(draft),
        Phase::Sending {
            step,
            attempt,
            retries,
            effect,
            ..
        } => {
            let failure = CallFailure {
                class: FailureClass::Unknown,
                code: "interrupted".to_owned(),
                message: "The process that sent this ended before it recorded an outcome."
                    .to_owned(),
                retry_after_ms: None,
            };
            let sent = Sent {
                step: &step,
                attempt,
                retries,
                effect: &effect,
            };
            let tool = draft.definition().tools.get(&effect.tool);
            if tool.is_some_and(|tool| tool.manifest.key.is_some()) {
                let now = draft.now();
                draft.emit(Event::EffectUnknown {
                    step: step.clone(),
                    attempt,
                    tool: effect.tool.clone(),
                    key: effect.key,
                    failure: FailureSummary::from(&failure),
                    values: MessageValues::from(&failure),
                    retry_at: Some(now),
                })?;
                // The stop switch holds: released, the run's timer sends it.
                if draft.state.paused.is_some() {
                    return Ok(());
                }
                write::send_again(draft, &sent, retries, true)
            } else if tool.is_some_and(|tool| tool.probe.is_some()) {
                write::start_probe(draft, &sent, &failure)
            } else {
                write::park_unknown(draft, &sent, &failure)
            }
        }
        Phase::Calling { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Ok(()),
    }
}
