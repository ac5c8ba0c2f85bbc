//! What a run's calls cost, and what people allowed it beyond its budget.
//!
//! A call's cost is reserved by the event that begins it, and spent once the call is over, however
//! it ended. A read costs at every try. A write costs once, whatever it takes to settle it: a
//! budget must never keep an unknown outcome from being settled.

use serde::{Deserialize, Serialize};

/// The money and steps of one run. Money is in millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Calls that are over.
    pub spent_micro_usd: i64,
    /// The call under way.
    pub reserved_micro_usd: i64,
    /// What people added to the budget.
    pub more_micro_usd: i64,
    pub more_steps: u32,
}

impl Ledger {
    /// A run whose calls cost nothing and that nobody allowed more.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that is spent or promised.
    pub fn committed_micro_usd(&self) -> i64 {
        self.spent_micro_usd.saturating_add(self.reserved_micro_usd)
    }

    pub(super) fn reserve(&mut self, cost_micro_usd: Option<i64>) {
        let cost = cost_micro_usd.unwrap_or(0);
        self.reserved_micro_usd = self.reserved_micro_usd.saturating_add(cost);
    }

    pub(super) fn settle(&mut self) {
        self.spent_micro_usd = self.committed_micro_usd();
        self.reserved_micro_usd = 0;
    }
}
