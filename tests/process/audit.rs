//! The journal: list, head, verification, tampering.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use crate::world::World;

#[expect(
    clippy::disallowed_methods,
    reason = "a stranger who opens the file by other means"
)]
fn stranger(world: &World, sql: &str) -> usize {
    let connection = Connection::open(world.store()).unwrap();
    let triggers: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(
        connection
            .execute("UPDATE events SET body = body WHERE rowid = 1", [])
            .is_err()
    );
    assert!(
        connection
            .execute("DELETE FROM events WHERE rowid = 1", [])
            .is_err()
    );
    for (trigger, _) in &triggers {
        connection
            .execute(&format!("DROP TRIGGER \"{trigger}\""), [])
            .unwrap();
    }
    let changed = connection.execute(sql, []).unwrap();
    for (_, sql) in &triggers {
        connection.execute(sql, []).unwrap();
    }
    changed
}

#[test]
fn a_sound_journal_verifies_and_has_a_head() {
    let world = World::new();
    world.waiting("PO-1");
    let report = world.one(&["audit", "verify"]);
    let head = world.one(&["audit", "head"]);
    assert_eq!(
        (&report["ok"], &report["first_bad_seq"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(report["head"], head);
    assert_eq!(report["events"], head["size"]);
    let events = world.one(&["audit", "list"]);
    let events = events.as_array().unwrap();
    assert_eq!(json!(events.len()), head["size"]);
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], index + 1);
        if index > 0 {
            assert_eq!(event["prev_hash"], events[index - 1]["hash"]);
        }
    }
    assert_eq!(events.last().unwrap()["hash"], head["hash"]);
}

#[test]
fn an_altered_event_is_found() {
    let world = World::new();
    world.waiting("PO-2");
    let changed = stranger(
        &world,
        "UPDATE events SET body = replace(body, 'purchase-order', 'purchase-orders') WHERE kind = 'run_started'",
    );
    assert_eq!(changed, 1);
    let told = world.cs(&["audit", "verify"]);
    assert_eq!(told.status, 5, "{}", told.stdout);
    let report = told.json();
    assert_eq!(report["ok"], false);
    assert!(report["first_bad_seq"].as_u64().is_some(), "{report}");
    assert_eq!(told.stderr.lines().count(), 1, "{}", told.stderr);
}

#[test]
fn an_altered_packet_takes_no_verdict() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-3");
    let changed = stranger(
        &world,
        "UPDATE packets SET document = replace(document, '7850.00', '9850.00')",
    );
    assert_eq!(changed, 1);
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!((told.status, told.code().as_str()), (5, "integrity"));
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn a_head_kept_elsewhere_finds_an_older_copy_and_a_rewritten_tail() {
    let world = World::new();
    world.waiting("PO-4");
    let old_copy = fs::read(world.store()).unwrap();
    let head = world.dir.path().join("head.json");
    let keep = || fs::write(&head, world.cs(&["audit", "head"]).stdout).unwrap();
    keep();
    world.waiting("PO-5");
    let verify = ["audit", "verify", "--head", head.to_str().unwrap()];
    let later = world.one(&verify);
    assert_eq!(
        (&later["ok"], &later["head_matches"]),
        (&json!(true), &json!(true)),
        "it only grew"
    );
    keep();
    for beside in ["store.db-wal", "store.db-shm"] {
        drop(fs::remove_file(world.dir.path().join(beside)));
    }
    fs::write(world.store(), old_copy).unwrap();
    assert_eq!(
        world.cs(&["audit", "verify"]).status,
        0,
        "an older copy is sound in itself"
    );
    let told = world.cs(&verify);
    assert_eq!(told.status, 5, "{}", told.stdout);
    assert_eq!(told.json()["head_matches"], false);
    let accept = ["audit", "accept", "--reason", "Restored from a copy."];
    assert_eq!(world.cs(&accept).status, 0, "nothing starts before that");
    world.waiting("PO-6");
    world.waiting("PO-7");
    assert_eq!(world.cs(&verify).status, 5, "another event stands there");
    fs::write(&head, "{}").unwrap();
    assert_eq!(world.cs(&verify).code(), "bad_head");
}

#[test]
fn the_journal_is_filtered() {
    let world = World::new();
    let (run, _, _) = world.waiting("PO-8");
    world.waiting("PO-9");
    let list = |args: &[&str]| {
        let args = [&["audit", "list"], args].concat();
        world.one(&args).as_array().unwrap().clone()
    };
    let of_run = list(&["--run", &run]);
    assert!(of_run.iter().all(|event| event["run"] == run.as_str()) && of_run.len() > 3);
    assert_eq!(list(&["--kind", "run_started"]).len(), 2);
    assert_eq!(list(&["--limit", "2"]).len(), 2);
    assert_eq!(list(&["--since", "2099-01-01T00:00:00Z"]).len(), 0);
    let at = of_run[0]["at"].as_str().unwrap();
    assert!(
        list(&["--since", at])
            .iter()
            .any(|event| event["run"] == run.as_str())
    );
}
