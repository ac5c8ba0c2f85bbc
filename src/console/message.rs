//! What the console is told: keys, the time, and answers to what it asked for.

mod alerts;
mod dead_letters;
mod packet;

use std::sync::Arc;

use crate::console::key::Key;
use crate::console::request::Ticket;
use crate::domain::{DeadLetterId, Digest, PacketId, RunId, RunStatus, Timestamp};
use crate::engine::RunError;
use crate::runtime::{
    Amended, BudgetAnswered, EffectMoved, LetterMoved, RedrivePreview, RunDetail, RunMoved,
    TerminatePreview, VerdictTaken,
};
use crate::store::{Head, StoredEvent, StoredNotification, VerifyReport};
use crate::views::{AlertRow, EffectRow, QueueRow, RunRow};
use crate::workflow::{Definition, GraphLine};

pub use alerts::AlertsNews;
pub use dead_letters::{LetterRead, LettersNews, Told, ToldKind};
pub use packet::{Beside, PacketRead};

/// One thing that happened. Times come in with it: nothing here reads a clock.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key; `at_ms` counts from the console's start and is when it came, which may be before what
    /// was told last. Among keys it never goes back.
    Key {
        key: Key,
        at_ms: u64,
    },
    /// Text pasted, or typed faster than anybody types.
    Pasted {
        text: String,
        at_ms: u64,
    },
    Resized {
        columns: u16,
        rows: u16,
    },
    /// The wall clock.
    Time {
        now: Timestamp,
        at_ms: u64,
    },
    /// What the model says was drawn, and is on the screen since then.
    Drawn {
        at_ms: u64,
    },
    /// The store as it stood at `head`, or a part of it that changed.
    Queue(QueueNews),
    /// Packets that are open in the store, however many of them were read.
    Open(u64),
    Runs(RunsNews),
    /// The list of runs that was asked for could not be read.
    RunsUnread {
        of: Option<RunStatus>,
        why: Refusal,
    },
    /// The packet asked for last; none where there is no such packet.
    Packet {
        packet: PacketId,
        found: Result<Box<PacketRead>, Refusal>,
    },
    /// The definition asked for, by its digest.
    Definition {
        digest: Digest,
        found: Result<Arc<Definition>, Refusal>,
    },
    Run {
        run: RunId,
        found: Result<Box<RunRead>, Refusal>,
    },
    /// Effects whose outcome nobody knows, whenever that may have changed.
    Doubts(DoubtsNews),
    DeadLetters(LettersNews),
    DeadLetter {
        letter: DeadLetterId,
        found: Result<Box<LetterRead>, Refusal>,
    },
    /// What a redrive would do.
    Previewed {
        ticket: Ticket,
        outcome: Result<Box<RedrivePreview>, Refusal>,
    },
    /// The answer to redriving or discarding.
    LetterMoved {
        ticket: Ticket,
        outcome: Result<LetterMoved, Refusal>,
    },
    Alerts(AlertsNews),
    /// The answer to acknowledging an alert.
    Acknowledged {
        ticket: Ticket,
        outcome: Result<Box<AlertRow>, Refusal>,
    },
    /// What nobody was told yet, oldest first.
    Notifications(Vec<StoredNotification>),
    /// Which of those that were asked for this console was the first to take.
    NotificationsTaken(Result<Vec<u64>, Refusal>),
    Events(EventsPage),
    /// The journal's newest event, whenever anything was written.
    Head(Head),
    /// The answer to a verdict.
    Decided {
        ticket: Ticket,
        outcome: Result<VerdictTaken, Refusal>,
    },
    /// What became of the run that a verdict or a redrive let go on.
    Settled {
        run: RunId,
        status: RunStatus,
        error: Option<RunError>,
        /// What it did to the world.
        effects: Vec<EffectRow>,
    },
    /// The answer to what was said of a packet that asks for more budget.
    Resolved {
        ticket: Ticket,
        outcome: Result<BudgetAnswered, Refusal>,
    },
    /// The answer to what was said of an effect of unknown outcome.
    EffectMoved {
        ticket: Ticket,
        outcome: Result<EffectMoved, Refusal>,
    },
    Amended {
        ticket: Ticket,
        outcome: Result<Amended, Refusal>,
    },
    /// The answer to pausing, resuming or overriding.
    Moved {
        ticket: Ticket,
        outcome: Result<RunMoved, Refusal>,
    },
    Verifying {
        done: u64,
        total: u64,
    },
    Verified(Result<VerifyReport, Refusal>),
    /// What the editor gave back; none where it was left without saving.
    Edited(Result<Option<String>, Refusal>),
    /// How the console stands to the store.
    Link(Link),
    /// SIGTERM or hang-up: everything ends in order.
    Ending,
}

/// Why something was not done, in words for the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word, such as `stale_digest`.
    pub code: String,
    pub message: String,
}

/// The code of a refusal to do what was decided over something that is no longer so.
pub const CHANGED: &str = "changed";

/// Rows of the queue.
#[derive(Clone, Debug)]
pub struct QueueNews {
    /// These are all there are; otherwise only those that changed.
    pub whole: bool,
    pub rows: Vec<QueueRow>,
}

/// Rows of the run list.
#[derive(Clone, Debug)]
pub struct RunsNews {
    /// These are the newest of all, or of those with the status asked for.
    pub whole: bool,
    /// The status that was asked for.
    pub of: Option<RunStatus>,
    pub rows: Vec<RunRow>,
    /// Runs by status word.
    pub counts: Vec<(String, u64)>,
}

/// Effects whose outcome nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoubtsNews {
    pub effects: usize,
    /// There are more than were looked at.
    pub more: bool,
    /// Their runs, and since when nobody knows.
    pub since: Vec<(RunId, Timestamp)>,
}

/// Everything about one run that its details show.
#[derive(Clone, Debug)]
pub struct RunRead {
    pub detail: RunDetail,
    pub effects: Vec<EffectRow>,
    /// The workflow that the run is pinned to, as a tree of steps.
    pub graph: Result<Vec<GraphLine>, Refusal>,
    /// What people did to it, oldest first.
    pub people: Vec<Deed>,
    /// What was sent, asked and found for its effects, oldest first.
    pub tries: Vec<Told>,
    /// What terminating it would do, with the fate of every effect.
    pub terminate: Result<TerminatePreview, Refusal>,
    /// Its newest events, which are more than are read at a time: so many steps and deeds may be
    /// missing.
    pub unread: u64,
}

/// What a person did to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub by: String,
    pub at: Timestamp,
    pub done: String,
    pub reason: Option<String>,
}

/// The answer to reading a stretch of the journal.
#[derive(Clone, Debug)]
pub struct EventsPage {
    pub ticket: Ticket,
    pub found: Result<EventsRead, Refusal>,
}

/// A stretch of the journal, looked through from `oldest` to `newest`.
#[derive(Clone, Debug)]
pub struct EventsRead {
    /// What the filter let through, newest first.
    pub events: Vec<StoredEvent>,
    pub oldest: u64,
    pub newest: u64,
    /// Nothing is left in the direction of reading.
    pub end: bool,
    pub head: Head,
}

/// How the console stands to the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Opening,
    /// This process executes.
    Executes,
    /// Another process executes, if any; this one decides and looks.
    Attached,
    /// The store could not be read.
    Trouble(String),
}
