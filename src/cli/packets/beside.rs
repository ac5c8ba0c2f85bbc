//! What the store knows beside a packet: the tries of the effect it asks about, or what its run
//! spent and did.

use crate::cli::effects::tries;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::domain::{BudgetLimit, Packet, PacketStatus, Question};
use crate::runtime::{Handle, RuntimeError, Stake, StakeEffect};
use crate::views::Try;

#[derive(Debug, Default)]
pub(super) struct Beside {
    pub(super) tries: Option<Vec<Try>>,
    pub(super) stake: Option<Stake>,
}

impl Beside {
    pub(super) fn read(handle: &Handle, packet: &Packet) -> Result<Self, RuntimeError> {
        let open = packet.status == PacketStatus::Open;
        let mut beside = Self::default();
        match (&packet.question, packet.effects.first()) {
            (Question::Outcome { .. }, Some(effect)) => {
                beside.tries = Some(handle.tries(effect.key)?);
            }
            // What its run spends and does later is none of a closed one.
            (Question::Budget { .. }, _) if open => {
                beside.stake = Some(handle.stake(packet.run)?);
            }
            (Question::Effects | Question::Outcome { .. } | Question::Budget { .. }, _) => {}
        }
        Ok(beside)
    }

    pub(super) fn print(&self, out: &mut Output, packet: &Packet) -> Result<(), Failure> {
        if let Some(each) = &self.tries {
            tries::print(out, each)?;
        }
        match (&self.stake, &packet.question) {
            (
                Some(stake),
                Question::Budget {
                    limit,
                    allowed,
                    next,
                    ..
                },
            ) => budget(out, *limit, (*allowed, *next), stake),
            _ => Ok(()),
        }
    }
}

fn budget(
    out: &mut Output,
    limit: BudgetLimit,
    (allowed, next): (i64, i64),
    stake: &Stake,
) -> Result<(), Failure> {
    let amount = |amount| limit.amount(amount);
    out.line("\nTHE BUDGET")?;
    let (spent, more) = match limit {
        BudgetLimit::Cost => (stake.spent_micro_usd, stake.more_micro_usd),
        BudgetLimit::Steps => (stake.steps_taken.into(), stake.more_steps.into()),
    };
    out.line(format_args!("  spent     {}", amount(spent)))?;
    if limit == BudgetLimit::Cost {
        out.line(format_args!(
            "  reserved  {}",
            amount(stake.reserved_micro_usd)
        ))?;
    }
    let by_people = match more {
        0 => String::new(),
        more => format!(", {} of it added by people", amount(more)),
    };
    out.line(format_args!("  limit     {}{by_people}", amount(allowed)))?;
    out.line(format_args!("  next      {}", amount(next)))?;
    out.line("\nWHAT THE RUN DID (in the order of its undoing)")?;
    if stake.done.is_empty() {
        return out.line("  nothing that would have to be undone");
    }
    for effect in &stake.done {
        out.line(format_args!("  {}", done(effect)))?;
    }
    Ok(())
}

fn done(effect: &StakeEffect) -> String {
    let tool = visible(effect.tool.as_str());
    let operation = visible(&effect.operation);
    let amount = effect
        .amount
        .map_or_else(String::new, |amount| format!(" {amount}"));
    let fate = match (&effect.undone_by, &effect.problem) {
        (None, _) => "cannot be undone".to_owned(),
        (Some(by), None) => format!("undone by {}", visible(by.as_str())),
        (Some(by), Some(why)) => format!(
            "its undoing by {} would wait as a dead letter: {}",
            visible(by.as_str()),
            visible(why)
        ),
    };
    format!("{tool}{amount} for {operation}: {fate}")
}
