//! What survives a crash: commits in order, of which the first so many are synced, and the rows
//! they lead to. No SQL, nothing of the real store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use countersign::domain::{
    ActorKind, DeadLetterId, Digest, IdempotencyKey, Packet, PacketId, PacketStatus, RunId,
    Timestamp, WorkflowName,
};
use countersign::engine::{Phase, Recorded, RunState};
use countersign::store::{Commit, Committed, Fence, StoreError, StoredEvent};
use countersign::views::{AlertRow, DeadLetterRow, EffectRow, RunRow};
use serde_json::{Map, Value};

use crate::twin::Twin;

/// One definition with its bundle.
pub(crate) type Registered = (WorkflowName, Digest, Timestamp, Value);

/// Rows as they stand.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) events: Vec<Recorded>,
    /// In the order in which they were started.
    pub(crate) order: Vec<RunId>,
    pub(crate) runs: BTreeMap<RunId, (Arc<RunState>, RunRow)>,
    pub(crate) keys: BTreeMap<(WorkflowName, String), RunId>,
    pub(crate) packets: BTreeMap<PacketId, Packet>,
    pub(crate) effects: BTreeMap<IdempotencyKey, EffectRow>,
    pub(crate) letters: BTreeMap<DeadLetterId, DeadLetterRow>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) rows: Rows,
    log: Vec<Commit>,
    synced: usize,
    pub(crate) definitions: Vec<Registered>,
    pub(crate) alerts: Vec<AlertRow>,
    pub(crate) token: u64,
    /// The process that holds the lock.
    pub(crate) holder: Option<u64>,
    pub(crate) version: i64,
    /// The run whose INTENT is written, while whoever wrote it does not know yet.
    pub(crate) held_back: Option<RunId>,
}

#[derive(Clone)]
pub(crate) struct Disk {
    inner: Arc<Mutex<Inner>>,
    twin: Option<Twin>,
}

