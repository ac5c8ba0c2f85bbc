//! Dead letters: listed, looked at, tried out, redriven, discarded.

use serde_json::{Value, json};

use crate::world::{World, text};

/// An order of 10.00 that the ERP puts off four times.
fn parked(world: &World, po_id: &str) -> Value {
    world.fault("status_503", 4, 0);
    let line = world.order(po_id, "Alpha Tech Systems", 10.0);
    assert_eq!(line["status"], "dead_lettered", "{line}");
    line
}

fn open_letters(world: &World) -> Vec<Value> {
    let list = world.one(&["dead-letters", "list", "--status", "open"]);
    list.as_array().unwrap().clone()
}

#[test]
fn a_dead_letter_is_shown_tried_out_and_redriven_once() {
    let world = World::new();
    let line = parked(&world, "PO-1");
    let letters = open_letters(&world);
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}");
    };
    assert_eq!(letter["run"], line["run"]);
    assert_eq!(
        (&letter["step"], &letter["attempts"], &letter["status"]),
        (&json!("commit"), &json!(4), &json!("open"))
    );
    assert_eq!(letter["error"]["code"], "status_503");
    assert_eq!(letter["input"]["po_id"], "PO-1");
    let id = text(&letter["dead_letter"]);

    let shown = world.one(&["dead-letters", "show", &id]);
    let call = &shown["last_call"];
    assert_eq!(call["tool"], "erp.commit_order");
    assert!(text(&call["request"]["body"]).contains("PO-1"), "{call}");
    assert!(text(&call["failure"]).contains("503"), "{call}");

    tried_out(&world, &id);
    let moved = world.one(&[
        "dead-letters",
        "redrive",
        &id,
        "--reason",
        "the ERP is back",
    ]);
    assert_eq!(
        (&moved["dead_letter"], &moved["run_status"]),
        (&json!(id), &json!("succeeded"))
    );
    assert_eq!(world.orders().len(), 1);
    assert_eq!(open_letters(&world), Vec::<Value>::new());
    let again = world.cs(&["dead-letters", "redrive", &id]);
    assert_eq!((again.status, again.code().as_str()), (4, "letter_closed"));
    assert_eq!(world.orders().len(), 1);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

