//! Stopping runs for good.

use serde::Serialize;

use crate::domain::{Actor, RunId, RunStatus};
use crate::engine::{Command, Event, Recorded, Rejection, RunState, decide};
use crate::runtime::{Handle, RunMoved, RuntimeError};
use crate::views::fates::planned;
use crate::views::{EffectFate, Undoing};

/// What terminating a run would do; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TerminatePreview {
    pub run: RunId,
    pub status: RunStatus,
    /// Every effect as it stands, and after them those that were planned and would not be sent any
    /// more.
    pub effects: Vec<EffectFate>,
    /// It goes on: terminating stops it. False of a run that was terminated before.
    pub stops: bool,
    /// Something that it did, or may have done, would be undone with `compensate`.
    pub undoes: bool,
    /// Why neither is possible: it ended otherwise.
    pub refused: Option<String>,
}

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

    /// What terminating a run would do, with and without undoing: the same decisions, thrown away.
    ///
    /// # Errors
    /// There is no such run, or its row does not match the journal.
    pub fn preview_terminate(&self, run: RunId) -> Result<TerminatePreview, RuntimeError> {
        let state = self.shared.load(run)?;
        let mut effects = self.moved(&state)?.effects;
        let stop = self.would(&state, false)?;
        let undo = self.would(&state, true)?;
        let refused = stop.as_ref().err().map(ToString::to_string);
        let events = stop.unwrap_or_default();
        for effect in events.iter().filter_map(never_sent) {
            let known = |other: &EffectFate| other.idempotency_key == effect.idempotency_key;
            if !effects.iter().any(known) {
                effects.push(effect);
            }
        }
        let undoable = |effect: &EffectFate| effect.undoing == Undoing::CanBeUndone;
        Ok(TerminatePreview {
            run,
            status: state.status(),
            stops: !events.is_empty(),
            undoes: undo.is_ok_and(|events| !events.is_empty()) && effects.iter().any(undoable),
            effects,
            refused,
        })
    }

    /// The events that terminating would write, or why it is refused.
    fn would(
        &self,
        state: &RunState,
        compensate: bool,
    ) -> Result<Result<Vec<Recorded>, Rejection>, RuntimeError> {
        let definition = self.shared.library.pinned(state.definition)?;
        let command = Command::TerminateRun {
            reason: "what would it do".to_owned(),
            compensate,
        };
        let envelope = self.shared.envelope(&Actor::system(), command)?;
        let context = self.shared.context(&definition, &[]);
        let decision = decide(&context, Some(state), &envelope);
        Ok(decision.map(|decision| decision.events))
    }
}

/// What an event says will not be sent any more.
fn never_sent(recorded: &Recorded) -> Option<EffectFate> {
    let Event::EffectBlocked { values, .. } = &recorded.event else {
        return None;
    };
    Some(planned(&values.effect))
}
