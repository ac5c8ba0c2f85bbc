//! `packets resolve`: the answer to a packet about a budget.

use clap::{ArgGroup, Args};

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::digest_prefix;
use crate::cli::packets::verdict::{Recorded, carry_out};
use crate::domain::{PacketId, micro_usd};
use crate::engine::BudgetAnswer;
use crate::runtime::BudgetRequest;

/// Answer a packet that asks for more budget: grant it, or stop the run
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("answer").required(true).args(["top_up", "stop", "compensate"])))]
pub struct Resolve {
    /// The packet's id
    packet: PacketId,
    /// The digest that `packets show` printed, or at least 12 of its hex digits
    #[arg(long, value_parser = digest_prefix)]
    digest: String,
    /// How much more the run may use: money as in '1.00 USD', or a number of steps
    #[arg(long, value_name = "N", value_parser = top_up)]
    top_up: Option<BudgetAnswer>,
    /// End the run as failed; what it did stays as it is
    #[arg(long)]
    stop: bool,
    /// Undo what the run did, the last first, then end it as failed
    #[arg(long)]
    compensate: bool,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

impl Resolve {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let answer = match self.top_up {
            Some(more) => more,
            None if self.stop => BudgetAnswer::Stop,
            None => BudgetAnswer::Compensate,
        };
        let request = BudgetRequest {
            packet: self.packet,
            digest: self.digest,
            answer,
            reason: self.reason,
        };
        carry_out(context, async |handle| {
            let resolved = handle.resolve_budget(request, &actor).await?;
            Ok(Recorded::of(resolved.into()))
        })
    }
}

/// `5` is steps, `1.00 USD` is money.
fn top_up(text: &str) -> Result<BudgetAnswer, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let steps = text.parse();
        return steps
            .map(|steps| BudgetAnswer::MoreSteps { steps })
            .map_err(|_too_large| format!("`{text}` is no number of steps"));
    }
    micro_usd(text)
        .map(|micro_usd| BudgetAnswer::MoreCost { micro_usd })
        .map_err(|why| format!("{why}; write money as in '1.00 USD', or a whole number of steps"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_top_up_is_money_or_steps() {
        assert_eq!(top_up("5"), Ok(BudgetAnswer::MoreSteps { steps: 5 }));
        let money = BudgetAnswer::MoreCost { micro_usd: 500_000 };
        assert_eq!(top_up("0.50 USD"), Ok(money));
        for text in ["0.50", "five", "-1", "", "99999999999"] {
            assert!(top_up(text).is_err(), "{text}");
        }
    }
}
