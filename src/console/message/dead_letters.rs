//! What the console is told of dead letters.

use crate::console::model::answer::WantedAnswer;
use crate::domain::{IdempotencyKey, StepId, Timestamp};
use crate::runtime::DeadLetterDetail;
use crate::views::DeadLetterRow;

/// Rows of the list of dead letters.
#[derive(Clone, Debug)]
pub struct LettersNews {
    /// These are all that are open, and those closed last; otherwise only those that changed.
    pub whole: bool,
    pub rows: Vec<DeadLetterRow>,
}

/// Everything about one dead letter that its details show.
#[derive(Clone, Debug)]
pub struct LetterRead {
    pub detail: DeadLetterDetail,
    /// What was tried for its step, and what people did about it, oldest first.
    pub history: Vec<Told>,
    /// What its tool answers, where it is stuck after an answer.
    pub answer: Option<WantedAnswer>,
}

/// One thing that was tried, answered or said, out of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub at: Timestamp,
    pub step: StepId,
    /// The effect it is about.
    pub key: Option<IdempotencyKey>,
    pub kind: ToldKind,
    /// What it is about: a tool.
    pub what: Option<String>,
    /// What was answered, or the reason that was given.
    pub words: Option<String>,
    /// The person who did it.
    pub by: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldKind {
    Asked,
    Failed,
    Sent,
    SentAgain,
    Confirmed,
    Refused,
    NotDone,
    Unknown,
    Probed,
    ProbeFound,
    ProbeFoundNothing,
    ProbeSettlesNothing,
    SaidHappened,
    SaidNotHappened,
    SaidAskAgain,
    Parked,
    Redriven,
    Discarded,
}
