//! The list of dead letters and the one beside it.
//!
//! Open ones come first, the one parked first first; below them those that were closed, the newest
//! first. The cursor is a letter, never a place. While one is under review (a dialog is open, or
//! its details have the keys) no row enters, leaves or moves, and what came meanwhile is counted.
//! A letter that closes under the cursor keeps its place until the cursor leaves it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::console::message::LetterRead;
use crate::console::model::filter::{Filter, Filtered};
use crate::console::model::{CursorList, Sheet};
use crate::console::request::Ticket;
use crate::domain::{DeadLetterId, DeadLetterStatus, RunId, Timestamp};
use crate::runtime::RedrivePreview;
use crate::views::DeadLetterRow;

/// Letters of an id that tell dead letters apart: its last ones are random.
const ID_LETTERS: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct DeadLetters {
    rows: BTreeMap<DeadLetterId, DeadLetterRow>,
    pub list: CursorList<DeadLetterId>,
    /// Rows that came while nothing could enter.
    arrived: BTreeSet<DeadLetterId>,
    /// The list is not what it would be if it were made now.
    outdated: bool,
    /// Closed while the cursor was on it: it stands where it stood.
    stays: Option<DeadLetterId>,
    pub filter: Filter,
    /// The list was read at least once.
    pub loaded: bool,
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
    /// Open letters that are known.
    pub fn open(&self) -> usize {
        self.rows.values().filter(|row| is_open(row)).count()
    }

    /// Rows that wait to enter.
    pub fn arrived(&self) -> usize {
        self.arrived.len()
    }

    pub fn row(&self, letter: DeadLetterId) -> Option<&DeadLetterRow> {
        self.rows.get(&letter)
    }

    /// Every letter that is known, by its id.
    pub fn rows(&self) -> impl Iterator<Item = &DeadLetterRow> {
        self.rows.values()
    }

    pub fn selected_row(&self) -> Option<&DeadLetterRow> {
        self.rows.get(&self.list.selected?)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> impl Iterator<Item = &DeadLetterRow> {
        let ids = self.list.window(height);
        ids.filter_map(|letter| self.rows.get(&letter))
    }

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
        let mut names = self.rows.values().map(|row| &row.workflow);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// Takes news of the store. `still` says that something is under review.
    pub fn take(&mut self, news: Vec<DeadLetterRow>, whole: bool, still: bool, height: usize) {
        if whole {
            self.forget_all_but(&news, still);
        }
        self.loaded |= whole;
        let mut changed = Vec::with_capacity(news.len());
        for row in news {
            let letter = row.dead_letter;
            changed.push(letter);
            let shut = !is_open(&row);
            if shut {
                self.marked.remove(&letter);
            }
            let before = self.rows.insert(letter, row);
            let closes = shut && before.as_ref().is_some_and(is_open);
            if closes && self.list.selected == Some(letter) {
                self.stays = Some(letter);
            }
        }
        if still && !self.list.is_empty() {
            self.wait(&changed);
        } else {
            self.settle(height);
        }
    }

    /// Lets in what waited, and sorts and filters anew.
    pub fn settle(&mut self, height: usize) {
        self.arrived.clear();
        self.outdated = false;
        if self.stays != self.list.selected {
            self.stays = None;
        }
        let Self {
            rows,
            list,
            filter,
            stays,
            ..
        } = self;
        let (selected, mut sieve) = (list.selected, filter.sieve());
        let shown =
            |row: &&DeadLetterRow| selected == Some(row.dead_letter) || sieve.lets_through(*row);
        let mut order: Vec<&DeadLetterRow> = rows.values().filter(shown).collect();
        order.sort_by_key(|row| place(row, *stays == Some(row.dead_letter)));
        let order = order.into_iter().map(|row| row.dead_letter).collect();
        list.change(height, |shown| *shown = order);
    }

    /// Lists what the filter lets through, the cursor on its row if that is among them.
    pub fn refilter(&mut self, height: usize) {
        let passes = |letter: DeadLetterId| {
            let row = self.rows.get(&letter);
            row.is_some_and(|row| self.filter.sieve().lets_through(row))
        };
        if !self.list.selected.is_some_and(passes) {
            self.list.selected = None;
            self.list.top = 0;
        }
        self.settle(height);
    }

    /// After the cursor moved: what stayed only for it goes where it belongs, and what waited
    /// comes in.
    pub fn left(&mut self, height: usize) {
        let stayed = self.stays.is_some() && self.stays != self.list.selected;
        if stayed || self.outdated {
            self.settle(height);
        }
    }

    /// Marks the letter under the cursor, or takes its mark away. Only an open one is marked.
    pub fn mark(&mut self) {
        let open = self.selected_row().filter(|row| is_open(row));
        if let Some(letter) = open.map(|row| row.dead_letter)
            && !self.marked.remove(&letter)
        {
            self.marked.insert(letter);
        }
    }

    /// Marks every open letter of the list, or takes all marks away where all of them have one.
    pub fn mark_all(&mut self) {
        let open = |letter: &DeadLetterId| self.rows.get(letter).is_some_and(is_open);
        let all: BTreeSet<DeadLetterId> = self.list.iter().filter(open).collect();
        self.marked = if self.marked == all {
            BTreeSet::new()
        } else {
            all
        };
    }

    /// Counts what is new, and leaves the list alone.
    fn wait(&mut self, changed: &[DeadLetterId]) {
        self.outdated = true;
        let shown: BTreeSet<DeadLetterId> = self.list.iter().collect();
        let (rows, mut sieve) = (&self.rows, self.filter.sieve());
        let new = changed.iter().filter(|letter| {
            let row = rows.get(letter);
            !shown.contains(*letter) && row.is_some_and(|row| sieve.lets_through(row))
        });
        self.arrived.extend(new);
        self.arrived
            .retain(|letter| rows.get(letter).is_some_and(is_open));
    }

    /// What a whole list does not hold any more is gone, but what is under review.
    fn forget_all_but(&mut self, news: &[DeadLetterRow], still: bool) {
        let known: BTreeSet<DeadLetterId> = news.iter().map(|row| row.dead_letter).collect();
        let kept: BTreeSet<DeadLetterId> = if still {
            self.list.iter().collect()
        } else {
            self.list.selected.into_iter().collect()
        };
        self.rows
            .retain(|letter, _| known.contains(letter) || kept.contains(letter));
    }
}

/// Where a row stands: open ones by age, then closed ones, the newest first.
fn place(row: &DeadLetterRow, stays: bool) -> (bool, Reverse<Timestamp>, Timestamp, DeadLetterId) {
    let closed = row.closed_at.filter(|_| !stays && !is_open(row));
    let closed_at = closed.unwrap_or(Timestamp(i64::MAX));
    (
        closed.is_some(),
        Reverse(closed_at),
        row.at,
        row.dead_letter,
    )
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
