//! Supervision of runs: pause, resume, override, signals.

use std::sync::Arc;

use serde_json::Value;

use crate::domain::{Actor, RunId};
use crate::engine::{Command, RunState};
use crate::runtime::registry::{Handoff, Leave};
use crate::runtime::shared::Shared;
use crate::runtime::{Handle, Overridden, RunMoved, RuntimeError};
use crate::store::EffectFilter;
use crate::views::fates::fates;

impl Handle {
    /// Holds a run: nothing more is sent for it. What is in flight still records its outcome.
    ///
    /// # Errors
    /// A rejection: the run has ended or is paused already.
    pub async fn pause(
        &self,
        run: RunId,
        reason: &str,
        by: &Actor,
    ) -> Result<RunMoved, RuntimeError> {
        let command = Command::PauseRun {
            reason: reason.to_owned(),
        };
        let state = self.command(run, by, command).await?;
        self.moved(&state)
    }

    /// Releases a held run. A run that waited for a person waits again.
    ///
    /// # Errors
    /// A rejection: the run is not held.
    pub async fn resume(
        &self,
        run: RunId,
        reason: &str,
        by: &Actor,
    ) -> Result<RunMoved, RuntimeError> {
        let command = Command::ResumeRun {
            reason: reason.to_owned(),
        };
        let state = self.command(run, by, command).await?;
        self.moved(&state)
    }

    /// Sets one value of the state of a held run; approvals given before are void.
    ///
    /// # Errors
    /// A rejection: the run is not held, an effect is in flight, or the value is not valid.
    pub async fn override_value(
        &self,
        run: RunId,
        (path, value): (&str, Value),
        reason: &str,
        by: &Actor,
    ) -> Result<Overridden, RuntimeError> {
        let command = Command::OverrideValue {
            path: path.to_owned(),
            value,
            reason: reason.to_owned(),
        };
        let state = self.command(run, by, command).await?;
        Ok(Overridden {
            run,
            state_version: state.state_version,
        })
    }

    /// Delivers a message to a run that listens for it.
    ///
    /// # Errors
    /// A rejection: the run does not listen for this signal.
    pub async fn signal(
        &self,
        run: RunId,
        name: &str,
        payload: Value,
        by: &Actor,
    ) -> Result<RunMoved, RuntimeError> {
        let command = Command::DeliverSignal {
            name: name.to_owned(),
            payload,
        };
        let state = self.command(run, by, command).await?;
        self.moved(&state)
    }

    /// Decides a person's command and, where this process executes, drives the run on.
    pub(in crate::runtime) async fn command(
        &self,
        run: RunId,
        by: &Actor,
        command: Command,
    ) -> Result<Arc<RunState>, RuntimeError> {
        let mut under_way = UnderWay::enter(&self.shared, run);
        let applied = self.shared.apply(run, by, command).await?;
        self.shared.adopt(run);
        under_way.drives = true;
        if applied.intended {
            under_way.handoff = Some(Arc::clone(&applied.state));
        }
        Ok(applied.state)
    }

    pub(super) fn moved(&self, state: &RunState) -> Result<RunMoved, RuntimeError> {
        let filter = EffectFilter {
            run: Some(state.run),
            ..EffectFilter::default()
        };
        // A run without effects is told so by its own state; the list reads its whole history.
        let none = state.effects_done.is_empty()
            && state.refused.is_empty()
            && state.live_effect().is_none();
        let effects = if none {
            Vec::new()
        } else {
            let definition = self.shared.library.pinned(state.definition)?;
            fates(self.shared.store.effects(&filter)?, state, &definition)
        };
        Ok(RunMoved {
            run: state.run,
            status: state.status(),
            effects,
            undoes: state.saga.undoes() && !state.status().is_final(),
        })
    }
}

/// A command under way: nobody else takes its run up. One that was decided has the run driven;
/// one that was refused leaves it as it was.
struct UnderWay<'a> {
    shared: &'a Arc<Shared>,
    run: RunId,
    drives: bool,
    handoff: Option<Handoff>,
}

impl<'a> UnderWay<'a> {
    fn enter(shared: &'a Arc<Shared>, run: RunId) -> Self {
        shared.registry.enter(run);
        Self {
            shared,
            run,
            drives: false,
            handoff: None,
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.shared.registry.exit(self.run, self.handoff.take()) {
            return;
        }
        // A caller that is dropped with its runtime has nothing left to drive with.
        let can_drive = tokio::runtime::Handle::try_current().is_ok();
        if !self.drives || !can_drive {
            let woken = matches!(self.shared.registry.leave(self.run, None), Leave::Again(_));
            if !(woken && can_drive) {
                return;
            }
        }
        self.shared.spawn_driver(self.run);
    }
}
