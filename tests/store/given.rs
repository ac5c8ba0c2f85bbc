//! Stores in temporary directories and commands built by hand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::domain::{
    Digest, EffectState, Fields, Flag, IdempotencyKey, Packet, PacketId, PacketStatus,
    PlannedEffect, Request, RunId, RunStatus, Severity, Tier, Timestamp, WorkflowName,
};
use countersign::engine::event::{ClosedValues, EffectValues, PacketValues, StartValues};
use countersign::engine::{Authority, Event, Leave, Next, Phase, Recorded, RunState};
use countersign::store::{Commit, Committed, Fence, OpenOptions, SqliteStore, Store, StoreError};
use countersign::views::{EffectRow, RunRow, ViewRows};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const NOW: Timestamp = Timestamp(1_795_271_898_007);

/// A directory that is removed with the value, and the store's path in it.
pub(crate) struct Place {
    pub(crate) directory: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn place() -> Place {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    Place { directory, path }
}

pub(crate) fn open(path: &Path) -> SqliteStore {
    let options = OpenOptions {
        create: true,
        ..OpenOptions::default()
    };
    SqliteStore::open(path, options).unwrap()
}

/// Runs SQL as an intruder with a `SQLite` shell does: triggers dropped, and put back after.
pub(crate) fn shell(path: &Path, sql: &str) -> u64 {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let triggers: Vec<String> = conn
        .prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    conn.execute_batch(
        "DROP TRIGGER IF EXISTS events_never_change; DROP TRIGGER IF EXISTS events_never_go; \
         DROP TRIGGER IF EXISTS events_only_extend;",
    )
    .unwrap();
    conn.execute_batch(sql).unwrap();
    let changes = conn.changes();
    conn.execute_batch(&triggers.join(";")).unwrap();
    changes
}

/// An intrusion that must have changed a row.
pub(crate) fn intrude(path: &Path, sql: &str) {
    assert!(shell(path, sql) > 0, "the intrusion changed nothing: {sql}");
}

/// Commits one command and waits for its answer.
pub(crate) fn commit(store: &SqliteStore, commit: Commit) -> Result<Committed, StoreError> {
    let ack = store.commit(vec![commit]).remove(0);
    ack.blocking_recv().unwrap()
}

pub(crate) fn run_id(n: u64) -> RunId {
    RunId(Uuid::from_u128(
        0x0193_0000_0000_7000_8000_0000_0000_0000 | u128::from(n),
    ))
}

pub(crate) fn packet_id(n: u64) -> PacketId {
    PacketId(Uuid::from_u128(
        0x0194_0000_0000_7000_8000_0000_0000_0000 | u128::from(n),
    ))
}

pub(crate) fn system() -> Authority {
    Authority {
        kind: countersign::domain::ActorKind::System,
        name: "SYSTEM".to_owned(),
        os_user: None,
        claimed: false,
    }
}

pub(crate) fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

/// The run `n` as it stands after its first event.
pub(crate) fn state(n: u64) -> RunState {
    RunState {
        run: run_id(n),
        workflow: WorkflowName::from("purchase-order"),
        definition: Digest::of(b"definition"),
        key: Some(format!("PO-{n}")),
        initiator: "alice".to_owned(),
        edited_by: None,
        salt: Digest::of(&n.to_be_bytes()).to_string(),
        seq: 1,
        started_at: NOW,
        updated_at: NOW,
        active_ms: 0,
        paused: None,
        phase: Phase::Ready {
            step: "assess".into(),
            entered: false,
        },
        effects_done: std::collections::BTreeMap::new(),
        saga: countersign::engine::Saga::default(),
        closed_packet: None,
        input: Arc::new(fields(
            json!({"po_id": format!("PO-{n}"), "amount": {"minor": 785_000, "currency": "USD"}}),
        )),
        state: Arc::new(fields(
            json!({"status": "New", "vendor": "Acme", "match": 0.97}),
        )),
        state_version: 1,
        outputs: Arc::default(),
        visits: std::collections::BTreeMap::new(),
        steps_taken: 0,
        ledger: countersign::engine::Ledger::default(),
        path: Vec::new(),
        review: None,
        refused: std::collections::BTreeMap::new(),
        grants: std::collections::BTreeMap::new(),
        packet: None,
        error: None,
    }
}

pub(crate) fn row(state: &RunState) -> RunRow {
    RunRow {
        run: state.run,
        workflow: state.workflow.clone(),
        key: state.key.clone(),
        status: state.status(),
        step: state.step().cloned(),
        started_at: state.started_at,
        updated_at: state.updated_at,
        cost_micro_usd: 0,
        tokens: 0,
        packet: state.packet.as_ref().map(|packet| packet.packet),
        timer: state.timer(),
    }
}

/// A command whose events lead from `before` to `after`; the sequence is filled in.
pub(crate) fn command(before: u64, mut after: RunState, events: Vec<Event>) -> Commit {
    after.seq = before + events.len() as u64;
    let events = (before + 1..)
        .zip(events)
        .map(|(run_seq, event)| Recorded {
            run: after.run,
            run_seq,
            at: NOW,
            actor: system(),
            event,
        })
        .collect();
    Commit {
        run: after.run,
        expected_seq: before,
        events,
        rows: ViewRows {
            run: row(&after),
            packets: Vec::new(),
            effects: Vec::new(),
            dead_letters: Vec::new(),
            notifications: Vec::new(),
        },
        after: Arc::new(after),
        fence: None,
    }
}

pub(crate) fn started(n: u64) -> Event {
    let state = state(n);
    Event::RunStarted {
        workflow: state.workflow,
        definition: state.definition,
        first: "assess".into(),
        values: StartValues {
            key: state.key,
            input: state.input,
            state: state.state,
            salt: state.salt,
        },
    }
}

/// The first command of run `n`.
pub(crate) fn start(n: u64) -> Commit {
    command(0, state(n), vec![started(n)])
}

/// A step of run `n` after `before` events that sets `note` in the state.
pub(crate) fn step(n: u64, before: u64, note: &str) -> Commit {
    let mut after = state(n);
    Arc::make_mut(&mut after.state).insert("note".to_owned(), json!(note));
    let event = Event::GatePassed {
        step: "review".into(),
        visit: 1,
        policy: Vec::new(),
        grants: Vec::new(),
        next: Next::Step("commit".into()),
    };
    command(before, after, vec![event])
}

/// The last command of run `n`.
pub(crate) fn end(n: u64, before: u64) -> Commit {
    let mut after = state(n);
    after.phase = Phase::Ended {
        status: RunStatus::Succeeded,
    };
    let event = Event::RunEnded {
        status: RunStatus::Succeeded,
        left: Vec::new(),
        code: None,
        values: None,
    };
    command(before, after, vec![event])
}

pub(crate) fn effect_key(n: u64) -> IdempotencyKey {
    IdempotencyKey(Digest::of(format!("effect {n}").as_bytes()))
}

pub(crate) fn planned(n: u64) -> PlannedEffect {
    PlannedEffect {
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        pin: Digest::of(b"pin"),
        ordinal: 0,
        operation: format!("PO-{n}"),
        arguments: json!({"po_id": format!("PO-{n}")}),
        amount: Some("7850.00 USD".parse().unwrap()),
        key: effect_key(n),
        request: Request {
            method: "POST".to_owned(),
            url: "http://erp/orders".to_owned(),
            headers: Vec::new(),
            body: Some("{}".to_owned()),
        },
        identity: None,
        undoes: None,
        digest: Digest::of(b"effect digest"),
    }
}

pub(crate) fn effect_row(n: u64, state: EffectState) -> EffectRow {
    EffectRow {
        idempotency_key: effect_key(n),
        run: run_id(n),
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        state,
        digest: Digest::of(b"effect digest"),
        operation: format!("PO-{n}"),
        amount: Some("7850.00 USD".parse().unwrap()),
        attempt: 1,
        updated_at: NOW,
        error: None,
        identity: None,
        undoes: None,
        undone_by: None,
    }
}

/// INTENT of run `n` after `before` events.
pub(crate) fn intend(n: u64, before: u64, fence: Option<Fence>) -> Commit {
    let mut after = state(n);
    after.phase = Phase::Sending {
        step: "commit".into(),
        attempt: 1,
        retries: 3,
        unknown: false,
        leave: Leave {
            since: NOW,
            packet: None,
            state_version: None,
            until: None,
        },
        send_before: Some(NOW),
        effect: Arc::new(planned(n)),
    };
    let event = Event::EffectIntended {
        step: "commit".into(),
        visit: 1,
        attempt: 1,
        retries: 3,
        unknown: false,
        tool: "erp.commit_order".into(),
        key: effect_key(n),
        digest: Digest::of(b"effect digest"),
        packet: None,
        until: None,
        send_before: Some(NOW),
        cost_micro_usd: None,
        values: EffectValues {
            effect: Arc::new(planned(n)),
        },
    };
    let mut commit = command(before, after, vec![event]);
    commit.rows.effects.push(effect_row(n, EffectState::Intent));
    commit.fence = fence;
    commit
}

/// The outcome of run `n`'s effect, and its end.
pub(crate) fn confirm(n: u64, before: u64) -> Commit {
    let mut commit = end(n, before + 1);
    commit.expected_seq = before;
    commit.events.insert(
        0,
        Recorded {
            run: run_id(n),
            run_seq: before + 1,
            at: NOW,
            actor: system(),
            event: Event::EffectConfirmed {
                step: "commit".into(),
                attempt: 1,
                tool: "erp.commit_order".into(),
                key: effect_key(n),
                status: 200,
                by_probe: false,
                beyond_limit: false,
                values: None,
            },
        },
    );
    let confirmed = effect_row(n, EffectState::Confirmed);
    commit.rows.effects.push(confirmed);
    commit
}

pub(crate) fn packet(n: u64, status: PacketStatus) -> Packet {
    Packet {
        packet: packet_id(n),
        version: 1,
        digest: Digest::of(b"packet digest"),
        status,
        run: run_id(n),
        workflow: "purchase-order".into(),
        definition: Digest::of(b"definition"),
        step: "review".into(),
        title: format!("Order PO-{n}"),
        question: countersign::domain::Question::Effects,
        tier: Tier::Critical,
        flags: vec![Flag {
            code: "over_limit".to_owned(),
            severity: Severity::Warning,
            message: "large".to_owned(),
        }],
        reasons: Vec::new(),
        policy: Vec::new(),
        confidence: Some(0.85),
        amount: Some("7850.00 USD".parse().unwrap()),
        effects: vec![planned(n)],
        duplicates: Vec::new(),
        evidence: Vec::new(),
        agent_note: None,
        state: state(n).state.as_ref().clone(),
        state_version: 1,
        path: Vec::new(),
        edited_by: None,
        closed_by: None,
        closed_at: None,
        opened_at: NOW,
        due_at: NOW.plus_ms(i64::try_from(n).unwrap()),
        valid_ms: 1_000,
        escalated_at: None,
        approvals: 1,
        votes: Vec::new(),
        returned: None,
    }
}

/// Run `n` asks after `before` events: packet `n` opens.
pub(crate) fn ask(n: u64, before: u64) -> Commit {
    let packet = packet(n, PacketStatus::Open);
    let mut after = state(n);
    after.phase = Phase::Asking {
        step: "review".into(),
    };
    after.packet = Some(Box::new(packet.clone()));
    let event = Event::PacketOpened {
        packet: packet.packet,
        version: 1,
        digest: packet.digest,
        step: "review".into(),
        visit: 1,
        tier: packet.tier,
        flags: vec!["over_limit".to_owned()],
        due_at: packet.due_at,
        values: PacketValues {
            packet: Box::new(packet.clone()),
            set: Fields::new(),
            reason: None,
        },
    };
    let mut commit = command(before, after, vec![event]);
    commit.rows.packets.push(packet);
    commit
}

/// Packet `n` is approved after `before` events.
pub(crate) fn approve(n: u64, before: u64) -> Commit {
    let packet = packet(n, PacketStatus::Approved);
    let event = Event::PacketClosed {
        packet: packet.packet,
        version: 1,
        status: PacketStatus::Approved,
        grants: Vec::new(),
        next: Next::Step("commit".into()),
        values: ClosedValues { review: None },
    };
    let mut commit = command(before, state(n), vec![event]);
    commit.rows.packets.push(packet);
    commit
}

pub(crate) fn verify(store: &SqliteStore) -> countersign::store::VerifyReport {
    store.verify(&mut |_, _| ()).unwrap()
}

/// Verifies and demands that everything is whole.
pub(crate) fn assert_whole(store: &SqliteStore) -> u64 {
    let report = verify(store);
    assert!(report.ok, "{report:?}");
    assert_eq!(report.head, store.head().unwrap());
    report.events
}
