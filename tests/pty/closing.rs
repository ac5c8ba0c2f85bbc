//! A window that is closed hangs up: everything ends in order, with nobody to tell.

use std::time::Duration;

use crate::world::World;

/// The console is idle: it has nothing to wait for.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn a_closed_window_ends_the_console_well_and_frees_the_lease() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut terminal = world.console((80, 24));
    terminal.wait_text("WHY YOU");
    terminal.wait_text("● live");
    assert!(world.executes());
    let status = terminal.close(SOON).expect("an end without a window");
    assert!(status.success(), "{status}");
    assert!(!world.executes());
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}
