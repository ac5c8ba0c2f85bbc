//! How many retries a target gets: a part of what it is asked for anyway, so that a target in
//! trouble is not asked for several times as much.
//!
//! Each first try brings a part of a retry, each retry takes a whole one. Some come with time, so
//! that none waits for ever, and some are there from the start: where little is asked for there is
//! nothing to limit.

use crate::domain::limits::{RETRIES_KEPT_MAX, RETRIES_PER_SECOND_MIN};

/// Parts that one retry has.
const WHOLE: i64 = 1_000;
const KEPT_MAX: i64 = RETRIES_KEPT_MAX * WHOLE;

#[derive(Debug)]
pub(super) struct RetryShare {
    /// Retries that may be made, in thousandths.
    kept: i64,
    /// When the last came with time, in milliseconds by a clock that nobody sets.
    at_ms: i64,
}

impl RetryShare {
    pub(super) fn new(now_ms: i64) -> Self {
        Self {
            kept: KEPT_MAX,
            at_ms: now_ms,
        }
    }

    /// A first try was made, which brings `percent` of a retry.
    pub(super) fn first_try(&mut self, percent: u32) {
        self.add(i64::from(percent).saturating_mul(WHOLE / 100));
    }

    /// Takes leave for one retry.
    pub(super) fn take(&mut self, now_ms: i64) -> bool {
        let may = self.left(now_ms) > 0;
        if may {
            self.kept = self.kept.saturating_sub(WHOLE);
        }
        may
    }

    /// Retries that may be made now.
    pub(super) fn left(&mut self, now_ms: i64) -> i64 {
        let passed_ms = now_ms.saturating_sub(self.at_ms).max(0);
        self.at_ms = self.at_ms.max(now_ms);
        self.add(passed_ms.saturating_mul(RETRIES_PER_SECOND_MIN * WHOLE / 1_000));
        self.kept / WHOLE
    }

    fn add(&mut self, parts: i64) {
        self.kept = self.kept.saturating_add(parts).min(KEPT_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent() -> RetryShare {
        let mut share = RetryShare::new(0);
        for _ in 0..RETRIES_KEPT_MAX {
            assert!(share.take(0));
        }
        share
    }

    #[test]
    fn ten_first_tries_bring_one_retry() {
        let mut share = spent();
        for _ in 0..3 {
            assert!(!share.take(0));
            for _ in 0..10 {
                share.first_try(10);
            }
            assert!(share.take(0));
        }
        assert!(!share.take(0));
    }

    #[test]
    fn time_brings_some_and_never_more_than_are_kept() {
        let mut share = spent();
        assert_eq!(share.left(1_000), RETRIES_PER_SECOND_MIN);
        assert_eq!(share.left(1_000), RETRIES_PER_SECOND_MIN);
        assert_eq!(share.left(1_000_000_000), RETRIES_KEPT_MAX);
        for _ in 0..1_000 {
            share.first_try(300);
        }
        assert_eq!(share.left(1_000_000_000), RETRIES_KEPT_MAX);
    }
}
