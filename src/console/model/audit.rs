//! The journal as a list, and the event beside it.
//!
//! The list is a window on the journal: every event from `oldest` to `newest` that the filter lets
//! through. It grows at either end by pages, and what is far from the cursor is let go, so that a
//! journal of any length can be walked through. The cursor is the number of an event, never a
//! place: what enters above it moves the window along.

pub mod filter;
pub mod search;

use crate::console::message::EventsRead;
use crate::console::model::Sheet;
use crate::console::model::cursor_list::fitted;
use crate::console::request::Ticket;
use crate::domain::Timestamp;
use crate::store::{Head, StoredEvent, VerifyReport};

pub use filter::EventsFilter;

/// Events kept; those furthest from the cursor go first.
const KEPT_MAX: usize = 5_000;

/// Where a check of the chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    UnderWay {
        done: u64,
        total: u64,
    },
    Done {
        report: VerifyReport,
        at: Timestamp,
    },
    /// The check itself could not be made.
    Failed(String),
}

/// What a page is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The newest page, the cursor on its event if that is there.
    Anew,
    /// The newest page, the cursor on the newest.
    Newest,
    /// The oldest page, the cursor on the oldest.
    Oldest,
    /// The page around this event, the cursor on it.
    Around(u64),
    /// What comes before the window.
    Older,
    /// What came after the window.
    Newer,
}

#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and no two exclude each other"
)]
pub struct Audit {
    /// Newest first.
    events: Vec<StoredEvent>,
    /// Every event of the journal from here …
    oldest: u64,
    /// … to here was looked at.
    newest: u64,
    /// There is nothing older.
    complete: bool,
    /// The window reaches the newest event, and goes on doing so.
    attached: bool,
    /// Sequence of the event under the cursor.
    pub selected: Option<u64>,
    /// Index of the row at the top of the window.
    pub top: usize,
    /// Events that entered above and were not on the screen yet.
    new: usize,
    pub filter: EventsFilter,
    pub asked: Option<(Ticket, Reading)>,
    /// Pages that may still be read for the last key.
    pub pages_left: usize,
    pub loaded: bool,
    pub follow: bool,
    pub head: Option<Head>,
    pub check: Option<Check>,
    pub sheet: Sheet,
    /// The event that the sheet shows.
    pub laid: Option<u64>,
    pub trouble: Option<String>,
}

impl Audit {
    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The oldest event that was looked at, whether the filter let it through or not.
    pub fn oldest(&self) -> u64 {
        self.oldest
    }

    /// The newest event that was looked at.
    pub fn newest(&self) -> u64 {
        self.newest
    }

    pub fn is_complete(&self) -> bool {
        self.complete
    }

    pub fn is_attached(&self) -> bool {
        self.attached
    }

    /// Events above the window that were not on the screen yet.
    pub fn new_above(&self) -> usize {
        self.new.min(self.top)
    }

    /// Events recorded since the window was read.
    pub fn behind(&self) -> u64 {
        self.head
            .map_or(0, |head| head.size.saturating_sub(self.newest))
    }

    /// Index of the row under the cursor.
    pub fn index(&self) -> Option<usize> {
        let selected = self.selected?;
        let at = self.events.partition_point(|event| event.seq > selected);
        let found = self.events.get(at)?;
        (found.seq == selected).then_some(at)
    }

    pub fn current(&self) -> Option<&StoredEvent> {
        self.events.get(self.index()?)
    }

    /// The rows of the window.
    pub fn window(&self, height: usize) -> &[StoredEvent] {
        let end = self.top.saturating_add(height).min(self.events.len());
        self.events.get(self.top..end).unwrap_or_default()
    }

    /// Forgets the list, for a new filter.
    pub fn clear(&mut self) {
        self.events.clear();
        (self.oldest, self.newest) = (0, 0);
        (self.complete, self.attached, self.loaded) = (false, false, false);
        (self.top, self.new) = (0, 0);
    }

    /// Leaves the newest events aside until somebody goes there.
    pub fn detach(&mut self) {
        self.attached = false;
    }

    /// Takes a page that was read for `reading`.
    pub fn take(&mut self, read: EventsRead, reading: Reading, height: usize) {
        let follows = self.follow && self.cursor_on_newest();
        self.head = Some(read.head);
        self.loaded = true;
        match reading {
            Reading::Older => {
                self.oldest = read.oldest;
                self.complete = read.end;
                self.events.extend(read.events);
            }
            Reading::Newer => self.put_above(read),
            Reading::Anew | Reading::Newest | Reading::Oldest | Reading::Around(_) => {
                self.replace(read, reading);
            }
        }
        if follows || reading == Reading::Newest {
            self.go_to(0, height);
        }
        if self.index().is_none() {
            self.nearest(height);
        }
        self.trim();
        self.fit(height);
    }

    fn put_above(&mut self, mut read: EventsRead) {
        self.newest = read.newest;
        self.attached |= read.end;
        let more = read.events.len();
        if self.attached {
            self.new = self.new.saturating_add(more);
        }
        if !self.events.is_empty() {
            self.top = self.top.saturating_add(more);
        }
        read.events.append(&mut self.events);
        self.events = read.events;
    }

    fn replace(&mut self, read: EventsRead, reading: Reading) {
        (self.oldest, self.newest) = (read.oldest, read.newest);
        self.events = read.events;
        (self.top, self.new) = (0, 0);
        let newest = read.newest >= read.head.size;
        (self.attached, self.complete) = match reading {
            Reading::Oldest => (newest, true),
            Reading::Around(_) => (newest, read.end),
            _ => (true, read.end),
        };
        match reading {
            Reading::Oldest => self.selected = self.events.last().map(|event| event.seq),
            Reading::Around(seq) => self.selected = Some(seq),
            _ => {}
        }
    }

    /// The event under the cursor, or the newest one older than where it stood.
    fn nearest(&mut self, height: usize) {
        let at = match self.selected {
            Some(seq) if seq <= self.newest && seq >= self.oldest => {
                self.events.partition_point(|event| event.seq > seq)
            }
            Some(seq) if seq < self.oldest && self.complete => usize::MAX,
            _ => 0,
        };
        self.go_to(at, height);
    }

    fn cursor_on_newest(&self) -> bool {
        self.attached && self.index().is_none_or(|at| at == 0)
    }

    /// Lets go what is furthest from the cursor.
    fn trim(&mut self) {
        let over = self.events.len().saturating_sub(KEPT_MAX);
        if over == 0 {
            return;
        }
        if self.index().unwrap_or(0) < self.events.len() / 2 {
            self.events.truncate(KEPT_MAX);
            self.complete = false;
            self.oldest = self.events.last().map_or(self.oldest, |event| event.seq);
        } else {
            self.events.drain(..over);
            self.attached = false;
            self.new = 0;
            self.top = self.top.saturating_sub(over);
            self.newest = self.events.first().map_or(self.newest, |event| event.seq);
        }
    }

    /// Moves the window no further than the list goes, with the cursor in it.
    pub fn fit(&mut self, height: usize) {
        let at = self.index().unwrap_or(0);
        self.top = fitted(self.top, at, self.events.len(), height);
        self.new = self.new_above();
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, by: isize, height: usize) {
        let at = self.index().unwrap_or(0);
        self.go_to(at.saturating_add_signed(by), height);
    }

    /// Moves the cursor to an index, or to the last row.
    pub fn go_to(&mut self, index: usize, height: usize) {
        let last = self.events.len().saturating_sub(1);
        if let Some(event) = self.events.get(index.min(last)) {
            self.selected = Some(event.seq);
        }
        self.fit(height);
    }
}
