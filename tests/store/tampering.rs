//! An intruder with a `SQLite` shell: every altered row is named.

use countersign::store::{EventFilter, OpenOptions, SqliteStore, Store, StoreError, VerifyReport};

use crate::given::{
    NOW, Place, approve, ask, assert_whole, commit, confirm, effect_key, intend, intrude, open,
    packet_id, place, run_id, shell, start, step, verify,
};

/// Run 1 went through a packet and an effect; run 2 stands after its second event.
fn given() -> Place {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    for command in [
        start(1),
        ask(1, 1),
        approve(1, 2),
        intend(1, 3, fence),
        confirm(1, 4),
        start(2),
        step(2, 1, "seen"),
    ] {
        commit(&store, command).unwrap();
    }
    assert_eq!(assert_whole(&store), 10);
    place
}

/// What verification says after `sql`.
fn after(sql: &str) -> (Place, VerifyReport) {
    let place = given();
    intrude(&place.path, sql);
    let report = verify(&open(&place.path));
    assert!(!report.ok, "not found: {sql}");
    assert!(report.problem.is_some());
    (place, report)
}

fn first_bad(sql: &str) -> u64 {
    after(sql).1.first_bad_seq.unwrap()
}

#[test]
fn every_altered_column_of_an_event_is_named() {
    for set in [
        "body = replace(body, 'a', 'b')",
        "body = body || ' '",
        "actor = 'mallory'",
        "kind = 'run_ended'",
        "at = at + 1",
        "version = version + 1",
        "hash = zeroblob(32)",
        "prev_hash = zeroblob(32)",
        "run_seq = 77",
        "run = zeroblob(16)",
    ] {
        let bad = first_bad(&format!("UPDATE events SET {set} WHERE seq = 5"));
        assert_eq!(bad, 5, "{set}");
    }
}

#[test]
fn a_missing_event_a_cut_tail_and_an_inserted_event_are_named() {
    assert_eq!(first_bad("DELETE FROM events WHERE seq = 4"), 4);
    // The run's row still says what the cut event bound.
    after("DELETE FROM events WHERE seq = 10");
    let forged = "INSERT INTO events SELECT 11, run, 3, at, actor, kind, version, body, hash, \
                  hash FROM events WHERE seq = 10";
    assert_eq!(first_bad(forged), 11);
}

#[test]
fn a_tail_cut_behind_a_checkpoint_stops_the_lease() {
    let place = given();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap().unwrap();
    store.release_lease(fence, NOW).unwrap();
    intrude(&place.path, "DELETE FROM events WHERE seq > 8");
    let error = open(&place.path).take_lease(NOW).unwrap_err();
    assert!(
        matches!(error, StoreError::Integrity { seq: 12, .. }),
        "{error:?}"
    );
}

#[test]
fn a_tail_altered_after_the_checkpoint_stops_the_lease() {
    let place = given();
    intrude(&place.path, "UPDATE events SET actor = 'x' WHERE seq = 9");
    let store = open(&place.path);
    let error = store.take_lease(NOW).unwrap_err();
    assert!(
        matches!(error, StoreError::Integrity { seq: 9, .. }),
        "{error:?}"
    );
    // The lock was given back.
    assert!(!store.lease().unwrap().alive);
}

#[test]
fn an_altered_state_is_found_on_load() {
    for set in [
        "state = replace(state, 'seen', 'sewn')",
        "status = 'succeeded'",
        "step = NULL",
        "wake = NULL",
        "tokens = 1",
        "key = 'PO-9'",
    ] {
        let (place, _) = after(&format!(
            "UPDATE runs SET {set} WHERE run = (SELECT run FROM events WHERE seq = 10)"
        ));
        let error = open(&place.path).load(run_id(2)).unwrap_err();
        assert!(
            matches!(error, StoreError::Integrity { seq: 10, .. }),
            "{set}: {error:?}"
        );
    }
}

#[test]
fn an_older_state_put_back_is_found_on_load() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    shell(&place.path, "CREATE TABLE kept AS SELECT * FROM runs");
    commit(&store, step(1, 1, "later")).unwrap();
    intrude(
        &place.path,
        "UPDATE runs SET (status, updated_at, wake, state) = \
         (SELECT status, updated_at, wake, state FROM kept)",
    );
    let error = store.load(run_id(1)).unwrap_err();
    assert!(
        matches!(error, StoreError::Integrity { seq: 3, .. }),
        "{error:?}"
    );
}

#[test]
fn a_removed_run_row_is_found_on_load() {
    let (place, _) = after("DELETE FROM runs WHERE key = 'PO-2'");
    let error = open(&place.path).load(run_id(2)).unwrap_err();
    assert!(matches!(error, StoreError::Integrity { .. }), "{error:?}");
}

