//! Draws what every list is: a frame, a line of names, rows below it, the one under the cursor set
//! off, and in the lower border what is not in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::model::filter::Filter;
use crate::console::model::{Focus, Model};
use crate::console::panes::lower_border;
use crate::console::text::{Line, MARGIN, Mark, draw};
use crate::console::theme::Theme;

/// What stands around the rows of a list.
#[derive(Clone, Debug)]
pub struct Around {
    pub title: Line,
    /// Why there are no rows, where there are none.
    pub empty: Option<Line>,
    pub below: Line,
}

/// Draws a list. `rows` makes its names and its rows for the place inside the frame.
pub fn pane(
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
    around: &Around,
    rows: impl FnOnce(Rect) -> (Line, Vec<(bool, Line)>),
) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::List;
    let inner = draw::frame(buffer, area, &around.title, theme, focused);
    if let Some(why) = &around.empty {
        return empty(buffer, inner, theme, why);
    }
    let (names, shown) = rows(inner);
    self::rows(buffer, inner, theme, names, shown.into_iter());
    let below = lower_border(area);
    draw::line(buffer, below, &around.below, theme, Style::default());
}

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

/// Says that the list was not read yet.
pub fn reading() -> Line {
    Line::new().say("reading the store …", Mark::Faint)
}

/// Says that a filter lets nothing through, `among` which rows.
pub fn nothing_matches(filter: &Filter, among: &str) -> Line {
    Line::new()
        .say("Nothing matches ", Mark::Plain)
        .put(filter.text(), Mark::Strong)
        .own(among, Mark::Plain)
        .say(". esc takes the filter away, / changes it.", Mark::Plain)
}

/// Says how many rows wait to come in, and in which direction.
pub fn new_rows(count: usize, place: &'static str) -> Line {
    if count == 0 {
        return Line::new();
    }
    Line::new()
        .own(&format!(" {count} new"), Mark::Info)
        .say(place, Mark::Info)
        .say(" (gg) ", Mark::Info)
}
