//! The list of packets: live, and still under the reviewer's cursor.
//!
//! The cursor is a packet, never a place. While something is under review (a dialog is open, the
//! packet has the keys, or the cursor rests on a critical one) no row enters, leaves or moves:
//! what came meanwhile is counted, what was decided elsewhere says so. A row under the cursor never
//! leaves before the cursor does, and what enters above it moves the window, not the cursor.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::console::model::cursor_list::CursorList;
use crate::console::model::filter::{Filter, Filtered};
use crate::domain::{PacketId, PacketStatus, Tier};
use crate::views::QueueRow;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Due,
    Risk,
    Amount,
    Age,
}

impl Sort {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Due => Self::Risk,
            Self::Risk => Self::Amount,
            Self::Amount => Self::Age,
            Self::Age => Self::Due,
        }
    }

    /// Its name, with the direction.
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due ↑",
            Self::Risk => "risk ↓",
            Self::Amount => "amount ↓",
            Self::Age => "oldest ↑",
        }
    }

    fn compare(self, a: &QueueRow, b: &QueueRow) -> Ordering {
        let amount = |row: &QueueRow| row.amount.map(|amount| amount.minor);
        let by = match self {
            Self::Due => a.due_at.cmp(&b.due_at),
            Self::Risk => b
                .tier
                .cmp(&a.tier)
                .then_with(|| b.severity.cmp(&a.severity)),
            Self::Amount => amount(b).cmp(&amount(a)),
            Self::Age => a.opened_at.cmp(&b.opened_at),
        };
        by.then_with(|| a.packet.cmp(&b.packet))
    }
}

#[derive(Clone, Debug, Default)]
pub struct Queue {
    rows: BTreeMap<PacketId, QueueRow>,
    /// The list as it is drawn.
    pub list: CursorList<PacketId>,
    /// Rows that came while nothing could enter.
    arrived: BTreeSet<PacketId>,
    /// The list is not what it would be if it were made now.
    outdated: bool,
    pub sort: Sort,
    pub filter: Filter,
    /// The whole list was read at least once.
    pub loaded: bool,
    /// Packets that are open in the store, as it was told last.
    pub stored: usize,
}

impl Queue {
    /// Open packets.
    pub fn open(&self) -> usize {
        self.known().max(self.stored)
    }

    /// Open packets that were read: there may be more than a list takes.
    pub fn known(&self) -> usize {
        self.rows.values().filter(|row| is_open(row)).count()
    }

    /// Rows that wait to enter.
    pub fn arrived(&self) -> usize {
        self.arrived.len()
    }

    pub fn row(&self, packet: PacketId) -> Option<&QueueRow> {
        self.rows.get(&packet)
    }

    /// Every row that is known, by its id.
    pub fn rows(&self) -> impl Iterator<Item = &QueueRow> {
        self.rows.values()
    }

