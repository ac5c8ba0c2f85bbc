//! Signals that end the console, and the one that stops it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

/// How long the signal to stop may take to arrive.
const UNSTOPPED: Duration = Duration::from_millis(300);
/// How long after an editor ended a signal of its time may still be on its way to whoever waits
/// for it here: it goes through a pipe and another thread.
const ON_ITS_WAY: Duration = Duration::from_millis(300);

/// Whether ctrl-c and ctrl-\ are meant for an editor.
static LOAN: Mutex<Lent> = Mutex::new(Lent::No);

#[derive(Clone, Copy)]
enum Lent {
    No,
    Now,
    /// Not any more, but what was sent before may still come.
    Until(Instant),
}

impl Lent {
    fn holds(self, now: Instant) -> bool {
        match self {
            Self::No => false,
            Self::Now => true,
            Self::Until(end) => now < end,
        }
    }
}

/// Tells whether a SIGINT or SIGQUIT that comes now is meant for the editor that has the terminal.
/// The terminal sends it to every process of the job; the editor does with it what it wants.
pub(in crate::console) fn terminal_is_lent() -> bool {
    loan().holds(Instant::now())
}

/// The terminal's signals are an editor's until this is dropped.
pub(super) struct Loan;

impl Loan {
    pub(super) fn begin() -> Self {
        *loan() = Lent::Now;
        Self
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *loan() = Lent::Until(Instant::now() + ON_ITS_WAY);
    }
}

/// SIGTERM and SIGHUP; SIGINT and SIGQUIT unless they are meant for an editor.
pub(super) struct Signals {
    term: Signal,
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    pub(super) async fn next(&mut self) {
        loop {
            tokio::select! {
                _ = self.term.recv() => return,
                _ = self.hangup.recv() => return,
                _ = self.interrupt.recv() => {}
                _ = self.quit.recv() => {}
            }
            if !terminal_is_lent() {
                return;
            }
        }
    }
}

/// Stops this process and those it was started with, as ctrl-z does, until they are continued.
pub(super) async fn stop_self() -> std::io::Result<()> {
    let mut continued = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
    // Where no shell would continue it, the system does not stop it at all.
    let _unstopped = tokio::time::timeout(UNSTOPPED, continued.recv()).await;
    Ok(())
}

fn loan() -> MutexGuard<'static, Lent> {
    LOAN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_is_the_editors_until_a_moment_after_it_ended() {
        let now = Instant::now();
        assert!(!Lent::No.holds(now));
        assert!(Lent::Now.holds(now));
        let ended = Lent::Until(now + ON_ITS_WAY);
        assert!(ended.holds(now));
        assert!(!ended.holds(now + ON_ITS_WAY));
    }

    #[test]
    fn a_loan_begins_and_ends() {
        let loan = Loan::begin();
        assert!(matches!(*super::loan(), Lent::Now));
        drop(loan);
        assert!(matches!(*super::loan(), Lent::Until(_)));
    }
}
