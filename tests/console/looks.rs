//! Looks where they carry meaning: as one letter for each cell.

use countersign::domain::Tier;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use crate::stage::{Stage, order};

fn stage(colour: bool) -> Stage {
    sized(colour, 80, 24)
}

fn sized(colour: bool, columns: u16, rows: u16) -> Stage {
    let mut hostile = order(3, Tier::Routine, "10.00");
    "PO-9903 pay\u{202e}001".clone_into(&mut hostile.title);
    let packets = vec![
        order(1, Tier::Critical, "7850.00"),
        order(2, Tier::Elevated, "1000000.00"),
        hostile,
    ];
    let mut stage = Stage::with(columns, rows, packets);
    stage.model.theme.colour = colour;
    stage
}

fn cells(stage: &Stage) -> Vec<Cell> {
    let backend = TestBackend::new(stage.model.columns, stage.model.rows);
    let mut terminal = Terminal::new(backend).unwrap();
    let draw = |frame: &mut ratatui::Frame<'_>| countersign::console::view(&stage.model, frame);
    terminal.draw(draw).unwrap();
    terminal.backend().buffer().content().to_vec()
}

/// `R` red, `Y` yellow, `G` green, `C` cyan; small where it is not bold; `#` reversed, `b` bold,
/// `-` dim, `/` italic, a space for none.
fn letter(cell: &Cell) -> char {
    let bold = cell.modifier.contains(Modifier::BOLD);
    let colour = match cell.fg {
        Color::Red => 'R',
        Color::Yellow => 'Y',
        Color::Green => 'G',
        Color::Cyan => 'C',
        _ if cell.modifier.contains(Modifier::REVERSED) => '#',
        _ if bold => 'b',
        _ if cell.modifier.contains(Modifier::DIM) => '-',
        _ if cell.modifier.contains(Modifier::ITALIC) => '/',
        _ => ' ',
    };
    if bold {
        colour
    } else {
        colour.to_ascii_lowercase()
    }
}

/// The looks of a picture, cell by cell.
fn letters(stage: &Stage) -> String {
    let width = usize::from(stage.model.columns);
    let cells = cells(stage);
    let lines = cells.chunks(width).map(|row| {
        let line: String = row.iter().map(letter).collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<String>>().join("\n")
}

/// Selection and risk; the marked words of an agent; what is unread; a hidden character.
#[test]
fn looks_that_carry_meaning() {
    for (columns, rows) in [(80, 24), (140, 45)] {
        for (name, keys) in [
            ("queue", "j k"),
            ("hidden", "j j"),
            ("agent", "j k tab G"),
            ("verdict", "j a"),
        ] {
            let mut stage = sized(true, columns, rows);
            stage.press(keys);
            let name = format!("{name}_{columns}x{rows}");
            insta::assert_snapshot!(name, letters(&stage));
        }
    }
}

#[test]
fn without_colour_there_is_none_and_every_meaning_has_its_sign() {
    let mut stage = stage(false);
    for keys in ["j k", "tab G", "esc j a", "esc ?"] {
        stage.press(keys);
        let cells = cells(&stage);
        let plain = |cell: &&Cell| cell.fg == Color::Reset && cell.bg == Color::Reset;
        assert_eq!(cells.iter().filter(plain).count(), cells.len(), "{keys}");
    }
    let picture = stage.press("esc esc").picture();
    for sign in ["!! HIGH", "!  MED", ".  LOW", "<U+202E>"] {
        assert!(picture.contains(sign), "{sign}: {picture}");
    }
}

#[test]
fn only_the_sixteen_colours_of_the_terminal_are_used() {
    let mut stage = stage(true);
    for keys in ["j k", "tab G", "esc j a", "esc ?"] {
        stage.press(keys);
        let own = |cell: &Cell| matches!(cell.fg, Color::Rgb(..) | Color::Indexed(_));
        assert!(!cells(&stage).iter().any(own), "{keys}");
    }
}
