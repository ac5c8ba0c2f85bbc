//! A person says whether an effect of unknown outcome happened.
//!
//! happened → `EffectSettled`, `StepCompleted` with what the target answered, then on; where that
//! cannot be decided `StepParked`, and nothing is ever sent again
//! not happened → `EffectSettled`, and it is sent under its key while its approval binds, else
//! judged anew
//! ask again → `EffectSettled`, and the same key again, or `ProbeStarted`
//! the run no longer goes on → what did not happen is given up, and its end goes on; of a terminated
//! run the target is only asked, and an answer still under way is late from then on
//! that effect is not unsettled → refused, `NotUnsettled`
//! not permitted → refused; ask again where nothing can be asked → refused, `CannotAsk`

use serde_json::Value;

use crate::domain::{Fields, IdempotencyKey, Packet};
use crate::engine::advance::advance;
use crate::engine::advance::closing::{give_up, gives_up};
use crate::engine::advance::write::{self, Sent, Settle, settle_by};
use crate::engine::decide::complete_call::go_on;
use crate::engine::decide::fire_timer::settle;
use crate::engine::decide::give_verdict::permitted;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, Settled, SettledValues};
use crate::engine::flight::{Stands, flight_of};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, Then};
use crate::engine::undo::{Undoable, undo_of};
use crate::govern::authority::may_settle as may_say;

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
    let (mut sent, packet) = unsettled(draft, key)?;
    let deciding = said.settled != Settled::AskAgain;
    match &packet {
        Some(packet) => permitted(draft, packet, deciding)?,
        None => may_settle(draft)?,
    }
    let reason = said.reason.map(bounded).transpose()?;
    if !deciding && !can_ask(draft, &sent) {
        return Err(Rejection::CannotAsk {
            tool: sent.effect.tool.to_string(),
        });
    }
    let answered = answered(draft, &sent, said)?;
    let undo = match said.settled {
        Settled::Happened => undo_of(
            draft.definition(),
            &draft.state.saga,
            &sent.effect,
            &answered,
        ),
        Settled::NotHappened | Settled::AskAgain => Undoable::Never,
    };
    draft.emit(Event::EffectSettled {
        packet: packet.map(|packet| packet.packet),
        step: sent.step.clone(),
        attempt: sent.attempt,
        tool: sent.effect.tool.clone(),
        key,
        settled: said.settled,
        beyond_limit: undo.is_beyond_limit(),
        values: SettledValues {
            reason: reason.and_then(|values| values.reason),
            undo: undo.undo(),
        },
    })?;
    went_so(draft, &mut sent, said.settled, &answered)
}

/// Goes on from what was said.
fn went_so(
    draft: &mut Draft<'_>,
    sent: &mut Sent,
    settled: Settled,
    answered: &Value,
) -> Result<(), Rejection> {
    let may_call = draft.state.paused.is_none() && draft.may_call_at(draft.step(&sent.step)?);
    if draft.state.saga.stopped() {
        // An answer that is still under way is about an attempt before this one.
        sent.attempt = sent.attempt.saturating_add(1);
    }
    match settled {
        Settled::NotHappened if gives_up(draft, sent) => {
            give_up(draft, sent)?;
            advance(draft)
        }
        Settled::Happened => go_on(draft, &sent.step, sent.attempt, answered),
        Settled::NotHappened if may_call => write::redrive(draft, sent),
        Settled::AskAgain if may_call => settle(draft, sent, 0),
        // Left to the run's timer, which is due.
        Settled::NotHappened | Settled::AskAgain => Ok(()),
    }
}

/// Whether the target can be asked, or gets the same request again. Of a terminated run nothing is
/// sent again: that might do it.
fn can_ask(draft: &Draft<'_>, sent: &Sent) -> bool {
    match settle_by(draft, sent) {
        Settle::Key => !draft.state.saga.stopped(),
        Settle::Probe => true,
        Settle::Person => false,
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

/// Checks who says what became of an effect that no packet asks about.
fn may_settle(draft: &Draft<'_>) -> Result<(), Rejection> {
    let actor = &draft.envelope.actor;
    if may_say(draft.definition(), actor) {
        return Ok(());
    }
    Err(Rejection::MayNotSettle {
        by: actor.name.clone(),
        needed: draft.definition().authority.decide.clone(),
    })
}

/// The effect that its packet asks about, if it is this one. Of a terminated run any effect that
/// may have happened.
fn unsettled(draft: &Draft<'_>, key: IdempotencyKey) -> Result<(Sent, Option<Packet>), Rejection> {
    let state = &draft.state;
    let refused = || Rejection::NotUnsettled {
        key,
        run: state.run,
        status: state.status(),
    };
    let packet = state.packet.as_deref().cloned();
    let sent = in_question(&state.phase, state.saga.stopped());
    let sent = sent.filter(|sent| sent.effect.key == key);
    match sent {
        Some(sent) if packet.is_some() || state.saga.stopped() => Ok((sent, packet)),
        Some(_) | None => Err(refused()),
    }
}

/// The effect that may have happened.
fn in_question(phase: &Phase, stopped: bool) -> Option<Sent> {
    let flight = flight_of(phase)?;
    let asked = match flight.stands {
        Stands::Asked => true,
        Stands::Sent { .. } | Stands::Probed { .. } | Stands::Waits(Then::Settle { .. }) => stopped,
        Stands::Waits(Then::Send | Then::Judge) | Stands::Parked { .. } => false,
    };
    let tries = (flight.attempt, flight.retries);
    asked.then(|| Sent::new(flight.step, tries, flight.leave, flight.effect))
}
