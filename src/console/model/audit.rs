//! The journal as a list, and the event beside it.

use crate::console::model::Sheet;
use crate::console::request::{EventsWanted, Ticket};
use crate::store::{Head, StoredEvent, VerifyReport};

/// Where a check of the chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    UnderWay { done: u64, total: u64 },
    Done(VerifyReport),
    Failed(String),
}

#[derive(Clone, Debug, Default)]
pub struct Audit {
    /// Newest first.
    pub events: Vec<StoredEvent>,
    /// Sequence of the event under the cursor.
    pub selected: Option<u64>,
    pub top: usize,
    pub wanted: EventsWanted,
    pub filter_text: String,
    pub asked: Option<Ticket>,
    /// There is nothing older.
    pub complete: bool,
    pub loaded: bool,
    pub follow: bool,
    pub head: Option<Head>,
    pub check: Option<Check>,
    pub sheet: Sheet,
    pub trouble: Option<String>,
}
