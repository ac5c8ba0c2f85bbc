//! A parked step, and how it can go on.
//!
//! | stuck | what happened | a redrive |
//! |---|---|---|
//! | `planning` | what to ask of the world could not be made | begins the step anew |
//! | `reading` | a read failed for good | asks again |
//! | `not_done` | a write certainly was not done; its key is unused | sends it under its key while the approval holds, else judges it anew |
//! | `refused` | the target refused a write for good | judges a new effect under a new key; a person's approval was for the old one |
//! | `finishing` | answered, or done; what follows could not be decided | decides that again, and never sends |
//! | `unsettled` | an older program parked a write that may have happened | opens a packet that asks a person whether it did |
//! | `unrecorded` | an older program parked a write that was confirmed or refused, and did not say which | refused: it can be discarded |
//!
//! A write that may have happened is no dead letter any more: a packet asks a person about it. The
//! last two are made of events of version 1 alone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{DeadLetterId, PacketId, PlannedEffect, Timestamp, status::words};
use crate::engine::state::{Leave, ReadCall, RunError};

words!(
    /// What a parked step was doing, as the journal says it.
    StuckAt {
        Planning => "planning",
        Reading => "reading",
        NotDone => "not_done",
        Refused => "refused",
        Finishing => "finishing",
        Unsettled => "unsettled",
        Unrecorded => "unrecorded",
    }
);

/// A dead letter as its run holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    pub dead_letter: DeadLetterId,
    pub at: Timestamp,
    pub stuck: Stuck,
    /// Why, where it keeps a run from being undone: the run's own error is why that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// What a parked step was doing, with all that going on needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Stuck {
    Planning {
        /// The step was begun before: this visit goes on.
        entered: bool,
        /// The packet that let it through before.
        packet: Option<PacketId>,
    },
    Reading {
        attempt: u32,
        read: ReadCall,
    },
    NotDone {
        attempt: u32,
        leave: Leave,
        effect: Arc<PlannedEffect>,
    },
    Refused {
        attempt: u32,
        /// The packet that let it through.
        packet: Option<PacketId>,
    },
    Finishing {
        attempt: u32,
        /// What was answered; none for a step that only waited.
        output: Option<Value>,
    },
    Unsettled {
        attempt: u32,
        leave: Leave,
        effect: Arc<PlannedEffect>,
    },
    Unrecorded {
        attempt: u32,
    },
}

impl Stuck {
    /// The write that is still to be sent.
    pub fn effect(&self) -> Option<&PlannedEffect> {
        match self {
            Self::NotDone { effect, .. } => Some(effect),
            Self::Planning { .. }
            | Self::Reading { .. }
            | Self::Refused { .. }
            | Self::Finishing { .. }
            | Self::Unsettled { .. }
            | Self::Unrecorded { .. } => None,
        }
    }

    /// The write that may have happened.
    pub fn unsettled(&self) -> Option<&PlannedEffect> {
        match self {
            Self::Unsettled { effect, .. } => Some(effect),
            Self::Planning { .. }
            | Self::Reading { .. }
            | Self::NotDone { .. }
            | Self::Refused { .. }
            | Self::Finishing { .. }
            | Self::Unrecorded { .. } => None,
        }
    }

    /// The word under which the journal says it.
    pub fn at(&self) -> StuckAt {
        match self {
            Self::Planning { .. } => StuckAt::Planning,
            Self::Reading { .. } => StuckAt::Reading,
            Self::NotDone { .. } => StuckAt::NotDone,
            Self::Refused { .. } => StuckAt::Refused,
            Self::Finishing { .. } => StuckAt::Finishing,
            Self::Unsettled { .. } => StuckAt::Unsettled,
            Self::Unrecorded { .. } => StuckAt::Unrecorded,
        }
    }

    /// Tries that were made of the call this is about.
    pub fn attempts(&self) -> u32 {
        match self {
            Self::Reading { attempt, .. }
            | Self::Refused { attempt, .. }
            | Self::NotDone { attempt, .. }
            | Self::Finishing { attempt, .. }
            | Self::Unsettled { attempt, .. }
            | Self::Unrecorded { attempt } => *attempt,
            Self::Planning { .. } => 0,
        }
    }
}
