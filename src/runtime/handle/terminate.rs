//! Stopping runs for good.

use crate::domain::{Actor, RunId};
use crate::engine::Command;
use crate::runtime::{Handle, RunMoved, RuntimeError};

impl Handle {
    /// Stops a run for good: nothing that was planned is sent any more. With `compensate` what it
    /// did is undone, the effect confirmed last first, once nothing of it is unknown.
    ///
    /// A run that was terminated before is left as it is, unless its effects are now to be undone.
    ///
    /// # Errors
    /// A rejection: the run has ended otherwise.
    pub async fn terminate(
        &self,
        run: RunId,
        (reason, compensate): (&str, bool),
        by: &Actor,
    ) -> Result<RunMoved, RuntimeError> {
        let command = Command::TerminateRun {
            reason: reason.to_owned(),
            compensate,
        };
        let state = self.command(run, by, command).await?;
        self.moved(&state)
    }

    /// Where a run stands, and what became of each of its effects.
    ///
    /// # Errors
    /// There is no such run, or its row does not match the journal.
    pub fn fates(&self, run: RunId) -> Result<RunMoved, RuntimeError> {
        let state = self.shared.load(run)?;
        self.moved(&state)
    }
}
