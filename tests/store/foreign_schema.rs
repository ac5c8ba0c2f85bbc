//! An intruder who changes not the rows but what keeps them.

use countersign::store::{OpenOptions, SqliteStore, Store, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::given::{
    NOW, Place, approve, ask, assert_whole, commit, intrude, open, place, run_id, start, step,
    verify,
};

fn given() -> Place {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    commit(&store, ask(1, 1)).unwrap();
    place
}

/// What a person with a `SQLite` shell does, without anything put back.
fn alter(place: &Place, sql: &str) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = Connection::open_with_flags(&place.path, flags).unwrap();
    conn.execute_batch(sql).unwrap();
}

const INTRUSIONS: [(&str, &str); 8] = [
    ("DROP INDEX runs_by_key", "runs_by_key is missing"),
    (
        "DROP INDEX runs_by_key; CREATE INDEX runs_by_key ON runs (workflow, key) WHERE key IS NOT NULL",
        "runs_by_key is another one",
    ),
    (
        "DROP TRIGGER events_never_change",
        "events_never_change is missing",
    ),
    (
        "DROP TRIGGER events_only_extend",
        "events_only_extend is missing",
    ),
    (
        "CREATE TRIGGER evil BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
        "evil is foreign",
    ),
    ("CREATE TABLE mine (a)", "mine is foreign"),
    ("DROP TABLE notifications", "notifications"),
    (
        "DROP VIEW outbox; CREATE VIEW outbox AS SELECT key FROM effects",
        "outbox is another one",
    ),
];

#[test]
fn a_schema_that_is_not_this_programs_is_read_named_and_not_written() {
    for (sql, named) in INTRUSIONS {
        let place = given();
        alter(&place, sql);
        let store = open(&place.path);
        let report = verify(&store);
        let problem = report.problem.unwrap_or_default();
        assert!(!report.ok && problem.contains(named), "{sql}: {problem}");
        let refused = commit(&store, approve(1, 2)).unwrap_err();
        let told = refused.to_string();
        assert!(
            matches!(refused, StoreError::Schema { .. }) && told.contains(named),
            "{told}"
        );
        let lease = store.take_lease(NOW);
        assert!(matches!(lease, Err(StoreError::Schema { .. })), "{lease:?}");
        assert!(store.objection().unwrap().is_some());
        assert!(store.load(run_id(1)).unwrap().is_some(), "it is still read");
    }
}

#[test]
fn a_verdict_that_a_foreign_trigger_swallows_is_never_told_as_recorded() {
    let place = given();
    let store = open(&place.path);
    let before = store.head().unwrap();
    for sql in [
        "CREATE TRIGGER evil BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER evil; CREATE TRIGGER evil BEFORE INSERT ON event_values BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER evil; CREATE TRIGGER evil BEFORE UPDATE ON packets BEGIN SELECT RAISE(IGNORE); END",
    ] {
        alter(&place, sql);
        let told = commit(&store, approve(1, 2)).unwrap_err();
        assert!(matches!(told, StoreError::Integrity { .. }), "{told:?}");
        assert_eq!(store.head().unwrap(), before, "{sql}");
    }
    alter(&place, "DROP TRIGGER evil");
    commit(&store, approve(1, 2)).unwrap();
    assert!(assert_whole(&store) > before.size);
}

#[test]
fn what_is_missing_is_told_in_this_programs_words() {
    let place = given();
    let store = open(&place.path);
    alter(&place, "DROP TABLE packets; DROP INDEX runs_by_status");
    let told = store.open_packets().unwrap_err();
    assert!(matches!(told, StoreError::Schema { .. }), "{told:?}");
    assert!(told.to_string().contains("packets is missing"), "{told}");
}

#[test]
fn values_that_are_gone_are_counted_and_named_and_no_fault() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    commit(&store, step(1, 1, "seen")).unwrap();
    assert_eq!(verify(&store).missing_values.events, 0);
    intrude(&place.path, "DELETE FROM event_values");
    let report = verify(&store);
    assert!(report.ok, "{:?}", report.problem);
    assert!(report.missing_values.events > 0);
    let told = report.missing_values.to_string();
    assert!(told.contains("are gone"), "{told}");
    assert_eq!(
        report.missing_values.first.len() as u64,
        report.missing_values.events
    );
}

#[test]
fn a_store_made_and_opened_as_ever_has_no_objection() {
    let place = given();
    let options = OpenOptions {
        create: true,
        ..OpenOptions::default()
    };
    let store = SqliteStore::open(&place.path, options).unwrap();
    assert!(store.objection().unwrap().is_none());
}
