//! The time that commands come in with: the wall clock, watched by a clock that nobody sets.
//!
//! | the wall clock | time here |
//! |---|---|
//! | goes as it should | the wall clock's |
//! | goes back by a little | stands until it has caught up |
//! | jumps, either way, by more than five minutes | goes on from where it was, by elapsed time, until a person says that the clock is right |
//! | is behind the journal's last event when the store is opened | as where it goes back |
//! | is far ahead of it | the wall clock's: nobody may have run the store for so long |
//!
//! Elapsed time counts while the machine sleeps and while the process is stopped, so neither is a
//! jump: what fell due meanwhile is due, as after a restart. The journal's order is that of its
//! sequence; once a person has said that a clock that went back is right, times may go back too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::domain::Timestamp;
use crate::domain::limits::{CLOCK_AWAY_MS_MAX, CLOCK_JUMP_MS};
use crate::runtime::Clock;

/// A disagreement of the clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    /// What the wall clock should have said.
    expected: Timestamp,
    said: Timestamp,
    /// Seen while the process ran; otherwise against the journal's last event.
    running: bool,
}

#[derive(Debug)]
struct Reading {
    wall: Timestamp,
    elapsed_ms: i64,
    /// The latest time given out.
    given: Timestamp,
    /// From when on, in elapsed time, and at which time the wall clock is not followed.
    held: Option<(i64, Timestamp)>,
    /// Not told yet.
    jump: Option<Jump>,
}

pub(super) struct Timekeeper {
    clock: Arc<dyn Clock>,
    reading: Mutex<Reading>,
}

