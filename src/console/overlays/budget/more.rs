//! How much more a run may use, as a person types it.

use crate::domain::limits::{BUDGET_MICRO_USD_MAX, RUN_STEPS_MAX};
use crate::domain::{BudgetLimit, micro_usd};
use crate::engine::BudgetAnswer;

/// More of a budget, at least the least of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    MicroUsd(i64),
    Steps(u32),
}

impl More {
    /// Reads `0.50`, `0.50 USD` or `5`, as the budget is counted.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn read(limit: BudgetLimit, text: &str) -> Result<Self, String> {
        match limit {
            BudgetLimit::Cost => cost(text),
            BudgetLimit::Steps => steps(text),
        }
    }

    /// In the budget's own units.
    pub fn amount(self) -> i64 {
        match self {
            Self::MicroUsd(micro_usd) => micro_usd,
            Self::Steps(steps) => steps.into(),
        }
    }

    pub fn answer(self) -> BudgetAnswer {
        match self {
            Self::MicroUsd(micro_usd) => BudgetAnswer::MoreCost { micro_usd },
            Self::Steps(steps) => BudgetAnswer::MoreSteps { steps },
        }
    }
}

fn cost(text: &str) -> Result<More, String> {
    if text.is_empty() {
        return Err("write how much more, in US dollars, as in 1.00".to_owned());
    }
    let amount = text.strip_suffix("USD").map_or(text, str::trim_end);
    let more = micro_usd(&format!("{amount} USD"))?;
    if more == 0 {
        return Err("nothing more is no answer: X stops the run".to_owned());
    }
    let most = BudgetLimit::Cost.amount(BUDGET_MICRO_USD_MAX);
    (more <= BUDGET_MICRO_USD_MAX)
        .then_some(More::MicroUsd(more))
        .ok_or_else(|| format!("at most {most} at a time"))
}

fn steps(text: &str) -> Result<More, String> {
    if text.is_empty() {
        return Err("write how many more steps, as in 5".to_owned());
    }
    let number = text.bytes().all(|byte| byte.is_ascii_digit());
    let steps = text.parse().ok().filter(|_| number);
    match steps {
        Some(0) => Err("nothing more is no answer: X stops the run".to_owned()),
        Some(steps) if steps <= RUN_STEPS_MAX => Ok(More::Steps(steps)),
        Some(_) | None => Err(format!(
            "`{text}` is no whole number of steps up to {RUN_STEPS_MAX}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_may_stand_without_its_currency() {
        for text in ["0.5", "0.50", "0.50 USD", "0.50USD"] {
            let more = More::read(BudgetLimit::Cost, text);
            assert_eq!(more, Ok(More::MicroUsd(500_000)), "{text}");
        }
        assert_eq!(More::read(BudgetLimit::Steps, "5"), Ok(More::Steps(5)));
    }

    #[test]
    fn what_is_no_more_says_why() {
        for (limit, text) in [
            (BudgetLimit::Cost, ""),
            (BudgetLimit::Cost, "0"),
            (BudgetLimit::Cost, "-1"),
            (BudgetLimit::Cost, "1 EUR"),
            (BudgetLimit::Cost, "0.0000001"),
            (BudgetLimit::Cost, "99999999999"),
            (BudgetLimit::Cost, "1\u{202e}0"),
            (BudgetLimit::Steps, ""),
            (BudgetLimit::Steps, "0"),
            (BudgetLimit::Steps, "+5"),
            (BudgetLimit::Steps, "1.5"),
            (BudgetLimit::Steps, "1000001"),
            (BudgetLimit::Steps, "99999999999"),
        ] {
            assert!(More::read(limit, text).is_err(), "{text}");
        }
    }
}
