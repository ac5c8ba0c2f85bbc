//! What giving a dead letter up would do, without doing it.

use serde::Serialize;

use crate::domain::{Actor, DeadLetterId, EffectState, RunId, RunStatus};
use crate::engine::{Command, decide};
use crate::runtime::handle::stake::{StakeEffect, stake_of};
use crate::runtime::{Handle, RuntimeError};
use crate::store::EffectFilter;

/// What giving a dead letter up would do; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiscardPreview {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    /// What the run would be then.
    pub run_status: RunStatus,
    /// The run is paused: it would undo what it did only once it is resumed.
    pub held: bool,
    /// What would be undone, in that order: the effect confirmed last first.
    pub undoes: Vec<StakeEffect>,
    /// What was done and would stay so.
    pub stays: Vec<StakeEffect>,
}

impl Handle {
    /// Decides a discard and throws the decision away.
    ///
    /// # Errors
    /// As for [`Handle::discard`].
    pub fn preview_discard(
        &self,
        letter: DeadLetterId,
        by: &Actor,
    ) -> Result<DiscardPreview, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.shared.load(row.run)?;
        let definition = self.shared.library.pinned(state.definition)?;
        let command = Command::DiscardDeadLetter {
            dead_letter: letter,
            reason: String::new(),
        };
        let envelope = self.shared.envelope(by, command)?;
        let mut context = self.shared.context(&definition, &[]);
        // What comes first is asked, not how far this process would take it.
        context.executes = false;
        let decision = decide(&context, Some(state.as_ref()), &envelope)?;
        let confirmed = self.effects(&EffectFilter {
            run: Some(row.run),
            state: Some(EffectState::Confirmed),
            ..EffectFilter::default()
        })?;
        let done = stake_of(&decision.state, confirmed).done.into_iter();
        let (undoes, stays) = done.partition(|effect| effect.undone_by.is_some());
        Ok(DiscardPreview {
            dead_letter: letter,
            run: row.run,
            run_status: decision.state.status(),
            held: decision.state.paused.is_some(),
            undoes,
            stays,
        })
    }
}
