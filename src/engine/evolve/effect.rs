//! Events about acts on the world.

use crate::domain::StepId;
use crate::engine::event::{Event, Recorded};
use crate::engine::evolve::{enter, go};
use crate::engine::state::{Phase, ReadCall, RetryCall, RunState};

pub(super) fn effect_intended(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectIntended {
        step,
        visit,
        attempt,
        retries,
        unknown,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    // A grant is good for one effect.
    state.grants.remove(step);
    state.phase = Phase::Sending {
        step: step.clone(),
        attempt: *attempt,
        retries: *retries,
        unknown: *unknown,
        effect: values.effect.clone(),
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
    let Event::ProbeStarted { tool, values, .. } = &recorded.event else {
        return;
    };
    probe(
        state,
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
    go(state, at_step, next);
}

fn left_for_good(state: &mut RunState, step: &StepId) {
    let done = state.effects_done.entry(step.clone()).or_default();
    *done = done.saturating_add(1);
}

/// An effect stays in its phase where it is not retried: `StepParked` follows.
fn retry(state: &mut RunState, retry_at: Option<crate::domain::Timestamp>, now_unknown: bool) {
    let Some(at) = retry_at else { return };
    let (step, attempt, retries, unknown, effect) = match &state.phase {
        Phase::Sending {
            step,
            attempt,
            retries,
            unknown,
            effect,
        } => (step, attempt, retries, *unknown, effect),
        Phase::Probing {
            step,
            attempt,
            retries,
            effect,
            ..
        } => (step, attempt, retries, false, effect),
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => return,
    };
    state.phase = Phase::Retrying {
        step: step.clone(),
        attempt: *attempt,
        retries: *retries,
        at,
        call: RetryCall::Write {
            effect: effect.clone(),
            unknown: unknown || now_unknown,
        },
    };
}

fn probe(state: &mut RunState, read: ReadCall) {
    let (step, attempt, retries, effect) = match &state.phase {
        Phase::Sending {
            step,
            attempt,
            retries,
            effect,
            ..
        }
        | Phase::Probing {
            step,
            attempt,
            retries,
            effect,
            ..
        }
        | Phase::Retrying {
            step,
            attempt,
            retries,
            call: RetryCall::Write { effect, .. },
            ..
        } => (step, attempt, retries, effect),
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
        | Phase::Ended { .. } => return,
    };
    state.phase = Phase::Probing {
        step: step.clone(),
        attempt: *attempt,
        retries: *retries,
        effect: effect.clone(),
        read,
    };
}
