//! Effects whose outcome nobody knows.

use std::collections::BTreeMap;

use crate::console::message::{DoubtsNews, Told, ToldKind};
use crate::domain::{IdempotencyKey, RunId, Timestamp};

/// Effects in doubt, of all runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    pub effects: usize,
    /// There are more than were looked at.
    pub more: bool,
    /// Since when each run that has one is in doubt.
    since: BTreeMap<RunId, Timestamp>,
}

impl Doubts {
    pub fn of(news: DoubtsNews) -> Self {
        let mut since = BTreeMap::new();
        for (run, at) in news.since {
            let first = since.entry(run).or_insert(at);
            *first = at.min(*first);
        }
        Self {
            effects: news.effects,
            more: news.more,
            since,
        }
    }

    pub fn since(&self, run: RunId) -> Option<Timestamp> {
        self.since.get(&run).copied()
    }

    /// `1 effect in doubt`.
    pub fn words(&self) -> String {
        let more = if self.more { " or more" } else { "" };
        match self.effects {
            1 => format!("1 effect{more} in doubt"),
            all => format!("{all}{more} effects in doubt"),
        }
    }
}

/// The first time since which nothing told what became of the effect.
pub fn in_doubt_since(told: &[Told], key: IdempotencyKey) -> Option<Timestamp> {
    let mut since = None;
    for told in told.iter().filter(|told| told.key == Some(key)) {
        match told.kind {
            ToldKind::Unknown => since = since.or(Some(told.at)),
            ToldKind::Confirmed
            | ToldKind::Refused
            | ToldKind::NotDone
            | ToldKind::SaidHappened
            | ToldKind::SaidNotHappened => since = None,
            ToldKind::Asked
            | ToldKind::Failed
            | ToldKind::Sent
            | ToldKind::SentAgain
            | ToldKind::Probed
            | ToldKind::ProbeFound
            | ToldKind::ProbeFoundNothing
            | ToldKind::ProbeSettlesNothing
            | ToldKind::SaidAskAgain
            | ToldKind::Parked
            | ToldKind::Redriven
            | ToldKind::Discarded => {}
        }
    }
    since
}
