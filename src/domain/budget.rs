//! Budgets: integer micro-dollars, one spelling, and what a passed ceiling leads to.

use serde::{Deserialize, Serialize};

use crate::domain::limits::BUDGET_MICRO_USD_MAX;
use crate::domain::status::words;

/// Micro-dollars in a dollar.
const MICRO_PER_USD: i64 = 1_000_000;
/// Decimals of a dollar that a micro-dollar has.
const DECIMALS: usize = 6;

words!(
    /// What becomes of a run that would pass its budget.
    OnBreach {
        /// A packet asks a person.
        Ask => "ask",
        /// The run ends as failed.
        Fail => "fail",
    }
);

words!(
    /// Which ceiling of a budget is meant.
    BudgetLimit {
        /// Money, in millionths of a US dollar.
        Cost => "cost",
        /// Steps of the run.
        Steps => "steps",
    }
);

impl BudgetLimit {
    /// The code under which a run fails on it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cost => "budget_exhausted",
            Self::Steps => "max_steps_exceeded",
        }
    }

    /// An amount of it, as people read it.
    pub fn amount(self, amount: i64) -> String {
        match self {
            Self::Cost => usd_text(amount),
            Self::Steps if amount == 1 => "1 step".to_owned(),
            Self::Steps => format!("{amount} steps"),
        }
    }
}

/// Reads `0.08 USD` as micro-dollars: at most six decimals, never below zero.
///
/// # Errors
/// A sentence about what is wrong with the text.
pub fn micro_usd(text: &str) -> Result<i64, String> {
    let bad = || format!("`{text}` is no cost in US dollars");
    let amount = text.strip_suffix(" USD").ok_or_else(bad)?;
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) {
        return Err(bad());
    }
    if fraction.len() > DECIMALS {
        return Err(format!("`{text}` has more than {DECIMALS} decimals"));
    }
    let padded = format!("{fraction:0<DECIMALS$}");
    let micro = whole
        .parse::<i64>()
        .ok()
        .and_then(|whole| whole.checked_mul(MICRO_PER_USD))
        .zip(padded.parse().ok())
        .and_then(|(whole, fraction)| whole.checked_add(fraction))
        .filter(|micro| *micro <= BUDGET_MICRO_USD_MAX);
    micro.ok_or_else(|| format!("`{text}` is larger than {}", usd_text(BUDGET_MICRO_USD_MAX)))
}

/// Micro-dollars as [`micro_usd`] reads them, with two decimals at least.
pub fn usd_text(micro: i64) -> String {
    let sign = if micro < 0 { "-" } else { "" };
    let micro = micro.unsigned_abs();
    let unit = MICRO_PER_USD.unsigned_abs();
    let whole = micro.checked_div(unit).unwrap_or_default();
    let rest = micro.checked_rem(unit).unwrap_or_default();
    let fraction = format!("{rest:06}");
    let (cents, finer) = fraction.split_at_checked(2).unwrap_or((&fraction, ""));
    format!("{sign}{whole}.{cents}{} USD", finer.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_read_and_written() {
        for (text, micro) in [
            ("0.08 USD", 80_000),
            ("2.00 USD", 2_000_000),
            ("0.000001 USD", 1),
            ("12.3456 USD", 12_345_600),
        ] {
            assert_eq!(micro_usd(text), Ok(micro));
            assert_eq!(usd_text(micro), text);
        }
        assert_eq!(micro_usd("2 USD"), Ok(2_000_000));
    }

    #[test]
    fn what_is_no_cost_is_refused() {
        for text in [
            "",
            "0.08",
            "$0.08",
            "0.08USD",
            "0.08 EUR",
            "-1.00 USD",
            "1. USD",
            ".5 USD",
            "1e3 USD",
            "0.0000001 USD",
            "99999999999999 USD",
            "8 cents",
            "0.08  USD",
        ] {
            assert!(micro_usd(text).is_err(), "{text}");
        }
    }
}