    pub fn selected_row(&self) -> Option<&QueueRow> {
        self.rows.get(&self.list.selected?)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> impl Iterator<Item = &QueueRow> {
        let ids = self.list.window(height);
        ids.filter_map(|packet| self.rows.get(&packet))
    }

    /// Takes news of the store. `still` says that something is under review.
    pub fn take(&mut self, news: Vec<QueueRow>, whole: bool, still: bool, height: usize) {
        if whole {
            let known: BTreeSet<PacketId> = news.iter().map(|row| row.packet).collect();
            let selected = self.list.selected;
            // What is under review stays in sight until the cursor leaves it.
            let kept: BTreeSet<PacketId> = if still {
                self.list.iter().collect()
            } else {
                BTreeSet::new()
            };
            self.rows.retain(|packet, _| {
                known.contains(packet) || kept.contains(packet) || selected == Some(*packet)
            });
            self.loaded = true;
        }
        let mut changed = Vec::with_capacity(news.len());
        for row in news {
            changed.push(row.packet);
            self.rows.insert(row.packet, row);
        }
        if still && !self.list.is_empty() {
            self.wait(&changed);
        } else if changed.len() > FEW || whole {
            self.settle(height);
        } else {
            self.place(&changed, height);
        }
    }

    /// Lets in what waited, lets go what was decided, and sorts anew.
    pub fn settle(&mut self, height: usize) {
        self.arrived.clear();
        let selected = self.list.selected;
        self.rows
            .retain(|packet, row| is_open(row) || selected == Some(*packet));
        let mut sieve = self.filter.sieve();
        let mut order: Vec<&QueueRow> = self
            .rows
            .values()
            .filter(|row| selected == Some(row.packet) || sieve.lets_through(*row))
            .collect();
        order.sort_by(|a, b| self.sort.compare(a, b));
        let order = order.into_iter().map(|row| row.packet).collect();
        self.list.change(height, |shown| *shown = order);
        self.outdated = self.selected_row().is_some_and(|row| !is_open(row));
    }

    /// Lists what the filter lets through, the cursor on its row if that is among them.
    pub fn refilter(&mut self, height: usize) {
        let selected = self.list.selected;
        if !selected.is_some_and(|packet| self.passes(packet)) {
            self.list.selected = None;
            self.list.top = 0;
        }
        self.settle(height);
    }

    /// Settles only where something waits for it.
    pub fn catch_up(&mut self, height: usize) {
        if self.outdated {
            self.settle(height);
        }
    }

    /// Counts what is new, and leaves the list alone.
    fn wait(&mut self, changed: &[PacketId]) {
        self.outdated = true;
        let shown: BTreeSet<PacketId> = self.list.iter().collect();
        let (rows, mut sieve) = (&self.rows, self.filter.sieve());
        let new = changed.iter().filter(|packet| {
            let row = rows.get(packet);
            !shown.contains(*packet) && row.is_some_and(|row| sieve.lets_through(row))
        });
        self.arrived.extend(new);
        self.arrived
            .retain(|packet| rows.get(packet).is_some_and(is_open));
    }

    /// Puts a few changed rows where they belong.
    fn place(&mut self, changed: &[PacketId], height: usize) {
        let selected = self.list.selected;
        let mut sieve = self.filter.sieve();
        let (stay, go): (Vec<PacketId>, Vec<PacketId>) = changed.iter().partition(|packet| {
            let row = self.rows.get(packet);
            row.is_some_and(|row| is_open(row) && sieve.lets_through(row))
                || selected == Some(**packet)
        });
        let (rows, sort) = (&self.rows, self.sort);
        self.list.change(height, |shown| {
            // All of them first: places are searched in what is still in order.
            shown.retain(|packet| !changed.contains(packet));
            for packet in stay {
                let Some(row) = rows.get(&packet) else {
                    continue;
                };
                let before = |other: &PacketId| {
                    let other = rows.get(other);
                    other.is_some_and(|other| sort.compare(other, row).is_lt())
                };
                let at = shown.partition_point(before);
                shown.insert(at, packet);
            }
        });
        for packet in go {
            // What only the filter keeps out is still there without it.
            if !self.rows.get(&packet).is_some_and(is_open) {
                self.rows.remove(&packet);
            }
        }
        // A closed one goes with the cursor.
        self.outdated |= self.selected_row().is_some_and(|row| !is_open(row));
    }

    fn passes(&self, packet: PacketId) -> bool {
        let row = self.rows.get(&packet);
        row.is_some_and(|row| self.filter.sieve().lets_through(row))
    }
}

/// More changed rows than these are sorted in anew.
const FEW: usize = 64;

fn is_open(row: &QueueRow) -> bool {
    row.status == PacketStatus::Open
}

/// What the queue can be filtered by.
pub const FIELDS: &[&str] = &[
    "tier", "risk", "flag", "workflow", "tool", "step", "run", "packet", "title",
];

/// `HIGH`, `MED`, `LOW`, as the list calls the tiers.
pub fn risk_word(tier: Tier) -> &'static str {
    match tier {
        Tier::Critical => "HIGH",
        Tier::Elevated => "MED",
        Tier::Routine => "LOW",
    }
}

impl Filtered for QueueRow {
    fn words(&self) -> String {
        let tool = self.action.as_ref().map_or("", |tool| tool.as_str());
        let flags = self.flags.join(" ");
        let (workflow, risk) = (self.workflow.as_str(), risk_word(self.tier));
        format!("{} {tool} {workflow} {risk} {flags}", self.title)
    }

    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "tier" => vec![self.tier.to_string()],
            "risk" => vec![risk_word(self.tier).to_lowercase()],
            "flag" => self.flags.iter().map(|flag| flag.to_lowercase()).collect(),
            "workflow" => vec![self.workflow.to_string().to_lowercase()],
            "tool" => self
                .action
                .iter()
                .map(|tool| tool.to_string().to_lowercase())
                .collect(),
            "step" => vec![self.step.to_string().to_lowercase()],
            "run" => vec![self.run.to_string()],
            "packet" => vec![self.packet.to_string()],
            "title" => vec![self.title.to_lowercase()],
            _ => Vec::new(),
        }
    }
}