fn tried_out(world: &World, id: &str) {
    let preview = world.one(&["dead-letters", "redrive", id, "--dry-run"]);
    assert_eq!(
        (&preview["would"], &preview["approval"]),
        (&json!("send"), &json!("not_needed"))
    );
    assert_eq!(preview["effect"]["arguments"]["po_id"], "PO-1");
    assert_eq!(preview["probe"]["found"], false);
    assert_eq!(preview["newer_definition"], false);
    assert_eq!(open_letters(world).len(), 1, "a dry run changes nothing");
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn an_edit_is_judged_before_it_is_sent() {
    let world = World::new();
    parked(&world, "PO-2");
    let id = text(&open_letters(&world)[0]["dead_letter"]);
    let edit = ["dead-letters", "redrive", &id, "--set", "amount=6000.00"];
    let preview = world.one(&[&edit[..], &["--dry-run"]].concat());
    assert_eq!(
        (&preview["would"], &preview["approval"]),
        (&json!("open_packet"), &json!("needed"))
    );
    let unsaid = world.cs(&edit);
    assert_eq!((unsaid.status, unsaid.code().as_str()), (2, "no_reason"));
    let bad = world.cs(&[
        "dead-letters",
        "redrive",
        &id,
        "--set",
        "amount=-1",
        "--reason",
        "typo",
    ]);
    assert_eq!((bad.status, bad.code().as_str()), (4, "invalid_edit"));
    let moved = world.one(&[&edit[..], &["--reason", "typo"]].concat());
    assert_eq!(moved["run_status"], "waiting");
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn many_are_redriven_at_once_each_with_its_own_result() {
    let world = World::new();
    for po_id in ["PO-3", "PO-4", "PO-5"] {
        parked(&world, po_id);
    }
    let old = open_letters(&world);
    world.fault("status_503", 4, 0);
    let told = world.cs(&["dead-letters", "redrive", "--error", "status_503"]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    let results = told.json();
    let statuses = |status: &str| {
        let results = results.as_array().unwrap().iter();
        results
            .filter(|moved| moved["run_status"] == status)
            .count()
    };
    // The four faults fall on whichever runs ask first.
    let (done, again) = (statuses("succeeded"), statuses("dead_lettered"));
    assert_eq!(done + again, 3, "{results}");
    assert!(done >= 2, "{results}");
    assert_eq!(world.orders().len(), done);
    let open = open_letters(&world);
    assert_eq!(
        open.len(),
        again,
        "what failed again is a dead letter again"
    );
    assert!(open.iter().all(|letter| !old.contains(letter)));
    assert_eq!(world.cs(&["dead-letters", "redrive"]).status, 2);
}

/// Three orders are done, and the CRM, which keeps no keys, turned the deal away.
fn parked_after_three_orders(world: &World) -> (String, String) {
    let file = std::env::current_dir()
        .unwrap()
        .join("tests/process/saga.yaml");
    let row = json!({ "po_id": "PO-8" }).to_string();
    let file = file.to_str().unwrap();
    let told = world.fed(&["start", file, "--input", "-"], row.as_bytes());
    let packet = text(&told.lines().remove(0)["packet"]);
    world.fault_on("crm", "*", "status_503", 9);
    let digest = text(&world.one(&["packets", "show", &packet])["digest"]);
    let moved = world.one(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(moved["run_status"], "dead_lettered", "{moved}");
    (
        text(&open_letters(world)[0]["dead_letter"]),
        text(&moved["run"]),
    )
}

#[test]
fn a_discard_tells_what_it_would_undo_and_what_became_of_it() {
    let world = World::new();
    let (id, run) = parked_after_three_orders(&world);
    let told = world.one(&["dead-letters", "discard", &id, "--dry-run"]);
    assert_eq!(told["run_status"], "compensating");
    let operations: Vec<_> = told["undoes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| text(&effect["undone_by"]))
        .collect();
    assert_eq!(operations, vec!["erp.cancel_order"; 3]);
    assert_eq!(told["stays"], json!([]));
    let plain = world.human(&["dead-letters", "discard", &id, "--dry-run"]);
    let plain = { plain }.output().unwrap().stdout;
    let plain = String::from_utf8(plain).unwrap();
    let line = "would undo   erp.commit_order for third, 30.00 USD, by erp.cancel_order\n";
    assert!(plain.contains(line), "{plain}");
    // Nothing was changed by that.
    assert_eq!(open_letters(&world).len(), 1);

    let moved = world.one(&["dead-letters", "discard", &id, "--reason", "Not wanted."]);
    assert_eq!(
        (&moved["run"], &moved["run_status"]),
        (&json!(run), &json!("failed"))
    );
    let states: Vec<_> = moved["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| (text(&effect["tool"]), text(&effect["state"])))
        .collect();
    let count = |tool: &str, state: &str| {
        let wanted = (tool.to_owned(), state.to_owned());
        states.iter().filter(|known| **known == wanted).count()
    };
    assert_eq!(count("erp.commit_order", "compensated"), 3, "{states:?}");
    assert_eq!(count("erp.cancel_order", "confirmed"), 3, "{states:?}");
    assert_eq!(count("crm.update_deal", "blocked"), 1, "{states:?}");
    let again = world.cs(&["dead-letters", "discard", &id, "--dry-run"]);
    assert_eq!((again.status, again.code().as_str()), (4, "letter_closed"));
}

#[test]
fn a_discarded_letter_fails_its_run_and_sends_nothing() {
    let world = World::new();
    let line = parked(&world, "PO-6");
    let id = text(&open_letters(&world)[0]["dead_letter"]);
    assert_eq!(world.cs(&["dead-letters", "discard", &id]).status, 2);
    let moved = world.one(&["dead-letters", "discard", &id, "--reason", "ordered twice"]);
    assert_eq!(moved["run_status"], "failed");
    let run = world.one(&["runs", "show", &text(&line["run"])]);
    assert_eq!(
        run["error"],
        json!({"code": "discarded", "message": "ordered twice"})
    );
    let closed = world.one(&["dead-letters", "list", "--status", "discarded"]);
    assert_eq!(closed[0]["reason"], "ordered twice");
    assert_eq!(world.orders().len(), 0);
    let unknown = world.cs(&[
        "dead-letters",
        "show",
        "01a1fffa-225f-7334-a006-019b5063c544",
    ]);
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (3, "no_such_dead_letter")
    );
}
