//! Events about parked steps.

use std::sync::Arc;

use crate::engine::dead_letter::{DeadLetter, Stuck, StuckAt};
use crate::engine::event::{Event, ParkedValues, Recorded};
use crate::engine::evolve::{Misfit, effect::flight_of, misfit};
use crate::engine::state::{Phase, RetryCall, RunError, RunState};

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
    let Some(stuck) = stuck_of(&state.phase, (*stuck, *attempts), values) else {
        return Err(misfit(
            state,
            recorded,
            "nothing of that kind was under way",
        ));
    };
    state.phase = Phase::Parked {
        step: step.clone(),
        letter: Box::new(DeadLetter {
            dead_letter: *dead_letter,
            at: recorded.at,
            stuck,
        }),
    };
    state.error = Some(RunError {
        code: code.clone(),
        message: values.message.clone(),
    });
    Ok(())
}

/// What was under way when the step was parked.
fn stuck_of(phase: &Phase, (at, attempt): (StuckAt, u32), values: &ParkedValues) -> Option<Stuck> {
    let flight = || flight_of(phase);
    Some(match at {
        StuckAt::Planning => Stuck::Planning,
        StuckAt::Refused => Stuck::Refused { attempt },
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
            effect: Arc::new(flight.effect.clone()),
        })?,
        StuckAt::Unknown => flight().map(|flight| Stuck::Unknown {
            attempt,
            retries: flight.retries,
            leave: flight.leave,
            effect: Arc::new(flight.effect.clone()),
        })?,
        StuckAt::Finishing => Stuck::Finishing {
            attempt,
            output: values.output.clone(),
        },
    })
}

/// The step goes on from where it was stuck. What was answered stays parked until the step that
/// follows in the same decision is completed: it must never look unsent.
pub(super) fn dead_letter_redriven(state: &mut RunState, recorded: &Recorded) {
    let Phase::Parked { step, letter } = &state.phase else {
        return;
    };
    state.error = None;
    let step = step.clone();
    let (attempt, call) = match &letter.stuck {
        Stuck::Finishing { .. } => return,
        Stuck::Planning => return ready(state, false),
        Stuck::Refused { .. } => return ready(state, true),
        Stuck::Reading { attempt, read } => (*attempt, RetryCall::Read { read: read.clone() }),
        Stuck::NotDone {
            attempt,
            leave,
            effect,
        } => (*attempt, write(effect, *leave, false)),
        Stuck::Unknown {
            attempt,
            leave,
            effect,
            ..
        } => (*attempt, write(effect, *leave, true)),
    };
    state.phase = Phase::Retrying {
        step,
        attempt,
        retries: 0,
        at: recorded.at,
        call,
    };
}

fn write(
    effect: &Arc<crate::domain::PlannedEffect>,
    leave: crate::engine::state::Leave,
    unknown: bool,
) -> RetryCall {
    RetryCall::Write {
        effect: Arc::clone(effect),
        unknown,
        leave,
    }
}

fn ready(state: &mut RunState, entered: bool) {
    if let Phase::Parked { step, .. } = &state.phase {
        state.phase = Phase::Ready {
            step: step.clone(),
            entered,
        };
    }
}
