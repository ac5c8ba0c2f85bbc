//! The person's own editor gets the terminal and its ctrl-c; the console comes back whatever
//! becomes of it.

use crate::terminal::Terminal;
use crate::world::World;

/// A console on one order with its form open and this script for an editor, which was just started.
fn opened(world: &World, script: &str) -> Terminal {
    let mut terminal = form(world, &world.editor(script));
    terminal.keys("f4");
    terminal
}

fn form(world: &World, editor: &str) -> Terminal {
    world.order("PO-1", "Nobody Knows Ltd", "10.00");
    let home = world.home().to_str().unwrap();
    let mut terminal = world.console_with((100, 40), &[("EDITOR", editor), ("TMPDIR", home)]);
    terminal.wait_text("WHY YOU");
    terminal.keys("e");
    terminal.wait_text("ctrl-s");
    terminal.wait_text("Nobody Knows Ltd");
    terminal
}

/// Leaves the form and the console, which must be whole.
fn leave(world: &World, mut terminal: Terminal) {
    let raw = terminal.raw();
    let raw = String::from_utf8_lossy(&raw);
    let (_, after) = raw.rsplit_once("\u{1b}[?1049h").unwrap();
    assert!(after.contains("\u{1b}[?2004h"), "pastes are marked again");
    terminal.keys("esc");
    terminal.wait_text("WHY YOU");
    terminal.keys("q");
    let end = terminal.wait_for("the end or a question", |screen| {
        !screen.alternate_screen() || screen.contents().contains("END THE CONSOLE?")
    });
    if end.contains("END THE CONSOLE?") {
        terminal.wait_dialog("END THE CONSOLE?");
        terminal.keys("tab y");
    }
    let status = terminal.wait_end();
    assert!(status.success(), "{status}");
    terminal.assert_given_back();
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn its_ctrl_c_is_the_editors_and_the_console_goes_on() {
    let world = World::new();
    let script = r#"
        trap ': > "$HOME/interrupted"' INT
        trap ': > "$HOME/quitted"' QUIT
        echo THE-EDITOR-IS-UP
        while [ ! -e "$HOME/quitted" ]; do sleep 0.05; done
        sed -i 's/10\.00/77.00/' "$1"
    "#;
    let mut terminal = opened(&world, script);
    terminal.wait_text("THE-EDITOR-IS-UP");
    terminal.keys("ctrl-c");
    let interrupted = world.home().join("interrupted");
    terminal.wait_file(&interrupted);
    assert!(terminal.picture().contains("THE-EDITOR-IS-UP"));
    terminal.keys("ctrl-c");
    terminal.send(b"\x1c");
    let picture = terminal.wait_text("taken over from the editor");
    assert!(picture.contains("77.00"), "{picture}");
    leave(&world, terminal);
}

#[test]
fn an_editor_that_ctrl_c_ends_leaves_the_console_where_it_was() {
    let world = World::new();
    let mut terminal = opened(&world, "echo THE-EDITOR-IS-UP; exec sleep 60");
    terminal.wait_text("THE-EDITOR-IS-UP");
    terminal.keys("ctrl-c");
    let picture = terminal.wait_text("was ended by signal 2");
    assert!(picture.contains("nothing was changed"), "{picture}");
    leave(&world, terminal);
}

#[test]
fn an_editor_that_is_killed_leaves_a_usable_terminal_and_its_text() {
    let world = World::new();
    let script = r#"
        echo changed >> "$1"
        stty raw -echo -isig
        printf '\033[?1000h\033[?1049h\033[5;9r'
        kill -9 $$
    "#;
    let terminal = opened(&world, script);
    let picture = terminal.wait_text("was ended by signal 9");
    assert!(picture.contains("stays in"), "{picture}");
    let kept = std::fs::read_dir(world.home()).unwrap();
    let kept = kept.map(|entry| entry.unwrap().path());
    let kept = kept.filter(|path| path.to_str().unwrap().contains("countersign-"));
    let kept: Vec<String> = kept
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert!(
        kept.len() == 1 && kept[0].ends_with("changed\n"),
        "{kept:?}"
    );
    terminal.wait_for("the mouse is not asked for", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    leave(&world, terminal);
}

#[test]
fn an_editor_that_fails_or_cannot_start_is_named() {
    let world = World::new();
    let terminal = opened(&world, "exit 3");
    terminal.wait_text("ended with status 3");
    leave(&world, terminal);
    let world = World::new();
    let mut terminal = form(&world, "/nowhere/editor");
    terminal.keys("f4");
    terminal.wait_text("`/nowhere/editor` cannot start");
    leave(&world, terminal);
}

#[test]
fn a_console_told_to_end_ends_its_editor_too() {
    let world = World::new();
    let script = r#"trap ': > "$HOME/ended"; exit 0' TERM; echo THE-EDITOR-IS-UP; while :; do sleep 0.05; done"#;
    let mut terminal = opened(&world, script);
    terminal.wait_text("THE-EDITOR-IS-UP");
    terminal.signal(rustix::process::Signal::TERM);
    terminal.wait_end();
    terminal.assert_given_back();
    assert!(world.home().join("ended").exists(), "it was waited for");
}
