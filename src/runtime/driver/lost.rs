//! A driver that ends before it is done: the run is taken up again, and after some times given up
//! as a dead letter, so that one poisoned run neither hangs unseen nor keeps others waiting.

use crate::domain::{Actor, RunId};
use crate::engine::Command;
use crate::runtime::shared::Shared;

/// Stands for a driver at work. Dropped by a panic, it frees the run for the next one.
pub(super) struct AtWork<'a> {
    shared: &'a Shared,
    run: RunId,
    left: bool,
}

impl<'a> AtWork<'a> {
    pub(super) fn new(shared: &'a Shared, run: RunId) -> Self {
        Self {
            shared,
            run,
            left: false,
        }
    }

    /// The driver is done, and has left the run.
    pub(super) fn left(&mut self) {
        self.left = true;
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        // A task that is dropped as the process ends loses nothing.
        if self.left || !std::thread::panicking() {
            return;
        }
        let why = "The program failed while it drove this run.";
        self.shared.troubles.lose(self.run, why);
        self.shared.registry.abandon(self.run);
    }
}

impl Shared {
    /// Parks a run whose drivers were lost too often.
    pub(super) async fn give_up_if_lost(&self, run: RunId) {
        let Some(why) = self.troubles.gives_up(run) else {
            return;
        };
        let command = Command::GiveUp {
            code: "worker_lost".to_owned(),
            message: format!("Nobody could drive this run to its next step: {why}"),
        };
        let given_up = self
            .apply_as_executor(run, None, &Actor::system(), command)
            .await;
        match given_up {
            Ok(_) => self.troubles.clear(run),
            Err(error) => self.troubles.record(run, &error),
        }
    }
}
