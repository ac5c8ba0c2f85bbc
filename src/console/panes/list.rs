//! Draws what every list is: a line of names, rows below it, the one under the cursor set off.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::text::{Line, MARGIN, Mark, draw};
use crate::console::theme::Theme;

/// Columns of a row beside the cursor's sign, which stands in the margin.
pub fn row_width(inner: Rect) -> usize {
    usize::from(inner.width).saturating_sub(MARGIN)
}

/// Rows that fit below the line of names.
pub fn row_count(inner: Rect) -> usize {
    inner.height.saturating_sub(1).into()
}

/// Draws rows of which each says whether the cursor is on it.
pub fn rows(
    buffer: &mut Buffer,
    inner: Rect,
    theme: &Theme,
    names: Line,
    rows: impl Iterator<Item = (bool, Line)>,
) {
    let mut places = inner.rows();
    if let Some(place) = places.next() {
        let names = Line::new().pad(MARGIN).join(names);
        draw::line(buffer, place, &names, theme, Style::default());
    }
    for (place, (selected, row)) in places.zip(rows) {
        let (sign, over) = if selected {
            ("▌ ", theme.selected())
        } else {
            ("  ", Style::default())
        };
        let line = Line::new().say(sign, Mark::Strong).join(row);
        draw::line(buffer, place, &line.pad(inner.width.into()), theme, over);
    }
}

/// Says why a list is empty and what to do.
pub fn empty(buffer: &mut Buffer, inner: Rect, theme: &Theme, why: &Line) {
    let lines = why.laid(inner.width.into(), 0, theme.ascii);
    draw::lines(buffer, inner, lines.iter(), theme);
}
