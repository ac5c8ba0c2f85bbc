//! A window that never keeps its size.

use crate::world::World;

#[test]
fn forty_sizes_later_the_picture_is_whole() {
    let world = World::new();
    for n in 1..=3 {
        world.order(&format!("PO-{n}"), "Nobody Knows Ltd", "10.00");
    }
    let mut terminal = world.console((80, 24));
    terminal.wait_text("WHY YOU");
    terminal.keys("a");
    terminal.wait_dialog("APPROVE");
    for n in 0..40_u16 {
        // All over the range, small after large.
        let (columns, rows) = (40 + n * 67 % 161, 12 + n * 29 % 49);
        terminal.resize(columns, rows);
        if n % 10 == 9 {
            terminal.keys("tab");
        }
    }
    terminal.keys("esc");
    terminal.resize(100, 30);
    terminal.wait_for("a whole picture of the last size", |screen| {
        let rows: Vec<String> = screen.rows(0, 100).collect();
        let boxes = rows.iter().filter(|row| row.starts_with(['│', '┌', '└']));
        let whole = |row: &String| row.chars().count() == 100 && row.ends_with(['│', '┐', '┘']);
        rows[0].contains("1 Queue 3") && boxes.clone().count() == 26 && boxes.into_iter().all(whole)
    });
    terminal.resize(39, 11);
    terminal.keys("j");
    terminal.resize(80, 24);
    terminal.keys("5");
    terminal.wait_text("Journal");
    terminal.keys("q");
    assert!(terminal.wait_end().success());
    terminal.assert_given_back();
}
