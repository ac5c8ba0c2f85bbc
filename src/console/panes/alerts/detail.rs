//! Draws the alert beside the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{about, gravity, jumped, windows};
use crate::console::model::alerts::{Words, is_open, last_letters, off_ms, raised_at};
use crate::console::model::{Focus, Model};
use crate::console::panes::details;
use crate::console::panes::runs::ago;
use crate::console::text::{Line, Mark, draw};
use crate::views::AlertRow;

pub fn detail(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::Detail;
    let Some(row) = model.alerts.rows.selected() else {
        let title = Line::new().say(" Alert ", Mark::Title);
        let inner = draw::frame(buffer, area, &title, theme, focused);
        let none = "The alert under the cursor shows here; the list has none.";
        return details::empty(buffer, inner, theme, &Line::new().say(none, Mark::Faint));
    };
    let title = Line::new()
        .say(" ", Mark::Plain)
        .say(Words::of(row.kind).name, Mark::Title)
        .say(" ", Mark::Plain);
    let inner = draw::frame(buffer, area, &title, theme, focused);
    let columns = details::head_width(inner);
    let head = vec![first(model, row, columns), second(model, row, columns)];
    details::sheet(buffer, (area, inner), theme, head, &model.alerts.sheet);
}

fn first(model: &Model, row: &AlertRow, columns: usize) -> Line {
    let (sign, word, mark) = gravity(row);
    let left = Line::new()
        .say(sign, mark)
        .say(" ", Mark::Plain)
        .say(word, mark)
        .say("  ", Mark::Plain)
        .say(Words::of(row.kind).name, Mark::Strong);
    let left = match off_ms(row) {
        Some(off_ms) => left.own(&format!(" {}", jumped(off_ms)), Mark::Strong),
        None => left.say("  ", Mark::Plain).show(about(model, row), mark),
    };
    let right = format!("alert …{}", last_letters(row.alert));
    left.with_right(Line::new().own(&right, Mark::Faint), columns)
}

/// What it does now, which changes while one looks.
fn second(model: &Model, row: &AlertRow, columns: usize) -> Line {
    let left = match (&row.acknowledged_by, row.acknowledged_at) {
        (Some(by), Some(at)) => Line::new()
            .say("acknowledged by ", Mark::Plain)
            .put(by, Mark::Strong)
            .own(&format!(" {} ago", ago(at, model.now)), Mark::Faint),
        _ if is_open(row) => open(model, row),
        _ => Line::new().say("acknowledged", Mark::Plain),
    };
    let left = match model.alerts.sheet.hidden() {
        0 => left,
        1 => left.say("  !! 1 hidden character", Mark::Danger),
        hidden => left.own(&format!("  !! {hidden} hidden characters"), Mark::Danger),
    };
    left.cut(columns)
}

fn open(model: &Model, row: &AlertRow) -> Line {
    let since = format!("open for {}", ago(raised_at(row), model.now));
    let line = Line::new().own(&since, Mark::Plain);
    if Words::of(row.kind).holds_windows {
        let held = held(windows(model));
        return line.say("  ", Mark::Plain).own(&held, Mark::Warning);
    }
    line
}

/// How many windows stand still, in a few words.
pub fn held((windows, over): (usize, usize)) -> String {
    let said = match windows {
        0 => "no window is open".to_owned(),
        1 => "1 window held".to_owned(),
        windows => format!("{windows} windows held"),
    };
    match over {
        0 => said,
        over => format!("{said}, {over} past by this clock"),
    }
}
