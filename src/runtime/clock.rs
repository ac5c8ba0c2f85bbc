//! The one place that asks the machine for the time.

use crate::domain::Timestamp;

/// A source of time.
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;

    /// Milliseconds from some moment on, by a clock that nobody sets. Time counts in which the
    /// machine slept or the process was stopped. A clock that is never set needs no other.
    fn elapsed_ms(&self) -> i64 {
        self.now().0
    }

    /// Whether waits by this clock are spread by chance, so that what fails together does not come
    /// back together. Where time is not real they last exactly as long as they say.
    fn jitters(&self) -> bool {
        true
    }

    /// Both at one moment: a process that is stopped between the two reads them again.
    fn both(&self) -> (Timestamp, i64) {
        loop {
            let before_ms = self.elapsed_ms();
            let now = self.now();
            let elapsed_ms = self.elapsed_ms();
            if elapsed_ms.saturating_sub(before_ms) <= MOMENT_MS {
                return (now, elapsed_ms);
            }
        }
    }
}

/// How long reading two clocks may take.
const MOMENT_MS: i64 = 1_000;

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock the others ask"
    )]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_millisecond())
    }
    fn elapsed_ms(&self) -> i64 {
        let at = rustix::time::clock_gettime(ELAPSED);
        at.tv_sec
            .saturating_mul(1_000)
            .saturating_add(at.tv_nsec / 1_000_000)
    }
}

/// Counts on while the machine sleeps.
#[cfg(target_os = "linux")]
const ELAPSED: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const ELAPSED: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
