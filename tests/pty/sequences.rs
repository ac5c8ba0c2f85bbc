//! Only the console's own sequences reach the terminal, whatever the data says.

use crate::bytes::{Control, controls};
use crate::world::World;

/// Modes the console sets and takes back: cursor, alternate screen, marked pastes, whole frames.
const MODES: [&str; 4] = ["?25", "?1049", "?2004", "?2026"];

fn is_ours(control: &Control) -> bool {
    let numbers = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ';');
    match control {
        Control::Csi { parameters, last } => match last {
            'h' | 'l' => MODES.contains(&parameters.as_str()),
            // The place of the cursor, looks, what is erased.
            'H' | 'm' | 'J' | 'K' => numbers(parameters),
            _ => false,
        },
        Control::Text(_) | Control::Escape(_) | Control::Character(_) => false,
    }
}

#[test]
fn hostile_data_reaches_the_terminal_as_tokens_alone() {
    let world = World::new();
    let vendor = "Evil\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}Ltd\r\n";
    world.order("PO-\u{1b}[5n1", vendor, "10.00");
    let mut terminal = world.console((100, 40));
    terminal.wait_text("<U+001B>");
    terminal.wait_text("WHY YOU");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    terminal.keys("esc tab space space esc");
    terminal.keys("? esc : esc 2 5");
    terminal.wait_text("Journal");
    terminal.keys("C");
    terminal.wait_text("chain verified");
    terminal.keys("enter z space space space esc T");
    terminal.resize(60, 20);
    terminal.keys("1");
    terminal.wait_text("RISK");
    terminal.keys("ctrl-l q");
    assert!(terminal.wait_end().success());
    let raw = terminal.raw();
    let found = controls(&raw);
    assert!(found.len() > 20, "the output was read: {found:?}");
    let foreign: Vec<&Control> = found.iter().filter(|control| !is_ours(control)).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn what_is_not_ours_is_found() {
    for foreign in [
        "\u{1b}[5n",
        "\u{1b}]0;t\u{7}",
        "\u{1b}[?1000h",
        "\u{1b}c",
        "\u{7}",
        "\u{1b}[6n",
    ] {
        let found = controls(foreign.as_bytes());
        assert!(found.iter().any(|control| !is_ours(control)), "{foreign:?}");
    }
}