impl Timekeeper {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let (wall, elapsed_ms) = clock.both();
        let reading = Reading {
            wall,
            elapsed_ms,
            given: wall,
            held: None,
            jump: None,
        };
        Self {
            clock,
            reading: Mutex::new(reading),
        }
    }

    /// Compares the wall clock with the time of the journal's last event.
    pub(super) fn compare(&self, last: Timestamp) {
        let mut reading = self.lock();
        let said = reading.wall;
        let jump = Jump {
            expected: last,
            said,
            running: false,
        };
        let ahead_ms = said.ms_since(last);
        if ahead_ms < -CLOCK_JUMP_MS {
            reading.held = Some((reading.elapsed_ms, last));
            reading.given = last;
            reading.jump = Some(jump);
        } else if ahead_ms < 0 {
            reading.given = last;
        } else if ahead_ms > CLOCK_AWAY_MS_MAX {
            reading.jump = Some(jump);
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        // Read under the lock, so that no reading overtakes another.
        let mut reading = self.lock();
        let (said, elapsed_ms) = self.clock.both();
        let passed_ms = elapsed_ms.saturating_sub(reading.elapsed_ms).max(0);
        let expected = reading.wall.plus_ms(passed_ms);
        reading.wall = said;
        reading.elapsed_ms = elapsed_ms;
        let off_ms = said.ms_since(expected);
        if off_ms.saturating_abs() > CLOCK_JUMP_MS {
            let at = reading.given.max(expected);
            reading.held.get_or_insert((elapsed_ms, at));
            reading.jump.get_or_insert(Jump {
                expected,
                said,
                running: true,
            });
        }
        let time = match reading.held {
            Some((since_ms, at)) => at.plus_ms(elapsed_ms.saturating_sub(since_ms)),
            None => said,
        };
        reading.given = reading.given.max(time);
        reading.given
    }

    /// A disagreement that was not told yet.
    pub(super) fn jump(&self) -> Option<Jump> {
        self.lock().jump
    }

    /// The disagreement was told.
    pub(super) fn told(&self, jump: Jump) {
        self.lock().jump.take_if(|known| *known == jump);
    }

    /// A person said that the wall clock is right: it is followed from the present.
    pub(super) fn follow(&self) {
        let mut reading = self.lock();
        let (said, elapsed_ms) = self.clock.both();
        *reading = Reading {
            wall: said,
            elapsed_ms,
            given: said,
            held: None,
            jump: None,
        };
    }

    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jump {
    pub(super) fn message(&self) -> String {
        let by_s = self.said.ms_since(self.expected).saturating_div(1_000);
        let far = format!(
            "{} s {}",
            by_s.saturating_abs(),
            if by_s < 0 { "behind" } else { "ahead of" }
        );
        let of = if self.running {
            "the time that has passed since it was last read"
        } else if by_s < 0 {
            "the last event of the journal"
        } else {
            "the last event of the journal, and nothing tells a clock that was set from a long absence"
        };
        format!(
            "The clock is {far} {of}. Review windows stand still until a person has looked at the \
             clock and acknowledged this."
        )
    }

    pub(super) fn evidence(&self) -> Value {
        json!({
            "expected": self.expected,
            "said": self.said,
            "off_ms": self.said.ms_since(self.expected),
            "seen": if self.running { "while running" } else { "on opening the store" },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    const DAY_MS: i64 = 24 * 3_600_000;

    #[derive(Default)]
    struct Hands {
        wall: AtomicI64,
        elapsed: AtomicI64,
    }

    impl Hands {
        fn pass(&self, ms: i64) {
            self.wall.fetch_add(ms, Ordering::SeqCst);
            self.elapsed.fetch_add(ms, Ordering::SeqCst);
        }

        fn set(&self, ms: i64) {
            self.wall.fetch_add(ms, Ordering::SeqCst);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp(self.wall.load(Ordering::SeqCst))
        }

        fn elapsed_ms(&self) -> i64 {
            self.elapsed.load(Ordering::SeqCst)
        }
    }

    fn keeper() -> (Arc<Hands>, Timekeeper) {
        let hands = Arc::new(Hands::default());
        hands.pass(100 * DAY_MS);
        let keeper = Timekeeper::new(Arc::clone(&hands) as _);
        (hands, keeper)
    }

    #[test]
    fn time_that_passes_is_no_jump_however_much_it_is() {
        let (hands, keeper) = keeper();
        for ms in [10, 600_000, 3 * DAY_MS] {
            hands.pass(ms);
            assert_eq!(keeper.now(), hands.now());
        }
        assert_eq!(keeper.jump(), None);
    }

    #[test]
    fn a_jump_either_way_is_not_followed_until_a_person_says_so() {
        for jump_ms in [
            -7 * DAY_MS,
            30 * DAY_MS,
            CLOCK_JUMP_MS + 1,
            -CLOCK_JUMP_MS - 1,
        ] {
            let (hands, keeper) = keeper();
            let before = keeper.now();
            hands.set(jump_ms);
            hands.pass(5);
            assert_eq!(keeper.now(), before.plus_ms(5), "{jump_ms}");
            hands.pass(1_000);
            assert_eq!(keeper.now(), before.plus_ms(1_005));
            let jump = keeper.jump().expect("a jump");
            assert_eq!(jump.evidence()["off_ms"], jump_ms);
            keeper.told(jump);
            assert_eq!(keeper.jump(), None);
            keeper.follow();
            assert_eq!(keeper.now(), hands.now());
        }
    }

    #[test]
    fn fifty_jumps_keep_the_order() {
        let (hands, keeper) = keeper();
        let mut last = keeper.now();
        for n in 1..=50 {
            hands.set(if n % 2 == 0 { n * DAY_MS } else { -n * DAY_MS });
            hands.pass(10);
            let now = keeper.now();
            assert_eq!(now, last.plus_ms(10));
            last = now;
        }
    }

    #[test]
    fn a_small_step_back_makes_time_stand() {
        let (hands, keeper) = keeper();
        let before = keeper.now();
        hands.set(-2_000);
        assert_eq!(keeper.now(), before);
        hands.pass(1_500);
        assert_eq!(keeper.now(), before);
        hands.pass(1_500);
        assert_eq!(keeper.now(), before.plus_ms(1_000));
        assert_eq!(keeper.jump(), None);
    }

    #[test]
    fn a_clock_behind_the_journal_goes_on_from_the_journal() {
        let (hands, keeper) = keeper();
        let last = hands.now().plus_ms(7 * DAY_MS);
        keeper.compare(last);
        hands.pass(40);
        assert_eq!(keeper.now(), last.plus_ms(40));
        assert!(keeper.jump().expect("a jump").message().contains("behind"));
    }

    #[test]
    fn a_long_absence_is_told_and_a_short_one_is_none() {
        let (hands, absent) = keeper();
        absent.compare(hands.now().plus_ms(-3 * 3_600_000));
        assert_eq!(absent.jump(), None);
        absent.compare(hands.now().plus_ms(-CLOCK_AWAY_MS_MAX - 1));
        assert!(absent.jump().is_some());
        assert_eq!(absent.now(), hands.now());
    }
}
