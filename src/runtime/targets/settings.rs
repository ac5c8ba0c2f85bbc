//! How much each target is asked for, and when it is left alone.

use std::collections::BTreeMap;

use crate::domain::limits;
use crate::runtime::targets::breaker;

/// How one target is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetLimits {
    /// Failures in a row after which it is left alone.
    pub breaker_failures: u32,
    /// How long it is left alone before it is tried again, in milliseconds.
    pub breaker_open_ms: i64,
    /// Retries that it gets, in percent of the first tries it gets.
    pub retry_percent: u32,
    /// Requests that may be under way at it at one time; never more than half of the runs driven.
    pub in_flight: usize,
}

impl Default for TargetLimits {
    fn default() -> Self {
        Self {
            breaker_failures: limits::BREAKER_FAILURES_DEFAULT,
            breaker_open_ms: limits::BREAKER_OPEN_MS_DEFAULT,
            retry_percent: limits::RETRY_PERCENT_DEFAULT,
            in_flight: limits::IN_FLIGHT_DEFAULT,
        }
    }
}

impl TargetLimits {
    pub(super) fn breaker(self) -> breaker::Settings {
        breaker::Settings {
            failures: self.breaker_failures,
            open_ms: self.breaker_open_ms,
        }
    }

    /// How long a due retry waits for the target: while it is left alone, and as long again for the
    /// trials that follow.
    pub(super) fn held_ms_max(self) -> i64 {
        self.breaker_open_ms.saturating_mul(2)
    }
}

/// The targets that are treated otherwise than by default, by connector.
#[derive(Clone, Debug, Default)]
pub struct TargetSettings(BTreeMap<String, TargetLimits>);

impl TargetSettings {
    pub fn of(&self, connector: &str) -> TargetLimits {
        self.0.get(connector).copied().unwrap_or_default()
    }
}

impl<N: Into<String>> FromIterator<(N, TargetLimits)> for TargetSettings {
    fn from_iter<I: IntoIterator<Item = (N, TargetLimits)>>(targets: I) -> Self {
        let named = targets.into_iter();
        Self(named.map(|(name, limits)| (name.into(), limits)).collect())
    }
}
