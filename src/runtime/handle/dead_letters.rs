//! Dead letters: look at one, redrive, discard.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{
    Actor, DeadLetterId, Digest, Fields, Request, RunId, RunStatus, Timestamp, ToolName,
};
use crate::engine::{Command, Event, Recorded, Rejection};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{DeadLetterFilter, EventFilter};
use crate::views::DeadLetterRow;

/// A dead letter with everything a person needs to decide about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeadLetterDetail {
    #[serde(flatten)]
    pub row: DeadLetterRow,
    /// The run's input, as it came.
    pub input: Fields,
    /// The run's state as it is now.
    pub state: Fields,
    pub definition: Digest,
    /// The last call that was made for the step before it was parked.
    pub last_call: Option<LastCall>,
    /// The probe that asked after it.
    pub last_probe: Option<LastCall>,
}

/// A call and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LastCall {
    pub tool: ToolName,
    pub at: Timestamp,
    /// Secrets stand in it as handles.
    pub request: Request,
    /// What was answered, or why there is no answer.
    pub answer: Option<Value>,
    pub failure: Option<String>,
}

/// A dead letter that was redriven or discarded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterMoved {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    pub run_status: RunStatus,
}

impl Handle {
    pub fn dead_letters(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterRow>, RuntimeError> {
        Ok(self.shared.store.dead_letters(filter)?)
    }

    /// One dead letter; its row and its run's state are verified against the journal.
    pub fn dead_letter(&self, letter: DeadLetterId) -> Result<DeadLetterDetail, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.shared.load(row.run)?;
        // The newest events: a long history lies before them.
        let mut events = self.shared.store.events(&EventFilter {
            run: Some(row.run),
            newest_first: true,
            ..EventFilter::default()
        })?;
        events.reverse();
        let recorded: Vec<Recorded> = events
            .iter()
            .filter_map(|stored| stored.recorded().transpose())
            .collect::<Result<_, _>>()?;
        let (last_call, last_probe) = last_calls(&recorded, letter);
        Ok(DeadLetterDetail {
            last_call,
            last_probe,
            input: state.input.as_ref().clone(),
            state: state.state.as_ref().clone(),
            definition: state.definition,
            row,
        })
    }

    /// The inputs of the runs of some letters, in their order.
    pub fn inputs_of(&self, letters: &[DeadLetterRow]) -> Result<Vec<Fields>, RuntimeError> {
        letters
            .iter()
            .map(|letter| Ok(self.shared.load(letter.run)?.input.as_ref().clone()))
            .collect()
    }

    /// Has the parked step go on, after edits of the state.
    ///
    /// # Errors
    /// A rejection: the letter is closed, an edit is not valid, or the effect is still unknown.
    pub async fn redrive(
        &self,
        letter: DeadLetterId,
        (set, reason): (Vec<(String, Value)>, Option<String>),
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let command = Command::RedriveDeadLetter {
            dead_letter: letter,
            set,
            output: None,
            reason,
        };
        self.close_letter(letter, command, by).await
    }

    /// Has a step that was answered go on with what a person says was answered; nothing is sent.
    ///
    /// # Errors
    /// A rejection: as for [`Handle::redrive`], or the answer misses the tool's output schema, or
    /// the step is not stuck after an answer.
    pub async fn redrive_answered(
        &self,
        letter: DeadLetterId,
        output: Value,
        (set, reason): (Vec<(String, Value)>, Option<String>),
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let command = Command::RedriveDeadLetter {
            dead_letter: letter,
            set,
            output: Some(output),
            reason,
        };
        self.close_letter(letter, command, by).await
    }

    /// Gives the parked step up; its run fails.
    ///
    /// # Errors
    /// A rejection: the letter is closed, or its effect may have happened.
    pub async fn discard(
        &self,
        letter: DeadLetterId,
        reason: &str,
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let command = Command::DiscardDeadLetter {
            dead_letter: letter,
            reason: reason.to_owned(),
        };
        self.close_letter(letter, command, by).await
    }

