//! A person answers a packet about a budget.
//!
//! topped up → `BudgetResolved`, and the run goes on from where it stopped
//! stopped → `BudgetResolved`, `RunEnded`: the run fails with the budget's code, and what it did
//! stays as it is
//! compensate → `BudgetResolved`, `CompensationStarted`: what it did is undone first; where nothing
//! can be undone refused, `CannotCompensate`
//! asks about something else → refused, `NoBudgetQuestion`
//! stale digest, closed packet, not permitted → refused as for a verdict
//! more of something else than was asked for, nothing, or too much → refused, `BadTopUp`

use crate::domain::{BudgetLimit, PacketId, Question, RunStatus, limits};
use crate::engine::advance::{advance, budget};
use crate::engine::command::{BudgetAnswer, Command};
use crate::engine::decide::give_verdict::{not_open, open_packet_named, permitted};
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, Next};
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

pub(super) fn resolve_budget(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let Command::ResolveBudget {
        packet,
        digest,
        answer,
        reason,
    } = &draft.envelope.command
    else {
        return Err(draft.broken("a command went astray"));
    };
    let (packet, answer) = (*packet, *answer);
    let (open, asked) = open_packet_named(draft, packet, digest, |question| match question {
        Question::Budget {
            limit,
            entered,
            message,
            ..
        } => Ok((*limit, *entered, message.clone())),
        Question::Effects | Question::Outcome { .. } => Err(Rejection::NoBudgetQuestion { packet }),
    })?;
    // A run that went on meanwhile is not stopped over it, nor let go on twice.
    if !matches!(draft.state.phase, Phase::Asking { .. }) {
        return Err(not_open(draft, packet));
    }
    let (limit, entered, message) = asked;
    permitted(draft, &open, true)?;
    let values = bounded(reason)?;
    let stop = stops(draft, packet, limit, answer)?;
    let next = if stop {
        Next::End(RunStatus::Failed)
    } else if entered {
        Next::Stay
    } else {
        Next::Step(open.step.clone())
    };
    draft.emit(Event::BudgetResolved {
        packet,
        step: open.step.clone(),
        answer,
        next,
        values,
    })?;
    let error = Some(budget::error(limit, message));
    match answer {
        BudgetAnswer::Stop => draft.end_as_it_stands(RunStatus::Failed, error),
        BudgetAnswer::Compensate => draft.end(RunStatus::Failed, error),
        BudgetAnswer::MoreCost { .. } | BudgetAnswer::MoreSteps { .. } => advance(draft),
    }
}

/// Whether the answer ends the run; one that cannot be carried out is refused.
fn stops(
    draft: &Draft<'_>,
    packet: PacketId,
    limit: BudgetLimit,
    answer: BudgetAnswer,
) -> Result<bool, Rejection> {
    match answer {
        BudgetAnswer::Stop => Ok(true),
        BudgetAnswer::Compensate if !draft.state.saga.done.is_empty() => Ok(true),
        BudgetAnswer::Compensate => Err(Rejection::CannotCompensate {
            run: draft.state.run,
        }),
        BudgetAnswer::MoreCost { .. } | BudgetAnswer::MoreSteps { .. } => {
            fits(packet, limit, answer).map(|()| false)
        }
    }
}

/// Whether the answer gives more of what was asked for, within bounds.
fn fits(packet: PacketId, limit: BudgetLimit, answer: BudgetAnswer) -> Result<(), Rejection> {
    let fits = match (limit, answer) {
        (BudgetLimit::Cost, BudgetAnswer::MoreCost { micro_usd }) => {
            (1..=limits::BUDGET_MICRO_USD_MAX).contains(&micro_usd)
        }
        (BudgetLimit::Steps, BudgetAnswer::MoreSteps { steps }) => {
            (1..=limits::RUN_STEPS_MAX).contains(&steps)
        }
        (BudgetLimit::Cost, BudgetAnswer::MoreSteps { .. })
        | (BudgetLimit::Steps, BudgetAnswer::MoreCost { .. })
        | (_, BudgetAnswer::Stop | BudgetAnswer::Compensate) => false,
    };
    if fits {
        return Ok(());
    }
    Err(Rejection::BadTopUp {
        packet,
        needed: match limit {
            BudgetLimit::Cost => "money, as in '1.00 USD'",
            BudgetLimit::Steps => "a whole number of steps, as in 5",
        },
    })
}
