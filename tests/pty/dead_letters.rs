//! Dead letters redriven and discarded with real keys; the ledger of the ERP has the last word.

use crate::terminal::Terminal;
use crate::world::World;

const SIZE: (u16, u16) = (100, 40);

/// The screen of dead letters over one order that the ERP puts off four times.
fn parked(world: &World) -> Terminal {
    world.fault("status_503", 4);
    world.start("PO-1", "Alpha Tech Systems", "10.00");
    let mut terminal = world.console(SIZE);
    terminal.wait_text("3 Dead 1");
    terminal.keys("3");
    terminal.wait_text("CAUSE");
    terminal
}

#[test]
fn a_dead_letter_is_redriven_once() {
    let world = World::new();
    let mut terminal = parked(&world);
    assert!(world.orders().is_empty());
    terminal.keys("R");
    terminal.wait_text("SEND this effect");
    terminal.wait_dialog("REDRIVE  dead letter");
    terminal.keys("enter");
    terminal.wait_gone("REDRIVE  dead letter");
    assert!(world.orders().is_empty());
    terminal.keys("R");
    terminal.wait_text("SEND this effect");
    terminal.wait_dialog("REDRIVE  dead letter");
    terminal.keys("tab y");
    terminal.wait_text("is recovered");
    assert_eq!(world.orders(), ["PO-1"]);
    terminal.keys("q");
    terminal.wait_end();
    terminal.assert_given_back();
}

#[test]
fn a_dead_letter_is_discarded_with_its_reason_and_nothing_is_sent() {
    let world = World::new();
    let mut terminal = parked(&world);
    let letters = world.one(&["dead-letters", "list"]);
    let id = letters[0]["dead_letter"].as_str().unwrap();
    terminal.keys("X");
    terminal.wait_dialog("DISCARD");
    terminal.write("nobody wants it");
    terminal.keys("tab");
    terminal.write(&id[id.len() - 4..]);
    terminal.keys("tab tab y");
    terminal.wait_text("is discarded; its run is failed");
    assert!(world.orders().is_empty());
    let letters = world.one(&["dead-letters", "list"]);
    assert_eq!(letters[0]["status"], "discarded");
    assert_eq!(letters[0]["reason"], "nobody wants it");
    terminal.keys("q");
    terminal.wait_end();
}
