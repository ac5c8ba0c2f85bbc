//! What one run is now: everything `decide` needs, and nothing that grows with history.
//!
//! | phase | status shown | leaves by |
//! |---|---|---|
//! | `Ready` | ready, running | the next decision |
//! | `Calling` | running | an answer or a failure of a read |
//! | `Sending` | running | an answer or a failure of a write whose INTENT is durable |
//! | `Probing` | running | what the target says of an effect whose outcome is unknown |
//! | `Retrying` | running | its time |
//! | `Asking` | waiting | a verdict |
//! | `Unsettled` | waiting | a person who says whether an effect happened |
//! | `Sleeping`, `Listening` | waiting | a timer, a signal |
//! | `Parked` | dead_lettered | a person |
//! | `Ended` | succeeded, rejected, failed, terminated | never |

mod review;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use serde_json::Value;

use crate::domain::{
    Digest, Fields, Packet, PacketId, PacketStatus, PlannedEffect, Request, RunId, RunStatus,
    StepId, Timestamp, ToolName, WorkflowName, limits,
};
use crate::engine::dead_letter::DeadLetter;
use crate::engine::event::Grant;
use crate::engine::flight::{Stands, flight_of};
use crate::engine::ledger::Ledger;
use crate::engine::saga::Saga;

pub use review::Review;

/// A run's current state. One row in the store, whatever its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    pub run: RunId,
    pub workflow: WorkflowName,
    /// The definition this run is pinned to.
    pub definition: Digest,
    /// The business key that makes starting idempotent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub initiator: String,
    /// The person who edited the state last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<String>,
    /// 16 random bytes, in hex, that salt this run's state digest.
    pub salt: String,
    /// Run sequence of the last event folded in; from 1.
    pub seq: u64,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    /// Time spent moving, which waiting for people does not count to.
    pub active_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<Pause>,
    pub phase: Phase,
    /// Shared with the state it was decided from, like the two below: most commands leave them alone.
    pub input: Arc<Fields>,
    pub state: Arc<Fields>,
    /// Counts the changes of `state`; from 1.
    pub state_version: u64,
    /// `{"STEP": {"output": …}}`, the latest answer of each step.
    pub outputs: Arc<Fields>,
    /// How often each step was entered.
    pub visits: BTreeMap<StepId, u32>,
    /// How many effects of each write step have left for good: the next one's ordinal is one more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub effects_done: BTreeMap<StepId, u32>,
    pub steps_taken: u32,
    #[serde(default, skip_serializing_if = "Ledger::is_empty")]
    pub ledger: Ledger,
    /// The last steps taken, oldest first.
    pub path: Vec<StepId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// Leave to send, by write step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: BTreeMap<StepId, Grant>,
    /// The effect that was last refused, by write step: never sent by rules alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<StepId, Digest>,
    /// The open packet, while one is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<Box<Packet>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_packet: Option<ClosedPacket>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
    #[serde(default, skip_serializing_if = "Saga::is_empty")]
    pub saga: Saga,
}

/// A stop switch on one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}

/// Where the run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Phase {
    /// This step is next. `entered` tells that it was begun before: its own packet was decided.
    Ready { step: StepId, entered: bool },
    /// A read is under way. May always be repeated.
    Calling {
        step: StepId,
        attempt: u32,
        retries: u32,
        read: ReadCall,
    },
    /// INTENT is durable: the effect counts as possibly sent. `unknown` tells that an earlier
    /// attempt of it may have happened.
    Sending {
        step: StepId,
        attempt: u32,
        retries: u32,
        unknown: bool,
        leave: Leave,
        /// Nothing leaves after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        send_before: Option<Timestamp>,
        effect: Arc<PlannedEffect>,
    },
    /// The target is asked whether the effect happened. `looks` counts the answers before this
    /// one that found nothing.
    Probing {
        step: StepId,
        attempt: u32,
        retries: u32,
        looks: u32,
        leave: Leave,
        effect: Arc<PlannedEffect>,
        read: ReadCall,
    },
    /// The call may be repeated at `at`.
    Retrying {
        step: StepId,
        attempt: u32,
        retries: u32,
        at: Timestamp,
        call: RetryCall,
    },
    /// A packet is open.
    Asking { step: StepId },
    /// A packet asks whether the effect happened.
    Unsettled {
        step: StepId,
        attempt: u32,
        retries: u32,
        leave: Leave,
        effect: Arc<PlannedEffect>,
    },
    /// A timer of the workflow.
    Sleeping { step: StepId, until: Timestamp },
    /// A signal by this name.
    Listening { step: StepId, signal: String },
    /// A dead letter: waiting for a person to redrive, edit or discard.
    Parked {
        step: StepId,
        letter: Box<DeadLetter>,
    },
    /// `Succeeded`, `Rejected`, `Failed` or `Terminated`.
    Ended { status: RunStatus },
}

/// A read as it was rendered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadCall {
    pub tool: ToolName,
    pub arguments: Value,
    pub request: Request,
}

