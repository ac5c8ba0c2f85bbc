//! Wall-clock time that goes with tokio's paused time, and on from life to life.

use std::sync::Mutex;

use countersign::domain::Timestamp;
use countersign::runtime::Clock;
use tokio::time::Instant;

#[derive(Debug)]
pub(crate) struct SimClock(Mutex<(i64, Instant)>);

impl SimClock {
    /// Must be made inside the life it is for.
    pub(crate) fn starting(at: Timestamp) -> Self {
        Self(Mutex::new((at.0, Instant::now())))
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let (base, since) = *self.0.lock().unwrap();
        let passed = since.elapsed().as_millis();
        Timestamp(base + i64::try_from(passed).unwrap())
    }

    fn jitters(&self) -> bool {
        false
    }
}
