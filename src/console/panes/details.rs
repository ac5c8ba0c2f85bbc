//! Draws what every pane of details is: lines that stay, a sheet that scrolls, and how much more
//! of it there is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::model::Sheet;
use crate::console::panes::lower_border;
use crate::console::text::{Line, MARGIN, Mark, draw};
use crate::console::theme::Theme;

/// Columns of the lines that stay.
pub fn head_width(inner: Rect) -> usize {
    usize::from(inner.width).saturating_sub(MARGIN)
}

/// Draws the lines that stay and below them the sheet, in the box `area` with this `inner`.
pub fn sheet(
    buffer: &mut Buffer,
    (area, inner): (Rect, Rect),
    theme: &Theme,
    head: Vec<Line>,
    sheet: &Sheet,
) {
    let head: Vec<Line> = head.into_iter().map(|line| line.margined(false)).collect();
    draw::lines(buffer, inner, head.iter(), theme);
    let lines = u16::try_from(head.len()).unwrap_or(u16::MAX);
    let below = Rect {
        y: inner.y.saturating_add(lines),
        height: inner.height.saturating_sub(lines),
        ..inner
    };
    draw::lines(buffer, below, sheet.window(below.height.into()), theme);
    let shown = sheet.top.saturating_add(below.height.into());
    let left = sheet.len().saturating_sub(shown);
    if left > 0 {
        let lines = if left == 1 { "line" } else { "lines" };
        let line = Line::new().own(&format!(" {left} more {lines} below "), Mark::Warning);
        draw::line(buffer, lower_border(area), &line, theme, Style::default());
    }
}

/// Says why there are no details.
pub fn empty(buffer: &mut Buffer, inner: Rect, theme: &Theme, why: &Line) {
    let lines = why.laid(inner.width.into(), 0, theme.ascii);
    draw::lines(buffer, inner, lines.iter(), theme);
}
