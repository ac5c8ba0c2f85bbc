//! Parked steps, as lists show them.

use serde::{Deserialize, Serialize};

use crate::domain::{DeadLetterId, DeadLetterStatus, RunId, StepId, Timestamp, WorkflowName};
use crate::engine::{Event, Phase, Recorded, RunState, StuckAt};

/// One dead letter and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetterRow {
    pub dead_letter: DeadLetterId,
    pub run: RunId,
    pub workflow: WorkflowName,
    /// The run's business key.
    pub key: Option<String>,
    pub step: StepId,
    pub status: DeadLetterStatus,
    pub code: String,
    pub message: String,
    pub at: Timestamp,
    /// Tries made of the call it is about; 0 where none was made.
    pub attempts: u32,
    pub stuck: StuckAt,
    /// Who redrove or discarded it, when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The letters that one command's events open or close; each is whole.
pub(super) fn letters_of(
    before: Option<&RunState>,
    events: &[Recorded],
    after: &RunState,
) -> Vec<DeadLetterRow> {
    let mut letters: Vec<DeadLetterRow> = Vec::new();
    let mut open = before.and_then(letter_of);
    for recorded in events {
        if !takes(&mut open, recorded, after) {
            continue;
        }
        if let Some(letter) = &open {
            letters.retain(|row| row.dead_letter != letter.dead_letter);
            letters.push(letter.clone());
        }
    }
    letters
}

/// Folds one event into the open letter; false where it says nothing about one.
fn takes(open: &mut Option<DeadLetterRow>, recorded: &Recorded, after: &RunState) -> bool {
    if let Event::StepParked {
        dead_letter,
        step,
        code,
        stuck,
        attempts,
        values,
    } = &recorded.event
    {
        *open = Some(DeadLetterRow {
            dead_letter: *dead_letter,
            run: recorded.run,
            workflow: after.workflow.clone(),
            key: after.key.clone(),
            step: step.clone(),
            status: DeadLetterStatus::Open,
            code: code.clone(),
            message: values.message.clone(),
            at: recorded.at,
            attempts: *attempts,
            stuck: *stuck,
            closed_by: None,
            closed_at: None,
            reason: None,
        });
        true
    } else if let Event::DeadLetterRedriven { values, .. } = &recorded.event {
        close(
            open,
            DeadLetterStatus::Redriven,
            recorded,
            values.reason.as_deref(),
        );
        true
    } else if let Event::DeadLetterDiscarded { values, .. } = &recorded.event {
        close(
            open,
            DeadLetterStatus::Discarded,
            recorded,
            values.reason.as_deref(),
        );
        true
    } else {
        false
    }
}

fn close(
    open: &mut Option<DeadLetterRow>,
    status: DeadLetterStatus,
    recorded: &Recorded,
    reason: Option<&str>,
) {
    if let Some(letter) = open {
        letter.status = status;
        letter.closed_by = Some(recorded.actor.name.clone());
        letter.closed_at = Some(recorded.at);
        letter.reason = reason.map(str::to_owned);
    }
}

/// The letter that a parked run holds.
pub fn letter_of(state: &RunState) -> Option<DeadLetterRow> {
    let Phase::Parked { step, letter } = &state.phase else {
        return None;
    };
    let error = letter.error.as_ref().or(state.error.as_ref());
    Some(DeadLetterRow {
        dead_letter: letter.dead_letter,
        run: state.run,
        workflow: state.workflow.clone(),
        key: state.key.clone(),
        step: step.clone(),
        status: DeadLetterStatus::Open,
        code: error.map(|error| error.code.clone()).unwrap_or_default(),
        message: error.map(|error| error.message.clone()).unwrap_or_default(),
        at: letter.at,
        attempts: letter.stuck.attempts(),
        stuck: letter.stuck.at(),
        closed_by: None,
        closed_at: None,
        reason: None,
    })
}
