//! Signals that end the console, and the one that stops it.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM, SIGHUP and SIGINT.
pub(super) struct Signals {
    term: Signal,
    hangup: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.interrupt.recv() => {}
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

/// How long the signal to stop may take to arrive.
const UNSTOPPED: std::time::Duration = std::time::Duration::from_millis(300);
