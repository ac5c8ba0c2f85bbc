//! The line in which a filter is typed; the list narrows with every key.

use crate::console::model::Field;
use crate::domain::{AlertId, DeadLetterId, PacketId, RunId};

#[derive(Clone, Debug)]
pub struct FilterBar {
    pub field: Field,
    /// For leaving with esc.
    pub before: Before,
    /// What is wrong with it.
    pub wrong: Option<String>,
}

/// How the list was before the bar opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// What it was filtered by.
    pub text: String,
    pub cursor: Cursor,
}

/// Where the cursor and the window of a list stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    Packet {
        selected: Option<PacketId>,
        top: usize,
    },
    Run {
        selected: Option<RunId>,
        top: usize,
    },
    DeadLetter {
        selected: Option<DeadLetterId>,
        top: usize,
    },
    Alert {
        selected: Option<AlertId>,
        top: usize,
    },
    /// The journal stays as it is while a filter is typed.
    Event,
}

impl FilterBar {
    pub fn new(text: &str, cursor: Cursor) -> Self {
        Self {
            field: Field::of(text),
            before: Before {
                text: text.to_owned(),
                cursor,
            },
            wrong: None,
        }
    }
}
