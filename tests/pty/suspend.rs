//! ctrl-z: calls in flight finish, the lease goes back, the shell gets the terminal, and `fg` brings
//! everything back.

use crate::terminal::Terminal;
use crate::world::World;

const SIZE: (u16, u16) = (100, 40);

/// Approves the one packet; its order is committed late.
fn approve(world: &World, terminal: &mut Terminal, delay_ms: u32) {
    world.delay(delay_ms);
    terminal.wait_text("WHY YOU");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.write("checked by phone");
    terminal.keys("tab y");
    terminal.wait_gone("APPROVE");
}

#[test]
fn the_shell_gets_the_terminal_and_others_the_lease() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.shell(SIZE);
    terminal.wait_text("● live");
    assert!(world.executes());
    terminal.keys("ctrl-z");
    terminal.wait_text("the shell is back");
    terminal.wait_for("the shell's screen", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    });
    assert!(!world.executes(), "the lease was handed back");
    world.order("PO-2", "Nobody Knows Ltd", "20.00");
    terminal.send(b"\n");
    let picture = terminal.wait_text("PO-2");
    assert!(picture.contains("1 Queue 2"), "{picture}");
    terminal.wait_text("● live");
    assert!(world.executes());
    terminal.keys("q");
    terminal.wait_text("it ended: 0");
    terminal.wait_end();
    terminal.assert_given_back();
}

#[test]
fn a_stopped_console_that_is_continued_from_outside_is_whole() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console(SIZE);
    terminal.wait_text("WHY YOU");
    // It leads its session: no shell could continue it, so the system does not stop it.
    terminal.keys("ctrl-z");
    terminal.wait_gone("WHY YOU");
    terminal.signal(rustix::process::Signal::CONT);
    terminal.wait_text("WHY YOU");
    terminal.wait_text("● live");
    terminal.keys("5");
    terminal.wait_text("Journal");
    terminal.keys("q");
    assert!(terminal.wait_end().success());
    terminal.assert_given_back();
}

#[test]
fn a_call_in_flight_is_waited_for_with_a_word() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.shell(SIZE);
    approve(&world, &mut terminal, 3_000);
    terminal.keys("ctrl-z");
    terminal.wait_text("finishing 1 call before suspending");
    terminal.wait_text("the shell is back");
    assert!(!world.executes());
    assert_eq!(world.orders(), ["PO-1"], "what was begun has its outcome");
    terminal.send(b"\n");
    terminal.wait_text("● live");
    terminal.keys("q");
    terminal.wait_text("it ended: 0");
    assert_eq!(world.orders_once(1), ["PO-1"]);
}

#[test]
fn esc_goes_on_instead() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console(SIZE);
    approve(&world, &mut terminal, 4_000);
    terminal.keys("ctrl-z");
    terminal.wait_text("finishing 1 call before suspending");
    // Nothing else is heard meanwhile.
    terminal.keys("q 5 esc");
    let picture = terminal.wait_text("not suspended");
    assert!(
        picture.contains("▌") && !picture.contains("Journal"),
        "{picture}"
    );
    assert!(world.executes());
    terminal.keys("2");
    terminal.wait_text("1 succeeded");
    assert_eq!(world.orders(), ["PO-1"]);
    terminal.keys("q");
    assert!(terminal.wait_end().success());
    terminal.assert_given_back();
}
