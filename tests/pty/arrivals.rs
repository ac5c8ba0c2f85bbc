//! What another process does shows without a key.

use crate::world::World;

#[test]
fn a_new_packet_appears_and_a_decided_one_leaves() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console((80, 24));
    terminal.wait_text("PO-1");
    world.order("PO-2", "Nobody Knows Ltd", "20.00");
    let picture = terminal.wait_text("PO-2");
    assert!(picture.contains("1 Queue 2"), "{picture}");
    world.decide("reject", "PO-2", &["--reason", "not ours"]);
    terminal.wait_gone("PO-2");
    terminal.keys("5");
    terminal.wait_text("vote_cast");
    let before = terminal.wait_text("Journal");
    world.order("PO-3", "Nobody Knows Ltd", "30.00");
    let picture = terminal.wait_text("new ↑ (gg)");
    assert_eq!(
        cursor(&before),
        cursor(&picture),
        "the cursor stays where it was"
    );
}

/// The row under the cursor.
fn cursor(picture: &str) -> &str {
    let row = picture.lines().find(|line| line.contains('▌'));
    row.unwrap_or_else(|| panic!("{picture}"))
}
