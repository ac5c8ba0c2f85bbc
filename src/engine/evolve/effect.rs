//! Events about acts on the world.

use std::sync::Arc;

use crate::domain::{PlannedEffect, StepId};
use crate::engine::event::{Event, Recorded};
use crate::engine::evolve::{enter, go};
use crate::engine::state::{Leave, Phase, ReadCall, RetryCall, RunState};

pub(super) fn effect_intended(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectIntended {
        step,
        visit,
        attempt,
        retries,
        unknown,
        packet,
        until,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    let before = flight_of(&state.phase).filter(|_| *attempt > 1);
    let since = before.map_or(recorded.at, |flight| flight.leave.since);
    // A grant is good for one effect.
    state.grants.remove(step);
    state.refused.remove(step);
    state.phase = Phase::Sending {
        step: step.clone(),
        attempt: *attempt,
        retries: *retries,
        unknown: *unknown,
        leave: Leave {
            since,
            packet: *packet,
            until: *until,
        },
        effect: Arc::clone(&values.effect),
    };
}

pub(super) fn effect_left(state: &mut RunState, recorded: &Recorded) {
    let (Event::EffectConfirmed { step, .. } | Event::EffectRefused { step, .. }) = &recorded.event
    else {
        return;
    };
    left_for_good(state, step);
}

pub(super) fn effect_deferred(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectDeferred { retry_at, .. } = &recorded.event else {
        return;
    };
    retry(state, *retry_at, false);
}

pub(super) fn effect_unknown(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectUnknown { retry_at, .. } = &recorded.event else {
        return;
    };
    retry(state, *retry_at, true);
}

pub(super) fn probe_started(state: &mut RunState, recorded: &Recorded) {
    let Event::ProbeStarted {
        tool,
        looks,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    probe(
        state,
        *looks,
        ReadCall {
            tool: tool.clone(),
            arguments: values.arguments.clone(),
            request: values.request.clone(),
        },
    );
}

pub(super) fn effect_blocked(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectBlocked {
        step,
        digest,
        at_step,
        visit,
        next,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, at_step, *visit);
    state.grants.remove(step);
    state.refused.insert(step.clone(), *digest);
    go(state, at_step, next);
}

fn left_for_good(state: &mut RunState, step: &StepId) {
    let done = state.effects_done.entry(step.clone()).or_default();
    *done = done.saturating_add(1);
}

/// An effect stays in its phase where it is not retried: `StepParked` follows.
fn retry(state: &mut RunState, retry_at: Option<crate::domain::Timestamp>, now_unknown: bool) {
    let (Some(at), Some(flight)) = (retry_at, flight_of(&state.phase)) else {
        return;
    };
    state.phase = Phase::Retrying {
        step: flight.step.clone(),
        attempt: flight.attempt,
        retries: flight.retries,
        at,
        call: RetryCall::Write {
            effect: Arc::new(flight.effect.clone()),
            unknown: flight.unknown || now_unknown,
            leave: flight.leave,
        },
    };
}

fn probe(state: &mut RunState, looks: u32, read: ReadCall) {
    let Some(flight) = flight_of(&state.phase) else {
        return;
    };
    state.phase = Phase::Probing {
        step: flight.step.clone(),
        attempt: flight.attempt,
        retries: flight.retries,
        looks,
        leave: flight.leave,
        effect: Arc::new(flight.effect.clone()),
        read,
    };
}

/// A write on its way, wherever it stands.
pub(super) struct Flight<'a> {
    step: &'a StepId,
    pub(super) attempt: u32,
    pub(super) retries: u32,
    /// Whether an earlier attempt may have happened. What a probe says settles that.
    unknown: bool,
    pub(super) leave: Leave,
    pub(super) effect: &'a PlannedEffect,
}

pub(super) fn flight_of(phase: &Phase) -> Option<Flight<'_>> {
    let (step, attempt, retries, unknown, leave, effect) = match phase {
        Phase::Sending {
            step,
            attempt,
            retries,
            unknown,
            leave,
            effect,
        }
        | Phase::Retrying {
            step,
            attempt,
            retries,
            call:
                RetryCall::Write {
                    effect,
                    unknown,
                    leave,
                },
            ..
        } => (step, attempt, retries, *unknown, leave, effect),
        Phase::Probing {
            step,
            attempt,
            retries,
            leave,
            effect,
            ..
        } => (step, attempt, retries, false, leave, effect),
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Retrying {
            call: RetryCall::Read { .. },
            ..
        }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => return None,
    };
    Some(Flight {
        step,
        attempt: *attempt,
        retries: *retries,
        unknown,
        leave: *leave,
        effect,
    })
}
