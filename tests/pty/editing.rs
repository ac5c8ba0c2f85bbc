//! A packet edited by keys, and a run held by keys: what the person wrote is what is sent.

use serde_json::json;

use crate::outside::text;
use crate::world::World;

const SIZE: (u16, u16) = (140, 60);

#[test]
fn edit_and_approve_one() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    world.order("PO-2", "Nobody Knows Ltd", "20.00");
    let before = world.packet("PO-1");
    let mut terminal = world.console(SIZE);
    terminal.wait_text("10.00\u{a0}USD");
    terminal.keys("e");
    terminal.wait_text("▌amount");
    terminal.keys("end backspace backspace backspace backspace backspace");
    terminal.write("12.50");
    terminal.wait_text("+ amount  12.50");
    terminal.keys_until("ctrl-s", "write why");
    terminal.write("a typing error");
    terminal.keys_until("ctrl-s", "CHANGED  version 1 is now 2");
    let after = world.packet("PO-1");
    assert_eq!(after["version"], 2);
    assert_ne!(before["digest"], after["digest"]);
    let digest = text(&after["digest"]);
    let picture = terminal.wait_text(&format!("digest {}", &digest[..12]));
    assert!(
        picture.contains(r#"{"amount":"12.50","currency":"USD","po_id":"PO-1""#),
        "{picture}"
    );

    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.write("the new amount is right");
    terminal.keys("tab y");
    terminal.wait_gone("APPROVE");
    assert_eq!(world.orders_once(1), ["PO-1"], "the other one still waits");
    terminal.keys("q");
    assert!(terminal.wait_end().success());

    let sent = world.one(&["effects", "list", "--state", "confirmed"]);
    let sent = sent.as_array().unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0]["amount"],
        json!({"currency": "USD", "minor": 1_250})
    );
    let arrived = world.ledger();
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0]["minor"], 1_250);
    assert_eq!(arrived[0]["idempotency_key"], sent[0]["idempotency_key"]);
}

#[test]
fn pause_a_run_and_resume_it() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console(SIZE);
    terminal.wait_text("WHY YOU");
    terminal.keys("2");
    terminal.wait_text("FACTS");
    terminal.keys("p");
    terminal.wait_dialog("PAUSE");
    terminal.write("look closer");
    terminal.keys("tab y");
    terminal.wait_gone("PAUSE");
    terminal.wait_text("=  paused");
    let runs = world.one(&["runs", "list", "--status", "paused"]);
    assert_eq!(runs.as_array().unwrap().len(), 1);
    let run = text(&runs[0]["run"]);
    terminal.keys("P");
    terminal.wait_dialog("RESUME");
    terminal.write("it is fine");
    terminal.keys("tab y");
    terminal.wait_gone("RESUME");
    terminal.wait_text("?  waiting");
    terminal.keys("q");
    assert!(terminal.wait_end().success());
    let shown = world.one(&["runs", "show", &run]);
    assert_eq!(shown["status"], "waiting");
    assert!(world.orders().is_empty(), "nothing is sent by it");
}
