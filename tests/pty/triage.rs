//! Packets decided with real keys; the ledger of the ERP has the last word.

use crate::terminal::Terminal;
use crate::world::World;

const SIZE: (u16, u16) = (100, 40);

/// Puts the cursor on the one packet of this name.
fn find(terminal: &mut Terminal, filter: &str, name: &str) {
    terminal.keys("/");
    terminal.wait_text("enter keeps it");
    terminal.write(filter);
    terminal.keys("enter");
    terminal.wait_text("1 of 1");
    // The packet is read after the row is under the cursor.
    terminal.wait_for(name, |screen| {
        let picture = screen.contents();
        picture
            .lines()
            .any(|line| line.starts_with('┌') && line.contains(name))
    });
}

/// Reads the packet to its end, as far as the dialog asks for it.
fn read(terminal: &mut Terminal) {
    terminal.keys("tab");
    while !terminal.picture().contains("read 7/7") {
        let before = terminal.picture();
        terminal.keys("space");
        terminal.wait_for("another part of the packet", |screen| {
            screen.contents() != before
        });
    }
    terminal.keys("esc");
}

#[test]
fn three_packets_are_decided_and_only_the_approved_are_sent() {
    let world = World::demo();
    let mut terminal = world.console(SIZE);
    terminal.wait_text("!! HIGH");
    let before = world.orders();

    find(&mut terminal, "tier:elevated 35780", "SCMS-35780");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.write("checked by phone");
    terminal.keys("tab y");
    terminal.wait_gone("APPROVE");
    terminal.keys("esc");

    find(&mut terminal, "tier:elevated 24590", "SCMS-24590");
    terminal.keys("k r");
    terminal.wait_dialog("REJECT");
    terminal.write("nobody knows this vendor");
    terminal.keys("tab y");
    terminal.wait_gone("REJECT");
    terminal.keys("esc");

    find(&mut terminal, "2026-9901", "PO-2026-9901");
    terminal.keys("k");
    read(&mut terminal);
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.write("signed on paper");
    terminal.keys("tab");
    terminal.write("7850.00");
    terminal.keys("tab y");
    terminal.wait_gone("APPROVE");

    let after = world.orders_once(before.len() + 2);
    let new: Vec<&String> = after
        .iter()
        .filter(|order| !before.contains(order))
        .collect();
    assert_eq!(new, ["PO-2026-9901", "SCMS-35780"]);
    assert_eq!(after.len(), before.len() + 2, "each of them once");
    terminal.keys("q");
    terminal.wait_end();
    terminal.assert_given_back();
}

#[test]
fn typing_too_early_and_pasting_decide_nothing() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console(SIZE);
    terminal.wait_text("PO-1");
    terminal.wait_text("WHY YOU");
    terminal.send(b"\x1b[200~ay\ry\ry\r\x1b[201~");
    terminal.wait_text("pasted text is ignored here");
    terminal.send(b"ayyyyyyyyyy");
    // Keys right behind it may still be taken for a part of it, and then say so.
    for _ in 0..100 {
        terminal.keys("j");
        if !terminal.picture().contains("pasted text") {
            break;
        }
    }
    // On a slow machine the key may still come together with those before it.
    for _ in 0..50 {
        terminal.keys("a");
        std::thread::park_timeout(std::time::Duration::from_millis(200));
        if terminal.picture().contains("APPROVE") {
            break;
        }
    }
    terminal.wait_dialog("APPROVE");
    terminal.keys("enter space enter esc");
    terminal.wait_gone("APPROVE");
    let open = world.one(&["packets", "list"]);
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert!(world.orders().is_empty());
}
