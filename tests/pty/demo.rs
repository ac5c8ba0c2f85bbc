//! The demo from its first picture to its end.

use tempfile::TempDir;

use crate::terminal::Terminal;

#[test]
fn the_demo_shows_its_queue_and_gives_the_terminal_back() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("demo");
    let mut terminal = Terminal::start(
        home.path(),
        (80, 24),
        &["demo", "--dir", dir.to_str().unwrap()],
    );
    terminal.wait_text("1 Queue");
    let picture = terminal.wait_for("rows of every field", |screen| {
        let picture = screen.contents();
        picture.contains("!! HIGH")
            && picture.contains("erp.commit_order")
            && picture.contains("● live")
    });
    assert!(picture.contains("DUE      RISK"), "{picture}");
    let raw = String::from_utf8(terminal.raw()).unwrap();
    for taken in [
        "\u{1b}[?1049h",
        "\u{1b}[?2004h",
        "\u{1b}[?25l",
        "\u{1b}[?2026h",
    ] {
        assert!(raw.contains(taken), "{taken:?}");
    }
    terminal.keys("q");
    let status = terminal.wait_end();
    assert!(status.success(), "{status}");
    terminal.assert_given_back();
    let raw = String::from_utf8(terminal.raw()).unwrap();
    let (_, after) = raw.rsplit_once("\u{1b}[?2026h").unwrap();
    for given in [
        "\u{1b}[?2026l",
        "\u{1b}[?2004l",
        "\u{1b}[?1049l",
        "\u{1b}[?25h",
    ] {
        assert!(after.contains(given), "{given:?} in {after:?}");
    }
    assert!(
        terminal.picture().contains("everything is kept in"),
        "{}",
        terminal.picture()
    );
}
