//! Notifications with a real terminal: the bell is one byte, and what was told is told once.

use std::fs::OpenOptions;
use std::io::Write as _;

use crate::terminal::Terminal;
use crate::world::World;

const SIZE: (u16, u16) = (100, 40);
const TOLD: &str = "Dead letter: purchase-order is stuck";

/// A store with one order that the ERP put off four times, which nobody was told.
fn parked(world: &World) {
    world.fault("status_503", 4);
    world.start("PO-1", "Alpha Tech Systems", "10.00");
}

fn bells(terminal: &Terminal) -> usize {
    let raw = terminal.raw();
    raw.split(|byte| *byte == 7).count() - 1
}

fn end(mut terminal: Terminal) -> usize {
    terminal.keys("q");
    assert!(terminal.wait_end().success());
    bells(&terminal)
}

#[test]
fn a_dead_letter_is_told_once_with_one_ring_and_never_again() {
    let world = World::new();
    parked(&world);
    let terminal = world.console(SIZE);
    terminal.wait_text(TOLD);
    // Another console on the same store, and one after it.
    let second = world.console(SIZE);
    second.wait_text("3 Dead 1");
    assert!(!second.picture().contains(TOLD), "{}", second.picture());
    assert_eq!(end(second), 0);
    assert_eq!(end(terminal), 1);
    let later = world.console(SIZE);
    later.wait_text("3 Dead 1");
    assert!(!later.picture().contains(TOLD), "{}", later.picture());
    assert_eq!(end(later), 0);
}

#[test]
fn a_bell_that_is_turned_off_is_silent_and_the_words_stand_all_the_same() {
    let world = World::new();
    let mut config = OpenOptions::new()
        .append(true)
        .open(world.config())
        .unwrap();
    writeln!(config, "\n[notifications]\nbell = false").unwrap();
    parked(&world);
    let terminal = world.console(SIZE);
    terminal.wait_text(TOLD);
    assert_eq!(end(terminal), 0);
}
