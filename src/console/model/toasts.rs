//! What a person is told without having asked: each once, in a line that takes no key.
//!
//! | a notification | where it is |
//! |---|---|
//! | waits | in the store, shown to nobody: whichever console has room takes it |
//! | is asked for | this console wants to show it, another one may be faster |
//! | is told | taken in the store, for every console and after a restart; it stands in the line |
//!
//! What stands in the line goes once it was on the screen for a while and a key came: who is away
//! finds it there. A few are told one after the other, many at once are counted. The bell rings
//! once for all that came together.

use crate::domain::Timestamp;
use crate::store::StoredNotification;
use crate::views::Notification;

/// A toast is on the screen for at least so long, in milliseconds.
const TOAST_MS: u64 = 5_000;
/// More of them than these are counted in one toast.
const EACH_MAX: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct Toasts {
    /// Oldest first.
    waiting: Vec<StoredNotification>,
    asked: Vec<StoredNotification>,
    /// They could not be taken: nothing is asked until there is news.
    refused: bool,
    toast: Option<Toast>,
    /// The newest that the bell rang for.
    rung: u64,
}

/// What stands in the line.
#[derive(Clone, Debug)]
pub struct Toast {
    /// At least one, oldest first.
    pub told: Vec<Notification>,
    /// On the screen since, in the console's own time; none before it was drawn.
    since_ms: Option<u64>,
    /// A key came since.
    noticed: bool,
}

impl Toasts {
    pub fn toast(&self) -> Option<&Toast> {
        self.toast.as_ref()
    }

    /// How many wait for the line.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What nobody was told yet. True where the bell is to ring: more came while the line is taken.
    pub fn news(&mut self, unshown: Vec<StoredNotification>) -> bool {
        self.waiting = unshown;
        // The store was read before they were taken.
        let asked = &self.asked;
        self.waiting
            .retain(|one| !asked.iter().any(|asked| asked.id == one.id));
        self.refused = false;
        self.toast.is_some() && self.rings()
    }

    /// The ids of those that are to be told next, once the line is free.
    pub fn wanted(&mut self) -> Option<Vec<u64>> {
        let busy = self.toast.is_some() || !self.asked.is_empty() || self.refused;
        if busy || self.waiting.is_empty() {
            return None;
        }
        let many = self.waiting.len() > EACH_MAX;
        let count = if many { self.waiting.len() } else { 1 };
        self.asked = self.waiting.drain(..count).collect();
        Some(self.asked.iter().map(|one| one.id).collect())
    }

    /// This console was the first to take these of those it asked for. True where the bell is to
    /// ring.
    pub fn taken(&mut self, ids: &[u64]) -> bool {
        let asked = std::mem::take(&mut self.asked);
        let told: Vec<StoredNotification> = asked
            .into_iter()
            .filter(|one| ids.contains(&one.id))
            .collect();
        let Some(newest) = told.iter().map(|one| one.id).max() else {
            return false;
        };
        let rings = newest > self.rung;
        self.rung = self.rung.max(newest);
        // What came together with it rings with it.
        self.rings();
        self.toast = Some(Toast {
            told: told.into_iter().map(|one| one.notification).collect(),
            since_ms: None,
            noticed: false,
        });
        rings
    }

    /// They could not be taken: nobody is told, and they wait where they were.
    pub fn refused(&mut self) {
        let later = std::mem::take(&mut self.waiting);
        self.waiting = std::mem::take(&mut self.asked);
        self.waiting.extend(later);
        self.refused = true;
    }

    /// The line was on the screen.
    pub fn drawn(&mut self, at_ms: u64) {
        if let Some(toast) = &mut self.toast {
            toast.since_ms.get_or_insert(at_ms);
        }
    }

    /// A key came, for something else.
    pub fn key(&mut self) {
        if let Some(toast) = &mut self.toast {
            toast.noticed |= toast.since_ms.is_some();
        }
    }

    /// Frees the line of what stood in it long enough; true where it did.
    pub fn over(&mut self, at_ms: u64) -> bool {
        let over = |toast: &mut Toast| {
            let long = |since: u64| at_ms.saturating_sub(since) >= TOAST_MS;
            toast.noticed && toast.since_ms.is_some_and(long)
        };
        self.toast.take_if(over).is_some()
    }

    /// True once for what waits and is newer than all that the bell rang for.
    fn rings(&mut self) -> bool {
        let newest = self.waiting.iter().map(|one| one.id).max().unwrap_or(0);
        let rings = newest > self.rung;
        self.rung = self.rung.max(newest);
        rings
    }
}

impl Toast {
    /// When the first of them came.
    pub fn at(&self) -> Option<Timestamp> {
        self.told.iter().map(|told| told.at).min()
    }
}
