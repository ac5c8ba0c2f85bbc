//! A journal of the tests: events as a store would hold them, and its answers to the console.

use countersign::console::message::{EventsPage, Message, Refusal};
use countersign::console::model::audit::search;
use countersign::console::request::{EventsWanted, Request, Ticket};
use countersign::domain::{Digest, RunId};
use countersign::store::{EventFilter, Head, StoredEvent};
use serde_json::{Value, json};

use crate::stage::{NOW, Stage, run_id};

const MINUTE_MS: i64 = 60_000;

/// Oldest first, numbered from 1.
pub(crate) struct Journal {
    pub(crate) events: Vec<StoredEvent>,
}

impl Journal {
    /// `count` events, one a minute, the last of them now; every tenth a vote, every run five long.
    pub(crate) fn of(count: u64) -> Self {
        let mut journal = Self { events: Vec::new() };
        for _ in 0..count {
            journal.grow(1);
        }
        let back = i64::try_from(count).unwrap();
        for (index, event) in journal.events.iter_mut().enumerate() {
            let minutes = back - 1 - i64::try_from(index).unwrap();
            event.at = NOW.plus_ms(-minutes * MINUTE_MS);
        }
        journal
    }

    /// Records more events.
    pub(crate) fn grow(&mut self, count: u64) {
        for _ in 0..count {
            let seq = u64::try_from(self.events.len()).unwrap() + 1;
            let event = event(seq, self.head().hash);
            self.events.push(event);
        }
    }

    pub(crate) fn head(&self) -> Head {
        Head {
            size: u64::try_from(self.events.len()).unwrap(),
            hash: self.events.last().map_or(Digest::ZERO, |event| event.hash),
        }
    }

    /// Tells the console that the journal grew, as the follower does.
    pub(crate) fn tell(&self, stage: &mut Stage) {
        stage.tell(Message::Head(self.head()));
    }

    /// Answers every read that was asked for, and those asked for meanwhile.
    pub(crate) fn serve(&self, stage: &mut Stage) -> usize {
        let mut served = 0;
        while let Some((ticket, wanted)) = reads(stage).pop() {
            stage
                .asked
                .retain(|request| !matches!(request, Request::ReadEvents { .. }));
            self.answer(stage, ticket, &wanted);
            served += 1;
        }
        served
    }

    /// Answers one read.
    pub(crate) fn answer(&self, stage: &mut Stage, ticket: Ticket, wanted: &EventsWanted) {
        let found = search::page(
            wanted,
            self.head(),
            self.list(&search::store_filter(wanted)),
        );
        stage.tell(Message::Events(EventsPage {
            ticket,
            found: Ok(found),
        }));
    }

    fn list(&self, filter: &EventFilter) -> Vec<StoredEvent> {
        let holds = |event: &&StoredEvent| {
            filter.run.is_none_or(|run| event.run == Some(run))
                && filter
                    .actor
                    .as_ref()
                    .is_none_or(|actor| event.actor == *actor)
                && filter.kind.as_ref().is_none_or(|kind| event.kind == *kind)
                && filter.after_seq.is_none_or(|after| event.seq > after)
                && filter.before_seq.is_none_or(|before| event.seq < before)
        };
        let limit = filter.limit.unwrap() as usize;
        let found = self.events.iter().filter(holds);
        if filter.newest_first {
            found.rev().take(limit).cloned().collect()
        } else {
            found.take(limit).cloned().collect()
        }
    }
}

/// The reads that wait for an answer.
pub(crate) fn reads(stage: &Stage) -> Vec<(Ticket, EventsWanted)> {
    let reads = stage.asked.iter().filter_map(|request| match request {
        Request::ReadEvents { ticket, wanted } => Some((*ticket, wanted.clone())),
        _ => None,
    });
    reads.collect()
}

/// Answers a read with a refusal.
pub(crate) fn refuse(stage: &mut Stage, ticket: Ticket) {
    stage.asked.clear();
    stage.tell(Message::Events(EventsPage {
        ticket,
        found: Err(Refusal {
            code: "store".to_owned(),
            message: "cannot read the store: disk I/O error".to_owned(),
        }),
    }));
}

/// The audit screen on this journal, read as far as it wants to.
pub(crate) fn opened(columns: u16, rows: u16, journal: &Journal) -> Stage {
    let mut stage = Stage::empty(columns, rows);
    stage.press("5");
    journal.serve(&mut stage);
    stage
}

fn event(seq: u64, before: Digest) -> StoredEvent {
    let run = (seq > 1).then(|| run_id(u128::from(seq / 5) + 1));
    let (kind, actor, body, values) = parts(seq, run);
    StoredEvent {
        seq,
        run,
        run_seq: run.map(|_| seq % 5 + 1),
        at: NOW,
        actor: actor.to_owned(),
        kind: kind.to_owned(),
        version: 1,
        body,
        values,
        prev_hash: before,
        hash: Digest::of(format!("event {seq}").as_bytes()),
    }
}

fn parts(seq: u64, run: Option<RunId>) -> (&'static str, &'static str, Value, Option<Value>) {
    if run.is_none() {
        let body = json!({"store": "64c332a4de78f4920a0e84a19570e232"});
        return ("store_created", "SYSTEM", body, None);
    }
    let hash = |name: &str| Digest::of(format!("{name} {seq}").as_bytes()).to_string();
    if seq.is_multiple_of(10) {
        let body = json!({
            "authority": {"kind": "person", "name": "MGR_JANE_DOE", "os_user": "jane", "claimed": true},
            "packet": "01930000-0000-7000-8000-000000000001",
            "verdict": "approve",
            "commitments": {"reason": hash("reason")},
        });
        let values = json!({"reason": format!("checked by phone, call {seq}")});
        return ("vote_cast", "MGR_JANE_DOE", body, Some(values));
    }
    let body = json!({
        "step": "assess",
        "tool": "erp.commit_order",
        "commitments": {"output": hash("output"), "set": hash("set")},
    });
    let values = json!({"output": {"note": "safe\u{202e}"}, "set": {"status": "Draft"}});
    ("step_completed", "po-agent", body, Some(values))
}
