//! The list of dead letters and the one beside it.
//!
//! Open ones come first, the one parked first first; below them those that were closed, the newest
//! first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::console::message::LetterRead;
use crate::console::model::Sheet;
use crate::console::model::filter::Filtered;
use crate::console::model::open_first::{OpenFirst, Opened};
use crate::console::request::Ticket;
use crate::domain::{DeadLetterId, DeadLetterStatus, RunId, RunStatus, Timestamp};
use crate::runtime::RedrivePreview;
use crate::views::DeadLetterRow;

/// Letters of an id that tell dead letters apart: its last ones are random.
const ID_LETTERS: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct DeadLetters {
    pub rows: OpenFirst<DeadLetterRow>,
    /// Letters that are marked, for one verb on all of them.
    pub marked: BTreeSet<DeadLetterId>,
    /// The letter under the cursor, which was asked for.
    pub wanted: Option<DeadLetterId>,
    /// The letter that was read last.
    pub read: Option<Box<LetterRead>>,
    pub sheet: Sheet,
    /// Why the wanted letter is not here.
    pub trouble: Option<String>,
    /// What was asked about a redrive, and what was said.
    pub verified: Option<Verified>,
    /// Runs that go on because of a redrive, until what became of them is told.
    pub settling: BTreeSet<RunId>,
    /// Runs whose letters were discarded here, with the status that was told.
    pub discarded: BTreeMap<RunId, RunStatus>,
}

/// What a redrive would do, as it was asked last.
#[derive(Clone, Debug)]
pub struct Verified {
    pub letter: DeadLetterId,
    pub ticket: Ticket,
    pub at: Timestamp,
    /// None while the answer is awaited; a sentence where it was refused.
    pub said: Option<Result<Box<RedrivePreview>, String>>,
}

impl DeadLetters {
    /// The letter under the cursor, once it was read.
    pub fn current(&self) -> Option<&LetterRead> {
        let read = self.read.as_deref()?;
        (Some(read.detail.row.dead_letter) == self.wanted).then_some(read)
    }

    /// What was asked about the letter under the cursor.
    pub fn verified(&self) -> Option<&Verified> {
        let verified = self.verified.as_ref()?;
        (Some(verified.letter) == self.wanted).then_some(verified)
    }

    /// Whether the letters that are known belong to more than one workflow.
    pub fn several_workflows(&self) -> bool {
        let mut names = self.rows.iter().map(|row| &row.workflow);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// Marks the letter under the cursor, or takes its mark away. Only an open one is marked.
    pub fn mark(&mut self) {
        let open = self.rows.selected().filter(|row| is_open(row));
        if let Some(letter) = open.map(|row| row.dead_letter)
            && !self.marked.remove(&letter)
        {
            self.marked.insert(letter);
        }
    }

    /// Marks every open letter of the list, or takes all marks away where all of them have one.
    pub fn mark_all(&mut self) {
        let open = |letter: &DeadLetterId| self.rows.get(*letter).is_some_and(is_open);
        let all: BTreeSet<DeadLetterId> = self.rows.list.iter().filter(open).collect();
        self.marked = if self.marked == all {
            BTreeSet::new()
        } else {
            all
        };
    }

    /// Takes the marks of letters that were closed meanwhile away.
    pub fn unmark_closed(&mut self) {
        let shut = |letter: &DeadLetterId| self.rows.get(*letter).is_some_and(|row| !is_open(row));
        self.marked.retain(|letter| !shut(letter));
    }
}

impl Opened for DeadLetterRow {
    type Id = DeadLetterId;
    type Place = (bool, Reverse<Timestamp>, Timestamp, DeadLetterId);

    fn id(&self) -> DeadLetterId {
        self.dead_letter
    }

    fn is_open(&self) -> bool {
        is_open(self)
    }

    /// Open ones by age, then closed ones, the newest first.
    fn place(&self, stays: bool) -> Self::Place {
        let closed = self.closed_at.filter(|_| !stays && !is_open(self));
        let closed_at = closed.unwrap_or(Timestamp(i64::MAX));
        (
            closed.is_some(),
            Reverse(closed_at),
            self.at,
            self.dead_letter,
        )
    }
}

pub fn is_open(row: &DeadLetterRow) -> bool {
    row.status == DeadLetterStatus::Open
}

/// The end of a letter's id: what is typed to discard it.
pub fn last_letters(letter: DeadLetterId) -> String {
    let id = letter.to_string();
    let start = id.len().saturating_sub(ID_LETTERS);
    id.get(start..).unwrap_or(&id).to_owned()
}

/// What a letter's run is called: its key, or the end of its id.
pub fn name(row: &DeadLetterRow) -> String {
    let key = row.key.clone();
    key.unwrap_or_else(|| crate::console::model::runs::short(row.run))
}

/// What the dead letters can be filtered by.
pub const FIELDS: &[&str] = &[
    "status", "workflow", "step", "error", "stuck", "key", "run", "letter",
];

impl Filtered for DeadLetterRow {
    fn words(&self) -> String {
        let key = self.key.as_deref().unwrap_or_default();
        format!(
            "{key} {} {} {} {} {}",
            self.workflow, self.step, self.code, self.message, self.status
        )
    }

    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "status" => vec![self.status.to_string()],
            "workflow" => vec![self.workflow.to_string().to_lowercase()],
            "step" => vec![self.step.to_string().to_lowercase()],
            "error" => vec![self.code.to_lowercase()],
            "stuck" => vec![self.stuck.to_string()],
            "key" => self.key.iter().map(|key| key.to_lowercase()).collect(),
            "run" => vec![self.run.to_string()],
            "letter" => vec![self.dead_letter.to_string()],
            _ => Vec::new(),
        }
    }
}