#[test]
fn an_altered_packet_is_found_when_it_is_read() {
    for set in [
        "document = replace(document, '785000', '185000')",
        "status = 'open'",
        "due_at = 0",
        "flags = '[]'",
        "salt = zeroblob(16)",
        "seq = 3",
        "seq = 999",
    ] {
        let (place, _) = after(&format!("UPDATE packets SET {set}"));
        let error = open(&place.path).packet(packet_id(1)).unwrap_err();
        assert!(
            matches!(error, StoreError::Integrity { .. }),
            "{set}: {error:?}"
        );
    }
}

#[test]
fn an_older_packet_put_back_is_found_when_it_is_read() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    commit(&store, ask(1, 1)).unwrap();
    shell(&place.path, "CREATE TABLE kept AS SELECT * FROM packets");
    commit(&store, approve(1, 2)).unwrap();
    intrude(
        &place.path,
        "DELETE FROM packets; INSERT INTO packets SELECT * FROM kept",
    );
    let error = store.packet(packet_id(1)).unwrap_err();
    assert!(
        matches!(error, StoreError::Integrity { seq: 3, .. }),
        "{error:?}"
    );
    assert_eq!(verify(&store).first_bad_seq, Some(4));
}

#[test]
fn an_altered_effect_is_found_when_it_is_read() {
    for set in [
        "state = 'refused'",
        "minor = 1",
        "currency = 'EUR'",
        "digest = zeroblob(32)",
        "operation = 'PO-2'",
        "run = zeroblob(16)",
        "error = 'x'",
        "seq = 6",
    ] {
        let (place, _) = after(&format!("UPDATE effects SET {set}"));
        let error = open(&place.path).effect(effect_key(1)).unwrap_err();
        assert!(
            matches!(error, StoreError::Integrity { .. }),
            "{set}: {error:?}"
        );
    }
}

#[test]
fn removed_and_added_rows_are_found() {
    after("DELETE FROM packets");
    after("DELETE FROM effects");
    after(
        "INSERT INTO effects SELECT zeroblob(32), seq, run, step, tool, state, digest, operation, \
         minor, currency, attempt, updated_at, error, salt, NULL, NULL, NULL, NULL FROM effects",
    );
    after(
        "INSERT INTO packets SELECT 99, zeroblob(16), seq, run, workflow, status, due_at, flags, \
         salt, document, deadline FROM packets",
    );
    after("UPDATE packets SET deadline = 1");
    after("INSERT INTO checkpoints VALUES (5, zeroblob(32), 0)");
}

#[test]
fn an_altered_value_is_named() {
    let alter = "UPDATE event_values SET members = replace(members, 'Acme', 'Acne') WHERE seq = 3";
    assert_eq!(first_bad(alter), 3);
    assert_eq!(
        first_bad("UPDATE event_values SET salt = zeroblob(16) WHERE seq = 4"),
        4
    );
    let foreign = "INSERT INTO event_values SELECT 2, salt, members FROM event_values LIMIT 1";
    assert_eq!(first_bad(foreign), 2);
}

#[test]
fn destroyed_values_still_verify() {
    let place = given();
    intrude(&place.path, "DELETE FROM event_values WHERE seq = 3");
    intrude(
        &place.path,
        "UPDATE event_values SET members = json_remove(members, '$.set') WHERE seq = 4",
    );
    let store = open(&place.path);
    assert_whole(&store);
    let events = store.events(&EventFilter::default()).unwrap();
    assert_eq!(events[2].values, None);
    assert!(events[3].values.as_ref().unwrap().get("set").is_none());
}

#[test]
fn flipped_bits_are_found_or_change_nothing_that_is_read() {
    let place = given();
    let whole = std::fs::read(&place.path).unwrap();
    let reference = read_everything(&place.path).unwrap();
    let (mut found, mut dead) = (0, 0);
    // A fixed stride that is coprime to the page size walks all parts of all pages.
    for at in (100..whole.len()).step_by(601) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        std::fs::write(&place.path, &flipped).unwrap();
        match read_everything(&place.path) {
            Some(read) if read == reference => dead += 1,
            Some(read) => panic!("bit flip at {at} changed what is read: {read}"),
            None => found += 1,
        }
    }
    assert!(found > 10, "{found} found, {dead} in dead bytes");
}

/// Everything a verdict or an effect reads, as text; `None` once anything says that it is not
/// whole.
fn read_everything(path: &std::path::Path) -> Option<String> {
    let store = SqliteStore::open(path, OpenOptions::default()).ok()?;
    let report = store
        .verify(&mut |_, _| ())
        .ok()
        .filter(|report| report.ok)?;
    let states = [store.load(run_id(1)).ok()?, store.load(run_id(2)).ok()?];
    let packet = store.packet(packet_id(1)).ok()?;
    let effect = store.effect(effect_key(1)).ok()?;
    Some(format!("{report:?} {states:?} {packet:?} {effect:?}"))
}
