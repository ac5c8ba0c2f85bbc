//! Stopping a run for good.
//!
//! moving, waiting, held or parked → `RunTerminated`; what was not sent → `EffectBlocked`; an open
//! packet → `PacketClosed`, withdrawn; an open letter → `DeadLetterDiscarded`; then, where nothing is
//! to be undone and nothing of it is unknown, `RunEnded`
//! what is in flight or unknown stays so: its answer, a probe or a person settles it
//! to be undone → a question whether an effect happened stays open; once nothing is unknown, the
//! effects are undone, the one confirmed last first
//! terminated before, now to be undone → `RunTerminated` again, and the same
//! terminated before, or undoing for a termination already → nothing
//! ended otherwise → refused, `RunEnded`

use std::sync::Arc;

use crate::domain::{DeadLetterId, PacketStatus, PlannedEffect, Question, RunStatus, StepId};
use crate::engine::advance::advance;
use crate::engine::advance::closing::never_sent;
use crate::engine::dead_letter::Stuck;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{ClosedValues, Event, Next, ReasonValues};
use crate::engine::plan::plan_effect;
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RetryCall, RunState, Then};

const END: Next = Next::End(RunStatus::Terminated);

pub(super) fn terminate_run(
    draft: &mut Draft<'_>,
    reason: &str,
    compensate: bool,
) -> Result<(), Rejection> {
    if is_done_already(&draft.state, compensate) {
        return Ok(());
    }
    let said = bounded(reason)?;
    let unsent = unsent(draft, compensate);
    let letter = open_letter(&draft.state);
    // A read that is under way is answered to nobody: until it is, nothing else is sent.
    let calling = matches!(draft.state.phase, Phase::Calling { .. });
    draft.emit(Event::RunTerminated {
        compensate,
        values: said.clone(),
    })?;
    if let Some((dead_letter, step)) = letter {
        discard(draft, dead_letter, step, said)?;
    }
    let by = draft.envelope.actor.name.clone();
    for effect in unsent {
        never_sent(draft, effect, &format!("terminated by {by}"), END)?;
    }
    withdraw(draft, compensate)?;
    if calling && draft.state.saga.next().is_some() {
        return Ok(());
    }
    advance(draft)
}

/// Terminated before, and nothing more is asked for than was done.
fn is_done_already(state: &RunState, compensate: bool) -> bool {
    let ended = matches!(state.phase, Phase::Ended { .. });
    let saga = &state.saga;
    if ended {
        return !compensate || saga.done.is_empty();
    }
    let undoing = saga
        .closing
        .as_ref()
        .is_some_and(|closing| closing.undo && closing.end == RunStatus::Terminated);
    (saga.stopped() && !compensate) || (undoing && compensate)
}

/// The letter is closed without undoing what it is about: the run is not terminated over it.
fn discard(
    draft: &mut Draft<'_>,
    dead_letter: DeadLetterId,
    step: StepId,
    values: ReasonValues,
) -> Result<(), Rejection> {
    draft.emit(Event::DeadLetterDiscarded {
        dead_letter,
        step,
        values,
    })
}

fn open_letter(state: &RunState) -> Option<(DeadLetterId, StepId)> {
    match &state.phase {
        Phase::Parked { step, letter } => Some((letter.dead_letter, step.clone())),
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => None,
    }
}

/// What was planned and certainly was not done: put off, parked, asked about, or granted. An
/// undoing stays planned where the run is to be undone.
fn unsent(draft: &Draft<'_>, compensate: bool) -> Vec<Arc<PlannedEffect>> {
    let state = &draft.state;
    let mut unsent = Vec::new();
    match &state.phase {
        Phase::Retrying {
            call:
                RetryCall::Write {
                    effect,
                    then: Then::Send | Then::Judge,
                    ..
                },
            ..
        } => unsent.push(Arc::clone(effect)),
        Phase::Parked { letter, .. } => {
            if let Stuck::NotDone { effect, .. } = &letter.stuck {
                unsent.push(Arc::clone(effect));
            }
        }
        Phase::Asking { .. } => {
            let packet = state.packet.iter();
            unsent.extend(packet.flat_map(|packet| packet.effects.iter().cloned().map(Arc::new)));
        }
        Phase::Retrying { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => {}
    }
    for grant in state.grants.values() {
        let step = draft.definition().steps.get(&grant.step);
        let planned = step.and_then(|step| plan_effect(draft.cx, state, step).ok());
        if let Some(effect) = planned.filter(|_| grant.void.is_none() && !grant.refused)
            && !unsent.iter().any(|known| known.key == effect.key)
        {
            unsent.push(Arc::new(effect));
        }
    }
    unsent.retain(|effect| !compensate || effect.undoes.is_none());
    unsent
}

/// Nobody is asked any more. Whether an effect happened is still asked where it is to be undone.
fn withdraw(draft: &mut Draft<'_>, compensate: bool) -> Result<(), Rejection> {
    let still_asked = |question: &Question| match question {
        Question::Outcome { .. } => compensate,
        Question::Effects | Question::Budget { .. } => false,
    };
    let open = draft.state.packet.as_ref();
    let Some(packet) = open.filter(|packet| !still_asked(&packet.question)) else {
        return Ok(());
    };
    draft.emit(Event::PacketClosed {
        packet: packet.packet,
        version: packet.version,
        status: PacketStatus::Withdrawn,
        grants: Vec::new(),
        next: END,
        values: ClosedValues { review: None },
    })
}
