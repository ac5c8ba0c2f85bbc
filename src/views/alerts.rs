//! Something unusual that a person should look at, as lists show it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{AlertId, AlertKind, AlertStatus, RunId, StepId, Timestamp};

/// One alert and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRow {
    pub alert: AlertId,
    pub kind: AlertKind,
    /// What it is about within its kind, as a connector's name; empty for the store as a whole.
    /// One alert at a time is open on each.
    pub subject: String,
    pub run: Option<RunId>,
    pub step: Option<StepId>,
    /// One sentence or two, for people.
    pub message: String,
    /// What it was raised on.
    pub evidence: Value,
    pub status: AlertStatus,
    pub at: Timestamp,
    /// Who acknowledged it, when and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
