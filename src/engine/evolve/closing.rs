//! Events about a run that no longer goes on.

use std::sync::Arc;

use crate::domain::{IdempotencyKey, RunStatus};
use crate::engine::dead_letter::Stuck;
use crate::engine::event::{Event, Recorded};
use crate::engine::evolve::effect::retry_as;
use crate::engine::flight::flight_of;
use crate::engine::saga::{Closing, Done, Undo};
use crate::engine::state::{Phase, RetryCall, RunError, RunState, Then};

pub(super) fn compensation_started(state: &mut RunState, recorded: &Recorded) {
    let Event::CompensationStarted { end, code, values } = &recorded.event else {
        return;
    };
    let message = values.as_ref().map(|values| values.message.clone());
    let error = code.clone().map(|code| RunError {
        code,
        message: message.unwrap_or_default(),
    });
    state.error.clone_from(&error);
    close(state, *end, true, error);
    ready(state);
}

/// What may have happened stays where it is until that is settled; anything else is over.
pub(super) fn run_terminated(state: &mut RunState, recorded: &Recorded) {
    let Event::RunTerminated { compensate, values } = &recorded.event else {
        return;
    };
    let error = RunError {
        code: "terminated".to_owned(),
        message: values.reason.clone().unwrap_or_default(),
    };
    abandon(state, state.phase.attempt());
    close(state, RunStatus::Terminated, *compensate, Some(error));
    // Whoever terminates a held run decides over it; anything else leaves it held.
    state.paused = None;
    match &state.phase {
        Phase::Sending { .. } | Phase::Probing { .. } => {}
        Phase::Unsettled { .. } => {
            // Nobody is asked about it any more: it is settled like any other.
            if *compensate && state.packet.is_none() {
                retry_as(state, recorded.at, Then::Settle { looks: 0 });
            }
        }
        Phase::Retrying {
            call:
                RetryCall::Write {
                    then: Then::Settle { .. },
                    ..
                },
            ..
        } => {
            if !compensate {
                unsettled(state);
            }
        }
        Phase::Parked { letter, .. } if matches!(letter.stuck, Stuck::Unsettled { .. }) => {
            // An older program left it so: it is settled like any other.
            if *compensate {
                retry_as(state, recorded.at, Then::Settle { looks: 0 });
            } else {
                unsettled(state);
            }
        }
        Phase::Retrying { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => ready(state),
    }
}

/// The undoing that is given up leaves its effect as it is, and the one before it is next.
pub(super) fn dead_letter_discarded(state: &mut RunState) {
    if state.saga.undoes() && matches!(state.phase, Phase::Parked { .. }) {
        state.saga.done.pop();
        ready(state);
    }
}

/// An effect is confirmed: one that undoes another takes that off the list, any other is
/// remembered where it can be undone.
pub(super) fn confirmed(
    state: &mut RunState,
    attempt: u32,
    undo: Option<&Undo>,
    beyond_limit: bool,
) {
    let Some(effect) = flight_of(&state.phase).map(|flight| Arc::clone(flight.effect)) else {
        return;
    };
    match (effect.undoes, undo) {
        (Some(key), _) => no_longer_done(state, key),
        (None, Some(undo)) => state
            .saga
            .done
            .push(Done::of(&effect, attempt, undo.clone())),
        (None, None) => {
            let beyond = &mut state.saga.beyond;
            *beyond = beyond.saturating_add(beyond_limit.into());
        }
    }
    if state.saga.closing.is_some() {
        ready(state);
    }
}

/// The target refused for good. What undoes is planned under another key where it is tried again.
pub(super) fn refused(state: &mut RunState) {
    let undoes = flight_of(&state.phase).and_then(|flight| flight.effect.undoes);
    if let Some(key) = undoes {
        for done in state.saga.done.iter_mut().filter(|done| done.key == key) {
            done.refusals = done.refusals.saturating_add(1);
        }
    }
    let over = undoes.is_none() && state.saga.closing.is_some();
    if over || state.saga.stopped() {
        ready(state);
    }
}

/// What will not be undone stays as it is, while the run undoes.
pub(super) fn left_as_it_is(state: &mut RunState, undoes: Option<IdempotencyKey>) {
    if let Some(key) = undoes.filter(|_| state.saga.undoes()) {
        no_longer_done(state, key);
    }
}

/// An attempt that nobody waits for any more.
pub(super) fn abandon(state: &mut RunState, attempt: u32) {
    state.saga.abandoned = state.saga.abandoned.max(attempt);
}

/// An effect of which nobody knows waits for a person who looks after it.
pub(super) fn unsettled(state: &mut RunState) {
    if let Some(flight) = flight_of(&state.phase) {
        state.phase = flight.unsettled();
    }
}

fn no_longer_done(state: &mut RunState, key: IdempotencyKey) {
    state.saga.done.retain(|done| done.key != key);
}

fn close(state: &mut RunState, end: RunStatus, undo: bool, error: Option<RunError>) {
    state.saga.closing = Some(Closing { end, undo, error });
    state.grants.clear();
    state.refused.clear();
}

/// The next thing to decide is what is undone next, or the run's end.
fn ready(state: &mut RunState) {
    let next = state.saga.done.last().map(|done| done.step.clone());
    if let Some(step) = next.or_else(|| state.step().cloned()) {
        state.phase = Phase::Ready {
            step,
            entered: true,
        };
    }
}
