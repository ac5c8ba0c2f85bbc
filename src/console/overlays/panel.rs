//! The frame of a dialog in the middle of the screen, with its lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget as _};

use crate::console::model::Model;
use crate::console::text::{Line, draw};

/// Draws `lines` in a frame under `title`. Where they are more than the screen holds the last ones
/// stay in sight: the buttons are there.
pub fn panel(model: &Model, buffer: &mut Buffer, screen: Rect, title: &Line, lines: &[Line]) {
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = centred(screen, width(screen.width), height);
    Clear.render(area, buffer);
    let inner = draw::frame(buffer, area, title, &model.theme, true);
    let inside = Rect {
        x: inner.x.saturating_add(1),
        width: inner.width.saturating_sub(2),
        ..inner
    };
    let hidden = lines.len().saturating_sub(inside.height.into());
    draw::lines(buffer, inside, lines.iter().skip(hidden), &model.theme);
}

/// Tells whether the screen shows a frame around so many lines.
pub fn shows(model: &Model, lines: usize) -> bool {
    lines.saturating_add(2) <= model.rows.into()
}

/// Columns of the dialog on a screen of `screen` columns.
fn width(screen: u16) -> u16 {
    screen.saturating_sub(4).min(76)
}

/// Columns of its lines.
pub fn columns(screen: u16) -> usize {
    width(screen).saturating_sub(4).into()
}

/// A place of this size in the middle of `screen`.
fn centred(screen: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(screen.width), height.min(screen.height));
    Rect {
        x: screen
            .x
            .saturating_add((screen.width.saturating_sub(width)) / 2),
        y: screen
            .y
            .saturating_add((screen.height.saturating_sub(height)) / 2),
        width,
        height,
    }
}
