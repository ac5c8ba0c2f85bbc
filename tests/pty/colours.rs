//! Who wants no colours gets none.

use crate::bytes::{Control, controls};
use crate::terminal::Terminal;
use crate::world::World;

/// Sets a colour, be it the terminal's own.
fn colours(control: &Control) -> bool {
    let Control::Csi {
        parameters,
        last: 'm',
    } = control
    else {
        return false;
    };
    let numbers = parameters.split([';', ':']);
    let numbers: Vec<u8> = numbers.filter_map(|number| number.parse().ok()).collect();
    numbers
        .iter()
        .any(|number| matches!(number, 30..=49 | 58 | 59 | 90..=107))
}

/// Goes over every screen and some of what lies on them.
fn walk(terminal: &mut Terminal) -> Vec<u8> {
    terminal.wait_text("WHY YOU");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.keys("esc j 2");
    terminal.wait_text("STATUS");
    terminal.keys("5");
    terminal.wait_text("Journal");
    terminal.keys("C");
    terminal.wait_text("chain verified");
    terminal.keys("? esc q");
    assert!(terminal.wait_end().success());
    terminal.raw()
}

#[test]
fn no_colour_means_none_at_all() {
    let world = World::new();
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let mut plain = world.console_with((100, 40), &[("NO_COLOR", "1")]);
    let raw = walk(&mut plain);
    let coloured: Vec<Control> = controls(&raw).into_iter().filter(colours).collect();
    assert!(coloured.is_empty(), "{coloured:?}");
    let mut coloured = world.console((100, 40));
    let raw = walk(&mut coloured);
    assert!(controls(&raw).iter().any(colours), "colours are recognised");
}