    async fn close_letter(
        &self,
        letter: DeadLetterId,
        command: Command,
        by: &Actor,
    ) -> Result<LetterMoved, RuntimeError> {
        let row = self.letter_row(letter)?;
        let state = self.command(row.run, by, command).await;
        let state = state.map_err(|error| self.name_who_closed(letter, error))?;
        Ok(LetterMoved {
            dead_letter: letter,
            run: row.run,
            run_status: state.status(),
        })
    }

    /// Tells the loser of a race who closed the letter, and when, from the journal. A run that has
    /// ended since says only that.
    fn name_who_closed(&self, letter: DeadLetterId, error: RuntimeError) -> RuntimeError {
        let (run, status) = match &error {
            RuntimeError::Rejected(
                Rejection::LetterClosed { run, status, .. } | Rejection::RunEnded { run, status },
            ) => (*run, *status),
            _ => return error,
        };
        match self.closing(run, letter) {
            Ok(Some(closed_by)) => Rejection::LetterClosed {
                dead_letter: letter,
                run,
                status,
                closed_by: Some(closed_by),
            }
            .into(),
            Ok(None) | Err(_) => error,
        }
    }

    /// Who closed a letter, and when.
    fn closing(
        &self,
        run: RunId,
        letter: DeadLetterId,
    ) -> Result<Option<(String, Timestamp)>, RuntimeError> {
        let events = self.shared.store.events(&EventFilter {
            run: Some(run),
            newest_first: true,
            ..EventFilter::default()
        })?;
        for stored in &events {
            if let Some(recorded) = stored.recorded()?
                && let Event::DeadLetterRedriven { dead_letter, .. }
                | Event::DeadLetterDiscarded { dead_letter, .. } = recorded.event
                && dead_letter == letter
            {
                return Ok(Some((stored.actor.clone(), stored.at)));
            }
        }
        Ok(None)
    }

    pub(super) fn letter_row(&self, letter: DeadLetterId) -> Result<DeadLetterRow, RuntimeError> {
        self.shared
            .store
            .dead_letter(letter)?
            .ok_or(RuntimeError::NoSuchDeadLetter(letter))
    }
}

/// The last calls made for the letter's step before it was parked: the call itself, and the probe
/// that asked after it, where there was one.
fn last_calls(events: &[Recorded], letter: DeadLetterId) -> (Option<LastCall>, Option<LastCall>) {
    let (mut last, mut probe): (Option<LastCall>, Option<LastCall>) = (None, None);
    for Recorded { at, event, .. } in events {
        if let Event::CallStarted { tool, values, .. } = event {
            (last, probe) = (Some(call(tool, *at, &values.request)), None);
        } else if let Event::EffectIntended { tool, values, .. } = event {
            (last, probe) = (Some(call(tool, *at, &values.effect.request)), None);
        } else if let Event::ProbeStarted { tool, values, .. } = event {
            probe = Some(call(tool, *at, &values.request));
        } else if let Event::ProbeAnswered { values, .. } = event {
            if let Some(probe) = &mut probe {
                probe.answer.clone_from(&values.output);
                probe.failure.clone_from(&values.message);
            }
        } else if let Event::CallFailed { values, .. }
        | Event::EffectRefused { values, .. }
        | Event::EffectDeferred { values, .. }
        | Event::EffectUnknown { values, .. } = event
        {
            // What a probe found out comes after the call's own failure.
            if let Some(last) = last.as_mut().filter(|call| call.failure.is_none()) {
                last.failure = Some(values.message.clone());
            }
        } else if let Event::StepCompleted { .. } = event {
            // What a completed step was answered belongs to no letter after it.
            (last, probe) = (None, None);
        } else if let Event::StepParked {
            dead_letter,
            values,
            ..
        } = event
        {
            if let Some(last) = &mut last {
                last.answer.clone_from(&values.output);
            }
            if *dead_letter == letter {
                return (last, probe);
            }
        }
    }
    (None, None)
}

fn call(tool: &ToolName, at: Timestamp, request: &Request) -> LastCall {
    LastCall {
        tool: tool.clone(),
        at,
        request: request.clone(),
        answer: None,
        failure: None,
    }
}
