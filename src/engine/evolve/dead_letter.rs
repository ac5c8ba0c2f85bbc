//! Events about parked steps.

use std::sync::Arc;

use crate::domain::{Digest, PacketId, StepId};
use crate::engine::dead_letter::{DeadLetter, Stuck, StuckAt};
use crate::engine::event::{Event, Grant, ParkedValues, Recorded};
use crate::engine::evolve::effect::retry_as;
use crate::engine::evolve::unrecorded::{not_known, unsettled};
use crate::engine::evolve::{Misfit, misfit};
use crate::engine::flight::flight_of;
use crate::engine::state::{Phase, RetryCall, RunError, RunState, Then};

pub(super) fn step_parked(state: &mut RunState, recorded: &Recorded) -> Result<(), Misfit> {
    let Event::StepParked {
        dead_letter,
        step,
        code,
        stuck,
        attempts,
        values,
    } = &recorded.event
    else {
        return Ok(());
    };
    let Some(stuck) = stuck_of(state, (*stuck, *attempts), values) else {
        return Err(misfit(
            state,
            recorded,
            "nothing of that kind was under way",
        ));
    };
    let closing = state.saga.closing.is_some();
    let error = RunError {
        code: code.clone(),
        message: values.message.clone(),
    };
    state.phase = Phase::Parked {
        step: step.clone(),
        letter: Box::new(DeadLetter {
            dead_letter: *dead_letter,
            at: recorded.at,
            stuck,
            error: Some(error.clone()).filter(|_| closing),
        }),
    };
    // Why the run failed is not hidden by what keeps it from being undone.
    if !closing {
        state.error = Some(error);
    }
    Ok(())
}

/// What was under way when the step was parked.
fn stuck_of(
    state: &RunState,
    (at, attempt): (StuckAt, u32),
    values: &ParkedValues,
) -> Option<Stuck> {
    let phase = &state.phase;
    let flight = || flight_of(phase);
    let packet = flight().and_then(|flight| flight.leave.packet);
    Some(match at {
        StuckAt::Planning => Stuck::Planning {
            entered: !matches!(phase, Phase::Ready { entered: false, .. }),
            packet,
        },
        StuckAt::Refused => Stuck::Refused { attempt, packet },
        StuckAt::Reading => {
            let Phase::Calling { read, .. } = phase else {
                return None;
            };
            Stuck::Reading {
                attempt,
                read: read.clone(),
            }
        }
        StuckAt::NotDone => flight().map(|flight| Stuck::NotDone {
            attempt,
            leave: flight.leave,
            effect: Arc::clone(flight.effect),
        })?,
        StuckAt::Finishing => Stuck::Finishing {
            attempt,
            output: values.output.clone(),
        },
        StuckAt::Unsettled => unsettled(phase)?,
        StuckAt::Unrecorded => not_known(state),
    })
}

/// The step goes on from where it was stuck. What was answered stays parked until the step that
/// follows in the same decision is completed, and what may have happened until its packet is open:
/// neither must ever look unsent.
pub(super) fn dead_letter_redriven(state: &mut RunState, recorded: &Recorded) {
    let Phase::Parked { step, letter } = &state.phase else {
        return;
    };
    if state.saga.closing.is_none() {
        state.error = None;
    }
    let (step, at) = (step.clone(), recorded.at);
    match &letter.stuck {
        Stuck::Finishing { .. } | Stuck::Unsettled { .. } | Stuck::Unrecorded { .. } => {}
        Stuck::Planning { entered, packet } => {
            let (entered, packet) = (*entered, *packet);
            ready(state, step, entered, packet);
        }
        Stuck::Refused { packet, .. } => {
            let packet = *packet;
            ready(state, step, true, packet);
        }
        Stuck::Reading { attempt, read } => {
            state.phase = Phase::Retrying {
                step,
                attempt: *attempt,
                retries: 0,
                at,
                call: RetryCall::Read {
                    read: read.clone(),
                    anew: true,
                },
            };
        }
        Stuck::NotDone { .. } => retry_as(state, at, Then::Judge),
    }
}

/// The step is next. What a person had approved was for what was refused: it no longer binds.
fn ready(state: &mut RunState, step: StepId, entered: bool, packet: Option<PacketId>) {
    if packet.is_some() {
        let grant = Grant {
            step: step.clone(),
            effect: Digest::ZERO,
            packet,
            until: None,
            void: Some("The approval was given before the step got stuck.".to_owned()),
            refused: false,
            number: None,
        };
        state.grants.insert(step.clone(), grant);
    }
    state.phase = Phase::Ready { step, entered };
}
