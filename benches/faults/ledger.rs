//! What the sandbox says that it did: the truth of every figure.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// One effect, as `GET /_ledger` tells it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    pub(crate) at: String,
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) idempotency_key: Option<String>,
    /// The order, charge or deal.
    pub(crate) subject: String,
}

/// How the effects that were due stand against those that were done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) done: usize,
    pub(crate) lost: usize,
    pub(crate) double: usize,
    /// Done, and never asked for.
    pub(crate) strange: usize,
}

/// How often each subject was acted on.
pub(crate) fn times(entries: &[Entry]) -> BTreeMap<&str, usize> {
    let mut times = BTreeMap::new();
    for entry in entries {
        *times.entry(entry.subject.as_str()).or_default() += 1;
    }
    times
}

/// Holds the ledger against the subjects that are due exactly once.
pub(crate) fn held(entries: &[Entry], due: &BTreeSet<String>) -> Held {
    let times = times(entries);
    Held {
        done: times.len(),
        lost: due
            .iter()
            .filter(|subject| !times.contains_key(subject.as_str()))
            .count(),
        double: times.values().map(|times| times.saturating_sub(1)).sum(),
        strange: times
            .keys()
            .filter(|subject| !due.contains(**subject))
            .count(),
    }
}
