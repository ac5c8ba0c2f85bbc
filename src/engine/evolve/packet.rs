//! Events about gates, packets and grants.

use std::sync::Arc;

use crate::domain::{PacketStatus, Question, Vote};
use crate::engine::command::BudgetAnswer;
use crate::engine::event::{Event, Grant, Next, Recorded};
use crate::engine::evolve::{Misfit, enter, go, misfit, set_fields};
use crate::engine::flight::flight_of;
use crate::engine::state::{ClosedPacket, Phase, Review, RunState};

pub(super) fn gate_passed(state: &mut RunState, recorded: &Recorded) {
    let Event::GatePassed {
        step,
        visit,
        grants,
        next,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    grant(state, grants);
    state.review = Some(Review::autonomous());
    go(state, step, next);
}

pub(super) fn packet_opened(state: &mut RunState, recorded: &Recorded) {
    let Event::PacketOpened {
        step,
        visit,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    enter(state, step, *visit);
    set_fields(state, &values.set);
    // What is asked about anew has no earlier leave.
    for effect in &values.packet.effects {
        state.grants.remove(&effect.step);
    }
    state.packet = Some(values.packet.clone());
    let asks_outcome = matches!(values.packet.question, Question::Outcome { .. });
    state.phase = match flight_of(&state.phase).filter(|_| asks_outcome) {
        Some(flight) => Phase::Unsettled {
            step: step.clone(),
            attempt: flight.attempt,
            retries: flight.retries,
            leave: flight.leave,
            effect: Arc::clone(flight.effect),
        },
        None => Phase::Asking { step: step.clone() },
    };
}

pub(super) fn packet_amended(state: &mut RunState, recorded: &Recorded) {
    let Event::PacketAmended { values, .. } = &recorded.event else {
        return;
    };
    set_fields(state, &values.set);
    state.edited_by = Some(recorded.actor.name.clone());
    state.packet = Some(values.packet.clone());
}

pub(super) fn packet_escalated(state: &mut RunState, recorded: &Recorded) {
    let Event::PacketEscalated { due_at, .. } = &recorded.event else {
        return;
    };
    if let Some(packet) = &mut state.packet {
        packet.due_at = *due_at;
        packet.escalated_at = Some(recorded.at);
    }
}

pub(super) fn packet_extended(state: &mut RunState, recorded: &Recorded) {
    let Event::PacketExtended { due_at, .. } = &recorded.event else {
        return;
    };
    if let Some(packet) = &mut state.packet {
        packet.due_at = *due_at;
    }
}

pub(super) fn vote_cast(state: &mut RunState, recorded: &Recorded) {
    let Event::VoteCast {
        digest,
        item,
        verdict,
        values,
        ..
    } = &recorded.event
    else {
        return;
    };
    if let Some(packet) = &mut state.packet {
        packet.votes.push(Vote {
            by: recorded.actor.name.clone(),
            verdict: *verdict,
            item: *item,
            digest: *digest,
            at: recorded.at,
            reason: values.reason.clone(),
        });
    }
}

/// Closing a packet moves only a run that stands at the step it is about: a call under way is not
/// forgotten over it.
pub(super) fn packet_closed(state: &mut RunState, recorded: &Recorded) -> Result<(), Misfit> {
    let Event::PacketClosed {
        packet,
        status,
        grants,
        next,
        values,
        ..
    } = &recorded.event
    else {
        return Ok(());
    };
    // What a verdict blocks is recorded before the packet is closed.
    let stands = matches!(state.phase, Phase::Asking { .. } | Phase::Ready { .. });
    if !stands && !matches!(next, Next::End(_)) {
        return Err(misfit(state, recorded, "the run waits for no verdict"));
    }
    let step = state.packet.take().map(|packet| packet.step);
    state.closed_packet = Some(ClosedPacket {
        packet: *packet,
        status: *status,
        by: recorded.actor.name.clone(),
        at: recorded.at,
    });
    grant(state, grants);
    if values.review.is_some() {
        state.review.clone_from(&values.review);
    }
    if let Some(step) = step {
        go(state, &step, next);
    }
    Ok(())
}

pub(super) fn budget_resolved(state: &mut RunState, recorded: &Recorded) -> Result<(), Misfit> {
    let Event::BudgetResolved {
        packet,
        step,
        answer,
        next,
        ..
    } = &recorded.event
    else {
        return Ok(());
    };
    if !matches!(state.phase, Phase::Asking { .. }) {
        return Err(misfit(state, recorded, "the run waits for no answer"));
    }
    state.packet = None;
    state.closed_packet = Some(ClosedPacket {
        packet: *packet,
        status: PacketStatus::Decided,
        by: recorded.actor.name.clone(),
        at: recorded.at,
    });
    let ledger = &mut state.ledger;
    match answer {
        BudgetAnswer::MoreCost { micro_usd } => {
            ledger.more_micro_usd = ledger.more_micro_usd.saturating_add(*micro_usd);
        }
        BudgetAnswer::MoreSteps { steps } => {
            ledger.more_steps = ledger.more_steps.saturating_add(*steps);
        }
        BudgetAnswer::Stop | BudgetAnswer::Compensate => {}
    }
    go(state, step, next);
    Ok(())
}

pub(super) fn grant_voided(state: &mut RunState, recorded: &Recorded) {
    let Event::GrantVoided { step, reason, .. } = &recorded.event else {
        return;
    };
    if let Some(grant) = state.grants.get_mut(step) {
        grant.void = Some(reason.clone());
    }
}

fn grant(state: &mut RunState, grants: &[Grant]) {
    for grant in grants {
        state.grants.insert(grant.step.clone(), grant.clone());
    }
}
