//! Effects whose outcome nobody knows: asked about, and settled by a person.

use serde_json::{Value, json};

use crate::world::{World, text};

/// An order whose answer was lost, at an ERP that answers no question about it.
fn in_question(world: &World, po_id: &str, arrived: bool) -> Value {
    let kind = if arrived { "reset_after" } else { "status_500" };
    world.fault(kind, 1, 0);
    world.fault("status_500", 3, 0);
    world.fault_on("erp", "find_order", "status_500", 1);
    let line = world.order(po_id, "Alpha Tech Systems", 10.0);
    assert_eq!(line["status"], "waiting", "{line}");
    line
}

fn unknown_key(world: &World) -> String {
    let list = world.one(&["effects", "list", "--state", "unknown"]);
    let [effect] = list.as_array().unwrap().as_slice() else {
        panic!("{list}");
    };
    text(&effect["idempotency_key"])
}

#[test]
fn an_unknown_outcome_is_a_packet_that_no_verdict_decides() {
    let world = World::new();
    let line = in_question(&world, "PO-1", true);
    let packet = text(&line["packet"]);
    let shown = world.one(&["packets", "show", &packet]);
    assert_eq!(shown["question"]["is"], "outcome");
    assert_eq!(shown["flags"][0]["code"], "outcome_unknown");
    let told = world.cs(&[
        "packets",
        "approve",
        &packet,
        "--digest",
        &text(&shown["digest"]),
    ]);
    assert_eq!((told.status, told.code().as_str()), (4, "asks_outcome"));
}

#[test]
fn every_try_is_told_with_what_the_target_said() {
    let world = World::new();
    let line = in_question(&world, "PO-5", true);
    let (packet, key) = (text(&line["packet"]), unknown_key(&world));
    let shown = world.one(&["packets", "show", &packet]);
    let tries = shown["tries"].as_array().unwrap();
    let kinds: Vec<_> = tries
        .iter()
        .map(|each| (text(&each["kind"]), text(&each["came"])))
        .collect();
    let pair = |kind: &str, came: &str| (kind.to_owned(), came.to_owned());
    assert_eq!(kinds[0], pair("asked", "no_answer"), "{tries:?}");
    assert_eq!(kinds.last(), Some(&pair("sent", "unknown")));
    assert_eq!(kinds.len(), 5, "four tries under one key, and the question");
    assert_eq!(
        world.one(&["effects", "show", &key])["tries"],
        shown["tries"]
    );
    for args in [["packets", "show", &packet], ["effects", "show", &key]] {
        let page = world.human(&args).output().unwrap();
        let page = String::from_utf8(page.stdout).unwrap();
        assert!(page.contains("WHAT WAS TRIED (newest first)"), "{page}");
        assert!(page.contains("asking erp.find_order failed: "), "{page}");
        assert!(page.contains(&key), "{page}");
    }
    world.one(&["effects", "probe", &key]);
    let tries = world.one(&["effects", "show", &key])["tries"].clone();
    assert_eq!(tries[0]["came"], "confirmed", "the same key again");
    assert_eq!(
        (&tries[1]["kind"], &tries[1]["came"]),
        (&json!("said"), &json!("ask_again"))
    );
}

#[test]
fn a_probe_finds_what_happened_and_nothing_is_sent_again() {
    let world = World::new();
    in_question(&world, "PO-2", true);
    let key = unknown_key(&world);
    let moved = world.one(&["effects", "probe", &key]);
    assert_eq!(
        (&moved["state"], &moved["run_status"]),
        (&json!("confirmed"), &json!("succeeded"))
    );
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn a_person_says_that_it_happened() {
    let world = World::new();
    let line = in_question(&world, "PO-3", true);
    let key = unknown_key(&world);
    let unsaid = world.cs(&["effects", "resolve", &key, "--outcome", "happened"]);
    assert_eq!(unsaid.status, 2);
    let resolve = [
        "effects",
        "resolve",
        &key,
        "--outcome",
        "happened",
        "--reason",
        "seen in the ERP",
    ];
    let moved = world.one(&resolve);
    assert_eq!(moved["state"], "confirmed");
    let run = world.one(&["runs", "show", &text(&line["run"])]);
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(world.orders().len(), 1);
    let again = world.cs(&resolve);
    assert_eq!(
        (again.status, again.code().as_str()),
        (4, "already_settled")
    );
    assert!(again.stderr.contains("said at"), "{}", again.stderr);
}

#[test]
fn a_person_says_that_it_did_not_and_it_is_sent_once() {
    let world = World::new();
    in_question(&world, "PO-4", false);
    let key = unknown_key(&world);
    let moved = world.one(&[
        "effects",
        "resolve",
        &key,
        "--outcome",
        "not-happened",
        "--reason",
        "the ERP was down",
    ]);
    assert_eq!(moved["run_status"], "succeeded");
    let orders = world.orders();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0]["idempotency_key"], key);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}
