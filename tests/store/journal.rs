//! What is written is what is read, and nobody changes it by SQL.

use countersign::domain::{ActorKind, Digest, EffectState, PacketStatus};
use countersign::engine::Authority;
use countersign::store::{EffectFilter, EventFilter, Store, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::given::{
    NOW, approve, ask, assert_whole, command, commit, confirm, effect_key, intend, open, packet,
    packet_id, place, run_id, start, started, state, step,
};
use crate::samples;

#[test]
fn an_empty_journal_has_size_0_and_the_zero_hash() {
    let place = place();
    let head = open(&place.path).head().unwrap();
    assert_eq!((head.size, head.hash), (0, Digest::ZERO));
}

#[test]
fn every_event_variant_comes_back_as_it_was() {
    let place = place();
    let store = open(&place.path);
    let mut events = vec![started(1)];
    events.extend(samples::every_event());
    let mut sent = command(0, state(1), events);
    sent.fence = store.take_lease(NOW).unwrap();
    let committed = commit(&store, sent.clone()).unwrap();
    // The journal's own first event and that of the lease stand before them.
    assert_eq!(committed.seq, sent.events.len() as u64 + 2);

    let filter = EventFilter {
        run: Some(run_id(1)),
        ..EventFilter::default()
    };
    let stored = store.events(&filter).unwrap();
    let back: Vec<_> = stored
        .iter()
        .map(|event| event.recorded().unwrap().unwrap())
        .collect();
    assert_eq!(back, sent.events);
    assert_eq!(store.load(run_id(1)).unwrap().unwrap(), *sent.after);
    assert_eq!(store.run(run_id(1)).unwrap().unwrap(), sent.rows.run);
    assert_whole(&store);
}

#[test]
fn the_body_holds_commitments_and_no_values() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let stored = store.events(&EventFilter::default()).unwrap();
    let body = stored[1].body.to_string();
    assert!(!body.contains("Acme"), "{body}");
    // The input, the state, the salt, and the business key, which is a value of the input.
    assert_eq!(stored[1].body["commitments"].as_object().unwrap().len(), 4);
    assert!(stored[1].values.as_ref().unwrap()["state"]["vendor"] == "Acme");
    assert_eq!(stored[0].kind, "store_created");
    assert_eq!(stored[0].recorded().unwrap(), None);
}

#[test]
fn a_persons_authority_is_in_the_body() {
    let place = place();
    let store = open(&place.path);
    let person = Authority {
        kind: ActorKind::Person,
        name: "alice".to_owned(),
        os_user: Some("root".to_owned()),
        claimed: true,
    };
    let mut sent = start(1);
    sent.events[0].actor = person.clone();
    commit(&store, sent).unwrap();
    let stored = store.events(&EventFilter::default()).unwrap().remove(1);
    assert_eq!(stored.actor, "alice");
    assert_eq!(stored.body["authority"]["os_user"], "root");
    assert_eq!(stored.recorded().unwrap().unwrap().actor, person);
}

#[test]
fn packets_and_effects_come_back_as_they_were_last_written() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    commit(&store, ask(1, 1)).unwrap();
    let open_packet = packet(1, PacketStatus::Open);
    assert_eq!(store.packet(packet_id(1)).unwrap().unwrap(), open_packet);
    commit(&store, approve(1, 2)).unwrap();
    let approved = packet(1, PacketStatus::Approved);
    assert_eq!(store.packet(packet_id(1)).unwrap().unwrap(), approved);

    let fence = store.take_lease(NOW).unwrap();
    commit(&store, intend(1, 3, fence)).unwrap();
    let effect = |store: &dyn Store| store.effect(effect_key(1)).unwrap().unwrap();
    assert_eq!(effect(&store).state, EffectState::Intent);
    commit(&store, confirm(1, 4)).unwrap();
    assert_eq!(effect(&store).state, EffectState::Confirmed);
    let of_run = EffectFilter {
        run: Some(run_id(1)),
        ..EffectFilter::default()
    };
    assert_eq!(store.effects(&of_run).unwrap(), vec![effect(&store)]);
    assert_whole(&store);
}

#[test]
fn events_refuse_update_delete_and_replacement() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let conn = Connection::open_with_flags(&place.path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    for sql in [
        "UPDATE events SET body = body WHERE rowid = 1",
        "DELETE FROM events WHERE seq = 2",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 2",
        "INSERT INTO events SELECT 9, run, 9, at, actor, kind, version, body, prev_hash, hash \
         FROM events WHERE seq = 2",
    ] {
        let error = conn.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
    assert_whole(&store);
}

#[test]
fn a_reopened_store_goes_on_where_it_was() {
    let place = place();
    let first = open(&place.path);
    commit(&first, start(1)).unwrap();
    let head = first.head().unwrap();
    drop(first);
    let second = open(&place.path);
    assert_eq!(second.head().unwrap(), head);
    assert_eq!(second.load(run_id(1)).unwrap().unwrap().seq, 1);
    let committed = commit(&second, step(1, 1, "later")).unwrap();
    assert_eq!(committed.seq, head.size + 1);
    assert_whole(&second);
}

#[test]
fn dropping_the_store_writes_what_is_queued() {
    let place = place();
    let store = open(&place.path);
    let acks = store.commit((1..=600).map(start).collect());
    drop(store);
    for ack in acks {
        ack.blocking_recv().unwrap().unwrap();
    }
    assert_eq!(assert_whole(&open(&place.path)), 601);
}

#[test]
fn a_definition_is_registered_once_and_bound() {
    let place = place();
    let store = open(&place.path);
    let digest = Digest::of(b"po");
    let bundle = serde_json::json!({"workflow": "purchase-order", "steps": {}});
    let register = || {
        store.register_definition(
            &"purchase-order".into(),
            digest,
            &bundle,
            NOW,
            &crate::given::system(),
        )
    };
    register().unwrap();
    register().unwrap();
    assert_eq!(store.definition(digest).unwrap(), Some(bundle.clone()));
    assert_eq!(
        store.definitions().unwrap(),
        vec![("purchase-order".into(), digest, NOW)]
    );
    assert_eq!(store.head().unwrap().size, 2);
    assert_whole(&store);
    crate::given::intrude(
        &place.path,
        "UPDATE definitions SET bundle = replace(bundle, 'purchase', 'perchase')",
    );
    let error = store.definition(digest).unwrap_err();
    assert!(
        matches!(error, StoreError::Integrity { seq: 2, .. }),
        "{error}"
    );
    assert!(!crate::given::verify(&store).ok);
}

#[test]
fn a_closed_store_is_one_file_beside_its_lock() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    store.load(run_id(1)).unwrap().unwrap();
    store.data_version().unwrap();
    drop(store);
    let names: Vec<_> = std::fs::read_dir(place.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["store.db"]);
}
