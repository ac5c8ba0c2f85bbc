//! `evolve(state, event) -> state`: what each fact changes. Never evaluates an expression.
//!
//! One file per family: [`run`], [`step`], [`packet`], [`effect`], [`dead_letter`], [`closing`].

mod closing;
mod dead_letter;
pub(super) mod effect;
mod packet;
mod run;
mod step;
mod unrecorded;

use std::sync::Arc;

use crate::domain::{Fields, RunStatus, StepId};
use crate::engine::carried::carried;
use crate::engine::event::{Event, Next, Recorded};
use crate::engine::state::{Phase, RunState};

/// Steps kept in a run's path.
const PATH_STEPS_MAX: usize = 32;

/// An event that does not fit the state it is folded into: the journal is not what this engine
/// wrote, and the run must not go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {run_seq} ({kind}) does not fit run state at {state_seq}: {why}")]
pub struct Misfit {
    pub run_seq: u64,
    pub kind: &'static str,
    pub state_seq: u64,
    pub why: &'static str,
}

/// Folds one event.
///
/// # Errors
/// [`Misfit`] where the event cannot follow the state.
pub fn evolve(state: Option<RunState>, recorded: &Recorded) -> Result<RunState, Misfit> {
    match state {
        None => run::started(recorded),
        Some(mut state) => {
            apply(&mut state, recorded)?;
            Ok(state)
        }
    }
}

/// Folds one event into a state in place.
pub(super) fn apply(state: &mut RunState, recorded: &Recorded) -> Result<(), Misfit> {
    if recorded.run != state.run {
        return Err(misfit(state, recorded, "it belongs to another run"));
    }
    if recorded.run_seq != state.seq.saturating_add(1) {
        return Err(misfit(state, recorded, "its sequence is not the next"));
    }
    if matches!(state.phase, Phase::Ended { .. }) && !may_follow_the_end(state, &recorded.event) {
        return Err(misfit(state, recorded, "the run has ended"));
    }
    let was_moving = state.status().is_active();
    dispatch(state, recorded)?;
    if !is_calling(state) {
        state.ledger.settle();
    }
    if was_moving {
        let moved_ms = recorded.at.ms_since(state.updated_at).max(0);
        state.active_ms = state.active_ms.saturating_add(moved_ms);
    }
    state.seq = recorded.run_seq;
    state.updated_at = recorded.at;
    Ok(())
}

/// A terminated run may be undone later.
fn may_follow_the_end(state: &RunState, event: &Event) -> bool {
    let terminated = state.status() == RunStatus::Terminated;
    matches!(event, Event::CommandRefused { .. })
        || terminated && matches!(event, Event::RunTerminated { .. })
}

fn dispatch(state: &mut RunState, recorded: &Recorded) -> Result<(), Misfit> {
    match &recorded.event {
        Event::RunStarted { .. } => return Err(misfit(state, recorded, "the run has started")),
        Event::RunPaused { .. } => run::run_paused(state, recorded),
        Event::RunResumed { .. } => run::run_resumed(state),
        Event::StateOverridden { .. } => run::state_overridden(state, recorded),
        Event::StepParked { .. } => dead_letter::step_parked(state, recorded)?,
        Event::DeadLetterRedriven { .. } => dead_letter::dead_letter_redriven(state, recorded),
        Event::DeadLetterDiscarded { .. } => closing::dead_letter_discarded(state),
        Event::CompensationStarted { .. } => closing::compensation_started(state, recorded),
        Event::RunTerminated { .. } => closing::run_terminated(state, recorded),
        Event::RunEnded { .. } => run::run_ended(state, recorded),
        Event::CallStarted { .. } => step::call_started(state, recorded),
        Event::CallFailed { .. } => step::call_failed(state, recorded),
        Event::StepCompleted { .. } => step::step_completed(state, recorded),
        Event::WaitStarted { .. } => step::wait_started(state, recorded),
        Event::GatePassed { .. } => packet::gate_passed(state, recorded),
        Event::PacketOpened { .. } => packet::packet_opened(state, recorded),
        Event::PacketAmended { .. } => packet::packet_amended(state, recorded),
        Event::PacketEscalated { .. } => packet::packet_escalated(state, recorded),
        Event::PacketExtended { .. } => packet::packet_extended(state, recorded),
        Event::VoteCast { .. } => packet::vote_cast(state, recorded),
        Event::PacketClosed { .. } => packet::packet_closed(state, recorded)?,
        Event::BudgetResolved { .. } => packet::budget_resolved(state, recorded)?,
        Event::GrantVoided { .. } => packet::grant_voided(state, recorded),
        Event::EffectIntended { .. } => effect::effect_intended(state, recorded),
        Event::EffectConfirmed { .. } | Event::EffectRefused { .. } => {
            effect::effect_left(state, recorded);
        }
        Event::EffectDeferred { .. } => effect::effect_deferred(state, recorded),
        Event::EffectUnknown { .. } => effect::effect_unknown(state, recorded),
        Event::EffectSettled { .. } => effect::effect_settled(state, recorded),
        Event::ProbeStarted { .. } => effect::probe_started(state, recorded),
        Event::EffectBlocked { .. } => effect::effect_blocked(state, recorded),
        // What follows from a probe's answer stands in the event after it, and a refusal is a fact
        // about the command: the run is as it was.
        Event::ProbeAnswered { .. } | Event::CommandRefused { .. } => {}
    }
    Ok(())
}

/// A call is under way, or an effect may still have to be sent or settled.
fn is_calling(state: &RunState) -> bool {
    matches!(state.phase, Phase::Calling { .. }) || carried(state).is_some()
}

fn misfit(state: &RunState, recorded: &Recorded, why: &'static str) -> Misfit {
    Misfit {
        run_seq: recorded.run_seq,
        kind: recorded.event.kind(),
        state_seq: state.seq,
        why,
    }
}

/// Counts a step as taken the first time an event of that visit is folded.
fn enter(state: &mut RunState, step: &StepId, visit: u32) {
    let visits = state.visits.entry(step.clone()).or_default();
    if *visits >= visit {
        return;
    }
    *visits = visit;
    state.steps_taken = state.steps_taken.saturating_add(1);
    state.path.push(step.clone());
    if state.path.len() > PATH_STEPS_MAX {
        state.path.remove(0);
    }
}

/// Moves the run on. An end is only announced here; `RunEnded` follows in the same decision.
fn go(state: &mut RunState, from: &StepId, next: &Next) {
    match next {
        Next::Step(step) => {
            state.phase = Phase::Ready {
                step: step.clone(),
                entered: false,
            };
        }
        Next::Stay => {
            state.phase = Phase::Ready {
                step: from.clone(),
                entered: true,
            };
        }
        Next::End(_) => {}
    }
}

/// Sets state fields; a change makes a new version.
fn set_fields(state: &mut RunState, set: &Fields) {
    if set.is_empty() {
        return;
    }
    let fields = Arc::make_mut(&mut state.state);
    for (name, value) in set {
        fields.insert(name.clone(), value.clone());
    }
    state.state_version = state.state_version.saturating_add(1);
}
