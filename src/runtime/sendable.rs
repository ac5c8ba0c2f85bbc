//! INTENTs this process just made durable and has not sent: how long ago each was decided, by a
//! clock that no one can set. The wall clock alone would not notice that it was set back while
//! this process was stopped.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::limits::SEND_WITHIN_MS;
use crate::domain::{RunId, Timestamp};

/// When each INTENT was decided; one a run.
#[derive(Debug, Default)]
pub(super) struct Sendable {
    decided: Mutex<BTreeMap<RunId, Instant>>,
}

impl Sendable {
    /// Remembers a durable INTENT that was decided at `decided`.
    pub(super) fn note(&self, run: RunId, decided: Instant) {
        self.lock().insert(run, decided);
    }

    /// Takes leave to send at `at`, which the wall clock calls `now`: once, and within the time by
    /// both. An INTENT that names no time is not of this program's making and is not sent.
    pub(super) fn take(
        &self,
        run: RunId,
        before: Option<Timestamp>,
        (at, now): (Instant, Timestamp),
    ) -> bool {
        let within = Duration::from_millis(SEND_WITHIN_MS.unsigned_abs());
        let decided = self.lock().remove(&run);
        let soon = decided.is_some_and(|decided| at.duration_since(decided) <= within);
        soon && before.is_some_and(|before| now <= before)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<RunId, Instant>> {
        self.decided.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_271_898_007);

    fn run() -> RunId {
        RunId(uuid::Uuid::from_u128(1))
    }

    fn end() -> Timestamp {
        NOW.plus_ms(SEND_WITHIN_MS)
    }

    #[test]
    fn leave_is_good_once() {
        let sendable = Sendable::default();
        let decided = Instant::now();
        sendable.note(run(), decided);
        assert!(sendable.take(run(), Some(end()), (decided, NOW)));
        assert!(!sendable.take(run(), Some(end()), (decided, NOW)));
    }

    #[test]
    fn either_clock_ends_it() {
        let within = Duration::from_millis(SEND_WITHIN_MS.unsigned_abs());
        let tick = Duration::from_millis(1);
        let decided = Instant::now();
        let leave = |after: Duration, wall_ms: i64| {
            let sendable = Sendable::default();
            sendable.note(run(), decided);
            sendable.take(run(), Some(end()), (decided + after, NOW.plus_ms(wall_ms)))
        };
        assert!(leave(within, SEND_WITHIN_MS));
        // The machine slept: only the wall clock went on.
        assert!(!leave(tick, SEND_WITHIN_MS + 1));
        // The process was stopped, and the wall clock set back meanwhile.
        assert!(!leave(within + tick, -5));
    }

    #[test]
    fn an_intent_without_a_time_is_not_sent() {
        let sendable = Sendable::default();
        let decided = Instant::now();
        sendable.note(run(), decided);
        assert!(!sendable.take(run(), None, (decided, NOW)));
    }
}
