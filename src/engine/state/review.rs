//! What became of a run's last review.

use serde::{Deserialize, Serialize};

use crate::domain::{Timestamp, Verdict};

/// The last review of this run, as expressions see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// `approve`, `reject`, `return`, or `autonomous` where a gate passed alone.
    pub verdict: String,
    /// The reviewer, or `SYSTEM_AUTO_APPROVE`.
    pub by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

impl Review {
    /// The label under which rules let safe work through.
    pub const AUTONOMOUS_BY: &'static str = "SYSTEM_AUTO_APPROVE";

    pub fn autonomous() -> Self {
        Self {
            verdict: "autonomous".to_owned(),
            by: Self::AUTONOMOUS_BY.to_owned(),
            reason: None,
            feedback: None,
        }
    }

    /// Nobody answered, which rejects.
    pub fn by_silence(by: &str, due: Timestamp) -> Self {
        let words = format!("Nobody decided by {due}.");
        Self::by_person(Verdict::Reject, by, Some(&words))
    }

    pub fn by_person(verdict: Verdict, by: &str, words: Option<&str>) -> Self {
        let words = words.map(str::to_owned);
        Self {
            verdict: verdict.as_str().to_owned(),
            by: by.to_owned(),
            feedback: words.clone().filter(|_| verdict == Verdict::Return),
            reason: words,
        }
    }
}
