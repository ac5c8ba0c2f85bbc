//! Somebody else was faster: nothing is decided on what is no longer so.

use crate::terminal::Terminal;
use crate::world::World;

/// A console with the dialog of the one packet open, ready to approve.
fn about_to_approve(world: &World) -> Terminal {
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console((100, 40));
    terminal.wait_text("WHY YOU");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.write("looks fine");
    terminal.keys("tab");
    terminal
}

#[test]
fn an_amended_packet_is_not_approved_as_it_was() {
    let world = World::new();
    let mut terminal = about_to_approve(&world);
    world.decide(
        "amend",
        "PO-1",
        &["--set", "amount=99.00", "--reason", "typo"],
    );
    let picture = terminal.wait_text("changed while you looked");
    assert!(picture.contains("- amount  10.00\u{a0}USD"), "{picture}");
    assert!(picture.contains("+ amount  99.00\u{a0}USD"), "{picture}");
    terminal.keys("y enter");
    terminal.wait_gone("changed while you looked");
    assert_eq!(world.packet("PO-1")["version"], 2, "it still waits");
    assert!(world.orders().is_empty());
}

#[test]
fn the_loser_of_a_race_is_told_who_won() {
    let world = World::new();
    let mut terminal = about_to_approve(&world);
    world.decide("reject", "PO-1", &["--reason", "not ours"]);
    terminal.wait_text("was first");
    terminal.keys("y enter");
    terminal.wait_gone("was first");
    assert!(world.orders().is_empty());
    let rejected = world.one(&["packets", "list", "--status", "rejected"]);
    assert_eq!(
        rejected.as_array().unwrap().len(),
        1,
        "the first one counts"
    );
}
