//! Signals end the console in order.

use rustix::process::Signal;

use crate::world::World;

fn ends_well(signal: Signal) {
    let world = World::new();
    world.order("PO-1", "Alpha Tech Systems", "7850.00");
    let mut terminal = world.console((80, 24));
    terminal.wait_text("PO-1");
    terminal.signal(signal);
    terminal.wait_end();
    terminal.assert_given_back();
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn sigterm_gives_the_terminal_back() {
    ends_well(Signal::TERM);
}

#[test]
fn a_hangup_gives_the_terminal_back() {
    ends_well(Signal::HUP);
}

#[test]
fn an_interrupt_from_outside_gives_the_terminal_back() {
    ends_well(Signal::INT);
}