impl Disk {
    pub(crate) fn new(twin: Option<Twin>) -> Self {
        Self {
            inner: Arc::default(),
            twin,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Writes one command, or says why not.
    pub(crate) fn apply(&self, commit: &Commit) -> Result<Committed, StoreError> {
        let mut inner = self.lock();
        self.check(&inner, commit)?;
        inner.rows.fold(commit);
        inner.log.push(commit.clone());
        inner.version += 1;
        Ok(Committed {
            seq: inner.rows.events.len() as u64,
        })
    }

    fn check(&self, inner: &Inner, commit: &Commit) -> Result<(), StoreError> {
        let held = inner.rows.runs.get(&commit.run);
        let found = held.map_or(0, |(state, _)| state.seq);
        if commit.expected_seq != found && self.twin != Some(Twin::NoCompareAndSwap) {
            return Err(StoreError::Conflict {
                run: commit.run,
                expected: commit.expected_seq,
                found,
            });
        }
        let row = &commit.rows.run;
        let named = row.key.clone().map(|key| (row.workflow.clone(), key));
        let other = named.and_then(|named| inner.rows.keys.get(&named).copied());
        if let Some(run) = other.filter(|run| *run != commit.run) {
            return Err(StoreError::DuplicateKey { run });
        }
        let outdated = commit
            .fence
            .is_some_and(|fence| fence != Fence(inner.token));
        if outdated && self.twin != Some(Twin::NoFencing) {
            return Err(StoreError::Fenced);
        }
        Self::refuse_duplicate(inner, commit)
    }

    /// One effect for each business act. What holds its own is in nobody's way.
    fn refuse_duplicate(inner: &Inner, commit: &Commit) -> Result<(), StoreError> {
        for row in &commit.rows.effects {
            let Some(wanted) = row.identity else {
                continue;
            };
            let own = inner.rows.effects.get(&row.idempotency_key);
            if own.is_some_and(|own| own.identity == Some(wanted)) {
                continue;
            }
            let mut others = inner.rows.effects.values();
            let held = others.find(|other| {
                other.idempotency_key != row.idempotency_key
                    && other
                        .identity
                        .is_some_and(|held| wanted.gives_way_to(&held))
            });
            if let Some(held) = held {
                return Err(StoreError::DuplicateIdentity {
                    identity: wanted.digest,
                    run: held.run,
                    key: held.idempotency_key,
                });
            }
        }
        Ok(())
    }

    /// What was written so far survives a crash.
    pub(crate) fn sync(&self) {
        let mut inner = self.lock();
        inner.synced = inner.log.len();
    }

    /// An INTENT is written, and whoever wrote it does not know yet.
    pub(crate) fn takes_its_time(&self) -> bool {
        self.lock().held_back.is_some()
    }

    /// Runs that have come to their end.
    pub(crate) fn ended_runs(&self) -> usize {
        let inner = self.lock();
        let states = inner.rows.runs.values().map(|(state, _)| &state.phase);
        states
            .filter(|phase| matches!(phase, Phase::Ended { .. }))
            .count()
    }

    /// Commits that survive a crash.
    pub(crate) fn survives(&self) -> usize {
        self.lock().synced
    }

    /// Commits written so far.
    pub(crate) fn written(&self) -> usize {
        self.lock().log.len()
    }

    /// A disk on which only the first `kept` commits ever came.
    pub(crate) fn cut(&self, kept: usize) -> Self {
        let inner = self.lock();
        let log: Vec<Commit> = inner.log.iter().take(kept).cloned().collect();
        let mut rows = Rows::default();
        for commit in &log {
            rows.fold(commit);
        }
        let cut = Inner {
            rows,
            synced: log.len(),
            log,
            definitions: inner.definitions.clone(),
            token: inner.token,
            ..Inner::default()
        };
        Self {
            inner: Arc::new(Mutex::new(cut)),
            twin: self.twin,
        }
    }

    /// The power goes: what was not synced is gone, and nobody holds the lock.
    pub(crate) fn crash(&self) {
        let mut inner = self.lock();
        inner.holder = None;
        inner.held_back = None;
        let synced = inner.synced;
        if inner.log.len() > synced {
            inner.log.truncate(synced);
            let mut rows = Rows::default();
            for commit in &inner.log {
                rows.fold(commit);
            }
            inner.rows = rows;
        }
    }

    /// The synced journal as JSON, which is all that the checks read.
    pub(crate) fn journal(&self) -> Vec<Line> {
        let inner = self.lock();
        let synced = inner.log.iter().take(inner.synced).zip(1..);
        synced
            .flat_map(|(commit, number)| commit.events.iter().map(move |event| (event, number)))
            .map(|(recorded, number)| Line::of(recorded, number))
            .collect()
    }

    /// Tells whether a synced INTENT names this key.
    pub(crate) fn intends(&self, key: &str) -> bool {
        let inner = self.lock();
        let mut events = inner.log.iter().take(inner.synced).rev();
        events.any(|commit| {
            let mut intents = commit
                .events
                .iter()
                .filter(|recorded| recorded.event.kind() == "effect_intended");
            intents.any(|recorded| {
                let event = serde_json::to_value(&recorded.event).unwrap();
                event["key"] == key
            })
        })
    }
}

impl Rows {
    fn fold(&mut self, commit: &Commit) {
        self.events.extend(commit.events.iter().cloned());
        let row = commit.rows.run.clone();
        if !self.runs.contains_key(&commit.run) {
            self.order.push(commit.run);
        }
        if let Some(key) = row.key.clone() {
            self.keys.insert((row.workflow.clone(), key), commit.run);
        }
        self.runs
            .insert(commit.run, (Arc::clone(&commit.after), row));
        for packet in &commit.rows.packets {
            self.packets.insert(packet.packet, packet.clone());
        }
        for effect in &commit.rows.effects {
            self.effects.insert(effect.idempotency_key, effect.clone());
        }
        for letter in &commit.rows.dead_letters {
            self.letters.insert(letter.dead_letter, letter.clone());
        }
    }

    pub(crate) fn open_packets(&self) -> Vec<Packet> {
        let open = self.packets.values();
        open.filter(|packet| packet.status == PacketStatus::Open)
            .cloned()
            .collect()
    }
}

/// One event, in words alone.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) run: String,
    pub(crate) run_seq: u64,
    /// As events write times: of two texts the later one is the later time.
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) by_person: bool,
    /// Which commit it came with, from 1.
    pub(crate) commit: usize,
    pub(crate) event: Value,
}

impl Line {
    fn of(recorded: &Recorded, commit: usize) -> Self {
        Self {
            run: recorded.run.to_string(),
            run_seq: recorded.run_seq,
            at: recorded.at.to_string(),
            actor: recorded.actor.name.clone(),
            by_person: recorded.actor.kind == ActorKind::Person,
            commit,
            event: serde_json::to_value(&recorded.event).unwrap(),
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.event["kind"].as_str().unwrap()
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.event[member].as_str().unwrap_or_default()
    }
}

/// An event as the store hands it out.
pub(crate) fn stored(recorded: &Recorded, seq: u64) -> StoredEvent {
    let event = serde_json::to_value(&recorded.event).unwrap();
    let Value::Object(mut body) = event else {
        panic!("an event is an object");
    };
    body.remove("kind");
    let values = body.remove("values");
    if values.is_some() {
        body.insert("commitments".to_owned(), Value::Object(Map::new()));
    }
    let actor = serde_json::to_value(&recorded.actor).unwrap();
    body.insert("authority".to_owned(), actor);
    StoredEvent {
        seq,
        run: Some(recorded.run),
        run_seq: Some(recorded.run_seq),
        at: recorded.at,
        actor: recorded.actor.name.clone(),
        kind: recorded.event.kind().to_owned(),
        version: countersign::engine::event::EVENT_VERSION,
        body: Value::Object(body),
        values,
        prev_hash: Digest::ZERO,
        hash: Digest::ZERO,
    }
}
