//! What goes into the store and what comes out of it.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::domain::limits::VALUES_MISSING_NAMED_MAX;
use crate::domain::{
    AlertKind, AlertStatus, DeadLetterStatus, Digest, EffectState, PacketStatus, RunId, RunStatus,
    Timestamp, WorkflowName,
};
use crate::engine::{Recorded, RunState};
use crate::views::{Notification, ViewRows};

/// One command's outcome, to be written as one unit.
#[derive(Clone, Debug)]
pub struct Commit {
    pub run: RunId,
    /// Run sequence the command was decided on; 0 for a new run.
    pub expected_seq: u64,
    pub events: Vec<Recorded>,
    pub after: Arc<RunState>,
    pub rows: ViewRows,
    /// The commit is refused once this token is old. Needed where the events hold an INTENT.
    pub fence: Option<Fence>,
}

/// What a durable commit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Global sequence of the command's last event.
    pub seq: u64,
}

/// The fencing token of an executor lease; a later holder's is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fence(pub u64);

/// The journal's newest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Events in the journal.
    pub size: u64,
    /// Hash of the last; all zero for an empty journal.
    pub hash: Digest,
}

/// Who executes for a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeaseInfo {
    pub token: u64,
    pub pid: Option<u32>,
    pub host: Option<String>,
    pub taken_at: Option<Timestamp>,
    pub alive: bool,
    /// The holder is alive and stopped, as by SIGSTOP: it does nothing until somebody lets it go on
    /// or ends it. Known of this machine's processes alone.
    pub stopped: bool,
}

/// One event as the journal holds it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredEvent {
    pub seq: u64,
    /// None for facts about the store itself.
    pub run: Option<RunId>,
    pub run_seq: Option<u64>,
    pub at: Timestamp,
    pub actor: String,
    pub kind: String,
    pub version: u32,
    /// The hashed body, with commitments in place of values.
    pub body: Value,
    /// The values behind the commitments; null once they are destroyed.
    pub values: Option<Value>,
    pub prev_hash: Digest,
    pub hash: Digest,
}

/// What a whole verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub ok: bool,
    /// Events read.
    pub events: u64,
    pub first_bad_seq: Option<u64>,
    /// What is wrong with it.
    pub problem: Option<String>,
    pub head: Head,
    /// Values that events commit to and that are gone. Destroying them is allowed.
    pub missing_values: MissingValues,
}

/// Events of which values are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MissingValues {
    pub events: u64,
    /// The first of them.
    pub first: Vec<u64>,
}

impl MissingValues {
    /// Takes one more event in.
    pub fn note(&mut self, seq: u64) {
        self.events += 1;
        if self.first.len() < VALUES_MISSING_NAMED_MAX {
            self.first.push(seq);
        }
    }
}

impl fmt::Display for MissingValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: Vec<String> = self.first.iter().map(ToString::to_string).collect();
        let more = if self.first.len() as u64 == self.events {
            ""
        } else {
            ", …"
        };
        let (events, of) = (self.events, first.join(", "));
        let plural = if events == 1 { "event" } else { "events" };
        write!(
            f,
            "values of {events} {plural} are gone, destroyed or deleted ({of}{more})"
        )
    }
}

#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub status: Option<RunStatus>,
    pub workflow: Option<WorkflowName>,
    pub key: Option<String>,
    /// The run started last comes first; `after` then goes back in time.
    pub newest_first: bool,
    pub after: Option<RunId>,
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct PacketFilter {
    pub status: Option<PacketStatus>,
    pub workflow: Option<WorkflowName>,
    pub flag: Option<String>,
    pub run: Option<RunId>,
    pub after: Option<crate::domain::PacketId>,
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct EffectFilter {
    pub state: Option<EffectState>,
    pub run: Option<RunId>,
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct DeadLetterFilter {
    pub status: Option<DeadLetterStatus>,
    pub workflow: Option<WorkflowName>,
    pub code: Option<String>,
    pub run: Option<RunId>,
    /// The one parked last comes first; `after` then goes back in time.
    pub newest_first: bool,
    pub after: Option<crate::domain::DeadLetterId>,
    pub limit: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    pub status: Option<AlertStatus>,
    pub kind: Option<AlertKind>,
    pub run: Option<RunId>,
    /// The one raised last comes first; `after` then goes back in time.
    pub newest_first: bool,
    pub after: Option<crate::domain::AlertId>,
    pub limit: Option<u32>,
}

/// A notification as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredNotification {
    /// From 1, in the order they came in.
    pub id: u64,
    #[serde(flatten)]
    pub notification: Notification,
}

#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    pub run: Option<RunId>,
    pub actor: Option<String>,
    pub kind: Option<String>,
    pub since: Option<Timestamp>,
    pub after_seq: Option<u64>,
    pub before_seq: Option<u64>,
    /// The newest event comes first.
    pub newest_first: bool,
    pub limit: Option<u32>,
}
