//! The list of runs and the one beside it.
//!
//! The store may hold many more runs than are read: the list knows the newest of them, those of
//! the status that its filter names, and those that changed since. Before the list was seen the
//! cursor is on the first row; from then on it stays on its run.

mod control;
mod doubts;
mod order;

use std::collections::{BTreeMap, BTreeSet};

use crate::console::message::{RunRead, RunsNews};
use crate::console::model::filter::{Filter, Filtered};
use crate::console::model::{CursorList, Sheet};
use crate::domain::{RunId, RunStatus};
use crate::views::RunRow;

pub use control::{Control, terminate_refused};
pub use doubts::{Doubts, in_doubt_since};
pub use order::{RunSort, urgency};

/// Rows that are kept; beyond them the oldest go.
const ROWS_MAX: usize = 20_000;
/// More changed rows than these are sorted in anew.
const FEW: usize = 64;
/// Letters of an id that tell runs apart: its last ones are random.
const ID_LETTERS: usize = 12;

#[derive(Clone, Debug, Default)]
pub struct Runs {
    rows: BTreeMap<RunId, RunRow>,
    pub list: CursorList<RunId>,
    pub sort: RunSort,
    pub filter: Filter,
    /// Runs by status word.
    pub counts: Vec<(String, u64)>,
    /// The list was read at least once.
    pub loaded: bool,
    /// The status of which all were asked for.
    pub asked: Option<RunStatus>,
    /// The list was seen: the cursor stays on its run.
    pub held: bool,
    /// Why the list that was asked for last could not be read.
    pub unread: Option<String>,
    /// The newest run that was in sight at the top of the list.
    newest_seen: Option<RunId>,
    /// The run that the cursor goes to once it was read: older than those of the list.
    pub sought: Option<RunId>,
    /// A row is in the list only because the cursor is on it.
    lingers: bool,
    /// Effects of unknown outcome, once they were read.
    pub doubts: Option<Doubts>,
    /// Runs that undo what they did, because somebody here said so.
    pub undoing: BTreeSet<RunId>,
    /// The run under the cursor, which was asked for.
    pub wanted: Option<RunId>,
    /// The run that was read last.
    pub read: Option<Box<RunRead>>,
    pub sheet: Sheet,
    /// Why the wanted run is not here.
    pub trouble: Option<String>,
}

impl Runs {
    pub fn row(&self, run: RunId) -> Option<&RunRow> {
        self.rows.get(&run)
    }

    /// Every run that is known, by its id.
    pub fn rows(&self) -> impl Iterator<Item = &RunRow> {
        self.rows.values()
    }

