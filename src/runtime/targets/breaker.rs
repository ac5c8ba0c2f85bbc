//! A circuit breaker: what keeps failing is left alone for a while, then tried once.
//!
//! | stands | on | stands |
//! |---|---|---|
//! | closed | an answer | closed, counted from nothing |
//! | closed | as many failures in a row as are allowed | open, for its time |
//! | open | its time | half open |
//! | half open | one call, as a trial | half open, nothing else passes |
//! | half open | the trial is answered | closed |
//! | half open | the trial fails | open, for its time |
//! | half open | the trial comes to nothing | half open |
//!
//! Calls that began before it opened, and probes while nothing else passes, change nothing: only a
//! trial does. Times are milliseconds by a clock that nobody sets.

/// When it opens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// Failures in a row.
    pub(super) failures: u32,
    pub(super) open_ms: i64,
}

/// How a call was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    Plain,
    /// Its outcome decides whether others follow.
    Trial,
    /// Its outcome decides nothing.
    Aside,
}

/// What an outcome says of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// It answered, if only to refuse.
    Answered,
    Failed,
    /// Nothing: the call did not get as far.
    Nothing,
}

/// What an outcome did to the breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turned {
    Opened,
    OpenedAgain,
    Closed,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    until_ms: i64,
    /// A trial is under way.
    trial: bool,
}

#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// Failures in a row.
    failures: u32,
    open: Option<Open>,
}

/// What a call would meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    Closed,
    /// One call may pass.
    HalfOpen,
    /// None may.
    Open,
}

impl Breaker {
    pub(super) fn stand(&self, now_ms: i64) -> Stand {
        match self.open {
            None => Stand::Closed,
            Some(open) if !open.trial && open.until_ms <= now_ms => Stand::HalfOpen,
            Some(_) => Stand::Open,
        }
    }

    /// Lets a call through; none where it must wait.
    pub(super) fn admit(&mut self, now_ms: i64) -> Option<Leave> {
        match self.stand(now_ms) {
            Stand::Closed => Some(Leave::Plain),
            Stand::HalfOpen => {
                if let Some(open) = &mut self.open {
                    open.trial = true;
                }
                Some(Leave::Trial)
            }
            Stand::Open => None,
        }
    }

    pub(super) fn settle(
        &mut self,
        leave: Leave,
        said: Said,
        (now_ms, settings): (i64, Settings),
    ) -> Turned {
        match (leave, self.open) {
            (Leave::Plain, None) => self.count(said, (now_ms, settings)),
            (Leave::Trial, Some(open)) => self.tried(open, said, (now_ms, settings)),
            (Leave::Plain, Some(_)) | (Leave::Trial, None) | (Leave::Aside, _) => Turned::Not,
        }
    }

    fn count(&mut self, said: Said, (now_ms, settings): (i64, Settings)) -> Turned {
        match said {
            Said::Nothing => return Turned::Not,
            Said::Answered => {
                self.failures = 0;
                return Turned::Not;
            }
            Said::Failed => self.failures = self.failures.saturating_add(1),
        }
        if self.failures < settings.failures {
            return Turned::Not;
        }
        self.open_until(now_ms, settings);
        Turned::Opened
    }

    fn tried(&mut self, open: Open, said: Said, (now_ms, settings): (i64, Settings)) -> Turned {
        match said {
            Said::Answered => {
                *self = Self::default();
                Turned::Closed
            }
            Said::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.open_until(now_ms, settings);
                Turned::OpenedAgain
            }
            Said::Nothing => {
                self.open = Some(Open {
                    trial: false,
                    ..open
                });
                Turned::Not
            }
        }
    }

    fn open_until(&mut self, now_ms: i64, settings: Settings) {
        self.open = Some(Open {
            until_ms: now_ms.saturating_add(settings.open_ms),
            trial: false,
        });
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: Settings = Settings {
        failures: 3,
        open_ms: 100,
    };

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for turned in [Turned::Not, Turned::Not, Turned::Opened] {
            let leave = breaker.admit(0).expect("it is closed");
            assert_eq!(breaker.settle(leave, Said::Failed, (0, THREE)), turned);
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let mut breaker = Breaker::default();
        for _ in 0..10 {
            for said in [Said::Failed, Said::Failed, Said::Nothing, Said::Answered] {
                let turned = breaker.settle(Leave::Plain, said, (0, THREE));
                assert_eq!(turned, Turned::Not);
            }
        }
        assert_eq!(breaker.stand(0), Stand::Closed);
    }

    #[test]
    fn open_it_lets_nothing_pass_and_then_one_trial() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(99), None);
        assert_eq!(breaker.stand(100), Stand::HalfOpen);
        assert_eq!(breaker.admit(100), Some(Leave::Trial));
        assert_eq!(breaker.admit(100), None);
        let turned = breaker.settle(Leave::Trial, Said::Answered, (110, THREE));
        assert_eq!(turned, Turned::Closed);
        assert_eq!(breaker.admit(110), Some(Leave::Plain));
        assert_eq!(breaker.failures(), 0);
    }

    #[test]
    fn a_failed_trial_opens_it_again_for_its_whole_time() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(500), Some(Leave::Trial));
        let turned = breaker.settle(Leave::Trial, Said::Failed, (510, THREE));
        assert_eq!(turned, Turned::OpenedAgain);
        assert_eq!((breaker.admit(609), breaker.failures()), (None, 4));
        assert_eq!(breaker.admit(610), Some(Leave::Trial));
    }

    #[test]
    fn a_trial_that_came_to_nothing_leaves_its_place_to_another() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(100), Some(Leave::Trial));
        let turned = breaker.settle(Leave::Trial, Said::Nothing, (101, THREE));
        assert_eq!(
            (turned, breaker.admit(101)),
            (Turned::Not, Some(Leave::Trial))
        );
    }

    #[test]
    fn what_began_before_it_opened_changes_nothing() {
        let mut breaker = opened();
        for leave in [Leave::Plain, Leave::Aside] {
            for said in [Said::Answered, Said::Failed] {
                assert_eq!(breaker.settle(leave, said, (50, THREE)), Turned::Not);
                assert_eq!((breaker.admit(99), breaker.failures()), (None, 3));
            }
        }
    }
}