/// What a retry repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum RetryCall {
    /// `anew`: a person had it go on, so its request is made anew.
    Read {
        read: ReadCall,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        anew: bool,
    },
    Write {
        effect: Arc<PlannedEffect>,
        then: Then,
        leave: Leave,
    },
}

/// What becomes of a write once its time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Then {
    /// It certainly did not happen: it is sent again while its approval holds.
    Send,
    /// It may have happened. `looks` counts the probes that found nothing: the first "no" proves
    /// nothing, so after it only another probe does.
    Settle { looks: u32 },
    /// It certainly did not happen, and a person had it go on: it is judged anew.
    Judge,
}

/// On whose leave an effect is sent, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// When its first INTENT became durable: the target keeps its key from about then.
    pub since: Timestamp,
    /// The packet that granted it; none where rules let it through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packet: Option<PacketId>,
    /// The state a person gave it over: what is changed since voids it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_version: Option<u64>,
    /// An approval's end: what certainly was not sent by then needs another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The packet that was closed last, so that the loser of a race is told who won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedPacket {
    pub packet: PacketId,
    pub status: PacketStatus,
    pub by: String,
    pub at: Timestamp,
}

/// Why a run ended badly or was parked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunError {
    pub code: String,
    pub message: String,
}

impl Phase {
    /// Tries made of the call that is under way or parked; 0 where there is none.
    pub fn attempt(&self) -> u32 {
        match self {
            Self::Calling { attempt, .. }
            | Self::Sending { attempt, .. }
            | Self::Probing { attempt, .. }
            | Self::Unsettled { attempt, .. }
            | Self::Retrying { attempt, .. } => *attempt,
            Self::Parked { letter, .. } => letter.stuck.attempts(),
            Self::Ready { .. }
            | Self::Asking { .. }
            | Self::Sleeping { .. }
            | Self::Listening { .. }
            | Self::Ended { .. } => 0,
        }
    }
}

impl RunState {
    /// The status word that people and scripts see.
    pub fn status(&self) -> RunStatus {
        if let Phase::Ended { status } = &self.phase {
            return *status;
        }
        if let Some(end) = self.saga.stopped_as() {
            return end;
        }
        if self.paused.is_some() {
            return RunStatus::Paused;
        }
        match &self.phase {
            Phase::Ready { .. } if self.steps_taken == 0 => RunStatus::Ready,
            Phase::Ready { .. }
            | Phase::Calling { .. }
            | Phase::Probing { .. }
            | Phase::Sending { .. }
            | Phase::Retrying { .. } => self.saga.moving(),
            Phase::Asking { .. }
            | Phase::Unsettled { .. }
            | Phase::Sleeping { .. }
            | Phase::Listening { .. } => RunStatus::Waiting,
            Phase::Parked { .. } => RunStatus::DeadLettered,
            Phase::Ended { status } => *status,
        }
    }

    /// The step the run stands at; none once it ended.
    pub fn step(&self) -> Option<&StepId> {
        match &self.phase {
            Phase::Ready { step, .. }
            | Phase::Calling { step, .. }
            | Phase::Probing { step, .. }
            | Phase::Sending { step, .. }
            | Phase::Retrying { step, .. }
            | Phase::Asking { step }
            | Phase::Unsettled { step, .. }
            | Phase::Sleeping { step, .. }
            | Phase::Listening { step, .. }
            | Phase::Parked { step, .. } => Some(step),
            Phase::Ended { .. } => None,
        }
    }

    /// The write that is in flight, waits for a retry, or whose outcome a person must tell. One that
    /// is parked and certainly was not done, or has left, is none.
    pub fn live_effect(&self) -> Option<&PlannedEffect> {
        let flight = flight_of(&self.phase)?;
        match flight.stands {
            Stands::Sent { .. }
            | Stands::Probed { .. }
            | Stands::Asked
            | Stands::Waits(Then::Send | Then::Settle { .. })
            | Stands::Parked { unknown: true } => Some(flight.effect),
            Stands::Waits(Then::Judge) | Stands::Parked { unknown: false } => None,
        }
    }

    /// Tells whether the run's last event lies so far ahead of `now` that the clock was set back
    /// since: its timer then means nothing.
    pub fn is_set_back(&self, now: Timestamp) -> bool {
        self.updated_at.ms_since(now) > limits::CLOCK_JUMP_MS
    }

    /// When the run must be woken, where it waits for a time.
    pub fn timer(&self) -> Option<Timestamp> {
        if self.paused.is_some() {
            return None;
        }
        match &self.phase {
            Phase::Retrying { at, .. } => Some(*at),
            Phase::Sleeping { until, .. } => Some(*until),
            Phase::Ready { .. }
            | Phase::Calling { .. }
            | Phase::Probing { .. }
            | Phase::Sending { .. }
            | Phase::Asking { .. }
            | Phase::Unsettled { .. }
            | Phase::Listening { .. }
            | Phase::Parked { .. }
            | Phase::Ended { .. } => None,
        }
    }
}