    pub fn selected_row(&self) -> Option<&RunRow> {
        self.rows.get(&self.list.selected?)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> impl Iterator<Item = &RunRow> {
        let ids = self.list.window(height);
        ids.filter_map(|run| self.rows.get(&run))
    }

    /// The run under the cursor, once it was read.
    pub fn current(&self) -> Option<&RunRead> {
        let read = self.read.as_deref()?;
        (Some(read.detail.row.run) == self.wanted).then_some(read)
    }

    /// Whether the runs that are known belong to more than one workflow.
    pub fn several_workflows(&self) -> bool {
        let mut names = self.rows.values().map(|row| &row.workflow);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }

    /// Runs that the store holds of those that the list is about, and how many of them are known.
    pub fn held_and_known(&self) -> (u64, u64) {
        let of = |word: &str| self.asked.is_none_or(|status| status.as_str() == word);
        let held = self.counts.iter().filter(|(word, _)| of(word));
        let held = held.map(|(_, count)| *count).sum();
        let known = self.rows.values().filter(|row| of(row.status.as_str()));
        (held, u64::try_from(known.count()).unwrap_or(u64::MAX))
    }

    /// Rows that entered above the window since its top was in sight.
    pub fn arrived(&self) -> usize {
        let (Some(seen), RunSort::Newest) = (self.newest_seen, self.sort) else {
            return 0;
        };
        self.list.iter().take_while(|run| *run > seen).count()
    }

    /// Takes news of the store.
    pub fn take(&mut self, news: RunsNews, height: usize) {
        self.counts = news.counts;
        if news.whole && news.of.is_some() && news.of != self.asked {
            // An answer to a filter that is gone.
            return;
        }
        if news.whole {
            self.forget_all_but(&news.rows, news.of);
            self.loaded = true;
        }
        let changed: Vec<RunId> = news.rows.iter().map(|row| row.run).collect();
        self.rows
            .extend(news.rows.into_iter().map(|row| (row.run, row)));
        if self.forget_oldest() || news.whole || changed.len() > FEW {
            self.settle(height);
        } else {
            self.place(&changed, height);
        }
    }

    /// Lists what the filter lets through, the cursor on its row if that is among them.
    pub fn refilter(&mut self, height: usize) {
        if !self.list.selected.is_some_and(|run| self.passes(run)) {
            self.list.selected = None;
            self.list.top = 0;
        }
        self.settle(height);
    }

    /// Sorts and filters anew.
    pub fn settle(&mut self, height: usize) {
        let Self {
            rows, list, filter, ..
        } = self;
        let selected = list.selected;
        let mut sieve = filter.sieve();
        let mut lingers = false;
        let mut order: Vec<&RunRow> = rows
            .values()
            .filter(|row| {
                let passes = sieve.lets_through(*row);
                lingers |= !passes && selected == Some(row.run);
                passes || selected == Some(row.run)
            })
            .collect();
        order.sort_by(|a, b| self.sort.compare(a, b));
        let order: Vec<RunId> = order.into_iter().map(|row| row.run).collect();
        list.change(height, |shown| *shown = order);
        self.lingers = lingers;
        self.follow_top(height);
    }

    /// After the cursor moved: what stayed only for it goes.
    pub fn left(&mut self, height: usize) {
        self.held = true;
        self.sought = None;
        if self.lingers {
            self.settle(height);
        }
        self.see_top();
    }

    /// Puts the cursor on a run, whatever the filter says of it.
    pub fn select(&mut self, run: RunId, height: usize) {
        self.held = true;
        if !self.rows.contains_key(&run) {
            self.sought = Some(run);
            return;
        }
        if !self.passes(run) {
            self.filter = Filter::default();
        }
        self.list.selected = Some(run);
        self.settle(height);
    }

    /// A run was read by itself: where the cursor was to go to it, it does.
    pub fn found(&mut self, row: &RunRow, height: usize) {
        if self.sought == Some(row.run) {
            self.sought = None;
            self.rows.entry(row.run).or_insert_with(|| row.clone());
            self.select(row.run, height);
            self.wanted = Some(row.run);
        }
    }

    /// Puts a few changed rows where they belong.
    fn place(&mut self, changed: &[RunId], height: usize) {
        let news: BTreeSet<&RunId> = changed.iter().collect();
        let Self {
            rows, list, filter, ..
        } = self;
        let selected = list.selected;
        let mut sieve = filter.sieve();
        let mut lingers = self.lingers && selected.is_none_or(|run| !news.contains(&run));
        let sort = self.sort;
        list.change(height, |shown| {
            shown.retain(|run| !news.contains(run));
            for row in news.iter().filter_map(|run| rows.get(run)) {
                let passes = sieve.lets_through(row);
                if !passes && selected != Some(row.run) {
                    continue;
                }
                lingers |= !passes;
                let before = |other: &RunId| {
                    let other = rows.get(other);
                    other.is_some_and(|other| sort.compare(other, row).is_lt())
                };
                let at = shown.partition_point(before);
                shown.insert(at, row.run);
            }
        });
        self.lingers = lingers;
        self.follow_top(height);
    }

    /// Before anybody saw the list the cursor is on the first row.
    fn follow_top(&mut self, height: usize) {
        if !self.held {
            self.list.go_to(0, height);
        }
        self.see_top();
    }

    fn see_top(&mut self) {
        if self.list.top == 0 {
            self.newest_seen = self.list.first();
        }
    }

    /// What a whole list of the status `of` does not hold any more is gone from it.
    fn forget_all_but(&mut self, news: &[RunRow], of: Option<RunStatus>) {
        if of != self.asked {
            // The newest of all, while all of one status are wanted: they come besides.
            return;
        }
        let known: BTreeSet<RunId> = news.iter().map(|row| row.run).collect();
        let selected = self.list.selected;
        self.rows.retain(|run, row| {
            known.contains(run) || selected == Some(*run) || of.is_some_and(|of| of != row.status)
        });
    }

    /// Tells whether any row went.
    fn forget_oldest(&mut self) -> bool {
        let selected = self.list.selected;
        let more = self.rows.len().saturating_sub(ROWS_MAX);
        let oldest = self.rows.keys().filter(|run| selected != Some(**run));
        let oldest: Vec<RunId> = oldest.take(more).copied().collect();
        for run in &oldest {
            self.rows.remove(run);
        }
        !oldest.is_empty()
    }

    fn passes(&self, run: RunId) -> bool {
        let row = self.rows.get(&run);
        row.is_some_and(|row| self.filter.sieve().lets_through(row))
    }
}

/// What a run is called: its key, or the end of its id.
pub fn name(row: &RunRow) -> String {
    row.key.clone().unwrap_or_else(|| short(row.run))
}

/// The end of a run's id.
pub fn short(run: RunId) -> String {
    let id = run.to_string();
    let start = id.len().saturating_sub(ID_LETTERS);
    format!("…{}", id.get(start..).unwrap_or(&id))
}

/// What the runs can be filtered by.
pub const FIELDS: &[&str] = &["status", "workflow", "step", "key", "run"];

impl Filtered for RunRow {
    fn words(&self) -> String {
        let key = self.key.as_deref().unwrap_or_default();
        let step = self.step.as_ref().map_or("", |step| step.as_str());
        format!("{key} {} {} {step}", self.workflow, self.status)
    }

    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "status" => vec![self.status.to_string()],
            "workflow" => vec![self.workflow.to_string().to_lowercase()],
            "step" => self
                .step
                .iter()
                .map(|step| step.to_string().to_lowercase())
                .collect(),
            "key" => self.key.iter().map(|key| key.to_lowercase()).collect(),
            "run" => vec![self.run.to_string()],
            _ => Vec::new(),
        }
    }
}

/// The status that a filter asks for, so that the store can narrow the list itself.
pub fn status_wanted(filter: &Filter) -> Option<RunStatus> {
    let mut words = filter.text().split_whitespace();
    words.find_map(|word| {
        let (field, status) = word.split_once(':')?;
        (field.eq_ignore_ascii_case("status"))
            .then(|| status.to_lowercase().parse().ok())
            .flatten()
    })
}
