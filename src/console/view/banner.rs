//! Draws the line about a clock that jumped.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::model::Model;
use crate::console::model::alerts::off_ms;
use crate::console::panes::alerts::jumped;
use crate::console::panes::dead_letters::preview::clock;
use crate::console::text::{Line, Mark, draw};
use crate::views::AlertRow;

pub(super) fn banner(model: &Model, buffer: &mut Buffer, area: Rect) {
    // Acknowledged below a dialog it keeps its row, which then is empty.
    if let Some(row) = model.alerts.clock_jump() {
        let line = words(row, area.width.into());
        draw::line(buffer, area, &line, &model.theme, Style::default());
    }
}

/// As much as `columns` take: that windows stand still is said at any width.
fn words(row: &AlertRow, columns: usize) -> Line {
    let by = off_ms(row).map_or_else(String::new, |off_ms| format!(" {}", jumped(off_ms)));
    let at = row.at.to_string();
    let at = clock(&at).get(..5).unwrap_or_default();
    let forms = [
        format!("!! clock jumped{by} at {at}: no window passes until it is acknowledged (4)"),
        format!("!! clock jumped{by}: no window passes (4)"),
        format!("!! clock{by}: windows held (4)"),
    ];
    let line = |words: &String| Line::new().own(&format!(" {words}"), Mark::Danger);
    let fits = |line: &Line| line.width() <= columns;
    let fitting = forms.iter().map(line).find(fits);
    fitting.unwrap_or_else(|| {
        Line::new()
            .say(" !! windows held (4)", Mark::Danger)
            .cut(columns)
    })
}
