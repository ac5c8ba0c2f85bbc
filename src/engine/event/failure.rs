//! Why a call failed, and what that says about the world.

use serde::{Deserialize, Serialize};

/// How a call failed, without its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureSummary {
    pub class: FailureClass,
    pub code: String,
}

impl From<&CallFailure> for FailureSummary {
    fn from(failure: &CallFailure) -> Self {
        Self {
            class: failure.class,
            code: failure.code.clone(),
        }
    }
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFailure {
    pub class: FailureClass,
    /// `connect`, `timeout`, `reset`, `status_503`, `answer_schema` …
    pub code: String,
    pub message: String,
    /// The target's own wish, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<i64>,
}

/// The outcome classes of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Nothing was done: refused before any byte left, or an answer the manifest lists.
    Safe,
    /// A documented no.
    Refused,
    /// The answer cannot be used: it misses the tool's schema or limit. Never retried for a read;
    /// for a write the outcome is unknown.
    Unusable,
    /// Bytes were sent and no complete answer came.
    Unknown,
}
