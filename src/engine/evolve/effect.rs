//! Events about acts on the world.

use std::sync::Arc;

use crate::domain::{PacketStatus, StepId, Timestamp};
use crate::engine::event::{Event, Recorded, Settled};
use crate::engine::evolve::{closing, enter, go};
use crate::engine::flight::flight_of;
use crate::engine::state::{ClosedPacket, Leave, Phase, ReadCall, RetryCall, RunState, Then};

pub(super) fn effect_intended(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectIntended {
        step,
        visit,
        attempt,
        retries,
        unknown,
        packet,
        until,
        send_before,
        cost_micro_usd,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    state.ledger.reserve(*cost_micro_usd);
    let before = flight_of(&state.phase).filter(|_| *attempt > 1);
    let earlier = before.map(|flight| flight.leave);
    let since = earlier.map_or(recorded.at, |leave| leave.since);
    // What rules let through is judged anew anyway.
    let given_over = packet.map(|_| state.state_version);
    let state_version = earlier.map_or(given_over, |leave| leave.state_version);
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
            state_version,
            until: *until,
        },
        send_before: *send_before,
        effect: Arc::clone(&values.effect),
    };
}

pub(super) fn effect_left(state: &mut RunState, recorded: &Recorded) {
    if let Event::EffectConfirmed {
        step,
        attempt,
        beyond_limit,
        values,
        ..
    } = &recorded.event
    {
        left_for_good(state, step);
        let undo = values.as_ref().map(|values| values.undo.as_ref());
        closing::confirmed(state, *attempt, undo, *beyond_limit);
    } else if let Event::EffectRefused { step, .. } = &recorded.event {
        left_for_good(state, step);
        closing::refused(state);
    }
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
    if retry_at.is_none() && state.saga.stopped() {
        closing::unsettled(state);
    }
}

/// The run goes on from here: what happened stays unsettled until its step is completed in the
/// same decision, so that it can never look unsent.
pub(super) fn effect_settled(state: &mut RunState, recorded: &Recorded) {
    let Event::EffectSettled {
        packet,
        step,
        attempt,
        settled,
        beyond_limit,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    state.packet = None;
    if let Some(packet) = packet {
        state.closed_packet = Some(ClosedPacket {
            packet: *packet,
            status: PacketStatus::Decided,
            by: recorded.actor.name.clone(),
            at: recorded.at,
        });
    }
    match settled {
        Settled::Happened => {
            left_for_good(state, step);
            closing::confirmed(state, *attempt, values.undo.as_deref(), *beyond_limit);
        }
        Settled::NotHappened => retry_as(state, recorded.at, Then::Judge),
        Settled::AskAgain => retry_as(state, recorded.at, Then::Settle { looks: 0 }),
    }
}

pub(super) fn probe_started(state: &mut RunState, recorded: &Recorded) {
    let Event::ProbeStarted {
        tool,
        attempt,
        looks,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    if state.saga.closing.is_some() {
        closing::abandon(state, *attempt);
    }
    probe(
        state,
        (*attempt, *looks),
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
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, at_step, *visit);
    state.grants.remove(step);
    state.refused.insert(step.clone(), *digest);
    closing::left_as_it_is(state, values.effect.undoes);
    go(state, at_step, next);
}

fn left_for_good(state: &mut RunState, step: &StepId) {
    let done = state.effects_done.entry(step.clone()).or_default();
    *done = done.saturating_add(1);
}

/// An effect stays in its phase where it is not retried: what is done about it follows.
fn retry(state: &mut RunState, retry_at: Option<Timestamp>, now_unknown: bool) {
    let (Some(at), Some(flight)) = (retry_at, flight_of(&state.phase)) else {
        return;
    };
    let then = if now_unknown || flight.is_unknown() {
        // A probe that found nothing is one look more.
        let looked = matches!(state.phase, Phase::Probing { .. });
        Then::Settle {
            looks: flight.looks().saturating_add(looked.into()),
        }
    } else {
        Then::Send
    };
    retry_as(state, at, then);
}

/// A write on its way waits for its time. What a person had judged anew has all its retries again.
pub(super) fn retry_as(state: &mut RunState, at: Timestamp, then: Then) {
    let Some(flight) = flight_of(&state.phase) else {
        return;
    };
    let retries = if then == Then::Judge {
        0
    } else {
        flight.retries
    };
    state.phase = Phase::Retrying {
        step: flight.step.clone(),
        attempt: flight.attempt,
        retries,
        at,
        call: RetryCall::Write {
            effect: Arc::clone(flight.effect),
            then,
            leave: flight.leave,
        },
    };
}

fn probe(state: &mut RunState, (attempt, looks): (u32, u32), read: ReadCall) {
    let Some(flight) = flight_of(&state.phase) else {
        return;
    };
    state.phase = Phase::Probing {
        step: flight.step.clone(),
        attempt,
        retries: flight.retries,
        looks,
        leave: flight.leave,
        effect: Arc::clone(flight.effect),
        read,
    };
}
