//! Asks before edits are lost that were begun and not staged.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget as _};

use crate::console::model::Model;
use crate::console::overlays::verdict::draw::centred;
use crate::console::text::{Line, Mark, draw};

/// Columns of the dialog.
const WIDTH: u16 = 60;

pub fn draw(model: &Model, buffer: &mut Buffer, screen: Rect) {
    let lines = [
        Line::new().say(
            "Edits that were not staged are lost with the console.",
            Mark::Warning,
        ),
        Line::new().say("y ends it all the same, any other key stays.", Mark::Plain),
    ];
    let columns = usize::from(WIDTH.min(screen.width).saturating_sub(2));
    let lines: Vec<Line> = lines
        .iter()
        .flat_map(|line| line.wrap(columns, 0))
        .collect();
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = centred(screen, WIDTH, height);
    Clear.render(area, buffer);
    let title = Line::new().say(" End the console? ", Mark::Title);
    let inner = draw::frame(buffer, area, &title, &model.theme, true);
    draw::lines(buffer, inner, lines.iter(), &model.theme);
}
