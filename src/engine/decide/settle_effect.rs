//! A person says whether an effect of unknown outcome happened.
//!
//! happened → `EffectSettled`, `StepCompleted` with what the target answered, then on; where that
//! cannot be decided `StepParked`, and nothing is ever sent again
//! not happened → `EffectSettled`, and it is sent under its key while its approval binds, else
//! judged anew
//! ask again → `EffectSettled`, and the same key again, or `ProbeStarted`
//! that effect is not unsettled → refused, `NotUnsettled`
//! not permitted → refused; ask again where nothing can be asked → refused, `CannotAsk`

use serde_json::Value;

use crate::domain::{Fields, IdempotencyKey, Packet};
use crate::engine::advance::write::{self, Sent, Settle, settle_by};
use crate::engine::decide::complete_call::go_on;
use crate::engine::decide::fire_timer::settle;
use crate::engine::decide::give_verdict::permitted;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, ReasonValues, Settled};
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

/// What the person said.
#[derive(Debug)]
pub(super) struct Said<'a> {
    pub(super) settled: Settled,
    pub(super) output: Option<&'a Value>,
    pub(super) reason: Option<&'a str>,
}

pub(super) fn settle_effect(
    draft: &mut Draft<'_>,
    key: IdempotencyKey,
    said: &Said<'_>,
) -> Result<(), Rejection> {
    let (sent, packet) = unsettled(draft, key)?;
    permitted(draft, &packet, said.settled != Settled::AskAgain)?;
    let values = match said.reason {
        Some(reason) => bounded(reason)?,
        None => ReasonValues { reason: None },
    };
    if said.settled == Settled::AskAgain && settle_by(draft, &sent) == Settle::Person {
        return Err(Rejection::CannotAsk {
            tool: sent.effect.tool.to_string(),
        });
    }
    let answered = answered(draft, &sent, said)?;
    draft.emit(Event::EffectSettled {
        packet: packet.packet,
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key,
        settled: said.settled,
        values,
    })?;
    let may_call = draft.state.paused.is_none() && draft.cx.executes;
    match said.settled {
        Settled::Happened => go_on(draft, &sent.step, sent.attempt, &answered),
        Settled::NotHappened if may_call => write::redrive(draft, &sent),
        Settled::AskAgain if may_call => settle(draft, &sent, 0),
        // Left to the run's timer, which is due.
        Settled::NotHappened | Settled::AskAgain => Ok(()),
    }
}

/// What the target answered, as the person tells it; an empty object where nobody knows.
fn answered(draft: &Draft<'_>, sent: &Sent, said: &Said<'_>) -> Result<Value, Rejection> {
    let Some(output) = said.output else {
        return Ok(Value::Object(Fields::new()));
    };
    let tool = draft.definition().tools.get(&sent.effect.tool);
    let problems = tool.map(|tool| tool.output.problems(output));
    match problems.filter(|problems| !problems.is_empty()) {
        None => Ok(output.clone()),
        Some(problems) => Err(Rejection::InvalidEdit {
            problems: problems.iter().map(ToString::to_string).collect(),
        }),
    }
}

/// The effect that its packet asks about, if it is this one.
fn unsettled(draft: &Draft<'_>, key: IdempotencyKey) -> Result<(Sent, Packet), Rejection> {
    let refused = || Rejection::NotUnsettled {
        key,
        run: draft.state.run,
        status: draft.state.status(),
    };
    match &draft.state.phase {
        Phase::Unsettled {
            step,
            attempt,
            retries,
            leave,
            effect,
        } if effect.key == key => {
            let packet = draft.state.packet.as_deref().cloned().ok_or_else(refused)?;
            let sent = Sent::new(step, (*attempt, *retries), *leave, effect);
            Ok((sent, packet))
        }
        Phase::Unsettled { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Err(refused()),
    }
}
