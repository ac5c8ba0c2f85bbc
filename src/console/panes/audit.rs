//! Draws the journal: the list, and the event under the cursor whole.

pub mod record;
pub mod said;

mod rows;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::model::{Focus, Model};
use crate::console::panes::{details, list, lower_border};
use crate::console::text::{Line, Mark, draw};
use crate::console::view::layout;
use crate::store::StoredEvent;

/// Rows of the list that its window shows.
pub fn list_rows(model: &Model) -> usize {
    let width = layout::areas(model).list.width.saturating_sub(2);
    let banner = said::banner(model, width.into()).len();
    layout::list_height(model).saturating_sub(banner)
}

pub fn events(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::List;
    let rows = model.audit.window(list_rows(model));
    let columns = rows::Columns::of(model, rows, area.width.saturating_sub(2).into());
    let inner = draw::frame(
        buffer,
        area,
        &title(model, &columns, area.width.saturating_sub(4).into()),
        theme,
        focused,
    );
    let banner = said::banner(model, inner.width.into());
    draw::lines(buffer, inner, banner.iter(), theme);
    let below = under(inner, banner.len());
    if model.audit.is_empty() {
        list::empty(buffer, below, theme, &said::empty(model));
    } else {
        let rows = rows.iter().map(|event| {
            let selected = model.audit.selected == Some(event.seq);
            (selected, columns.row(model, event))
        });
        list::rows(buffer, below, theme, columns.names(), rows);
    }
    border(model, buffer, area);
}

/// The event under the cursor.
pub fn record(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::Detail;
    let Some(event) = model.audit.current() else {
        let title = Line::new().say(" Event ", Mark::Title);
        let inner = draw::frame(buffer, area, &title, theme, focused);
        let none = if model.audit.is_empty() {
            "The event under the cursor shows here; the list has none."
        } else {
            "reading the event …"
        };
        let none = Line::new().say(none, Mark::Faint);
        return details::empty(buffer, inner, theme, &none);
    };
    let title = Line::new().put(&format!(" #{} {} ", event.seq, event.kind), Mark::Title);
    let inner = draw::frame(buffer, area, &title, theme, focused);
    let head = head(event, details::head_width(inner));
    details::sheet(buffer, (area, inner), theme, head, &model.audit.sheet);
}

/// What stands above the record and does not scroll.
fn head(event: &StoredEvent, columns: usize) -> Vec<Line> {
    let place = match event.run_seq {
        Some(run_seq) => format!("event {run_seq} of its run"),
        None => "of no run: about the store".to_owned(),
    };
    let when = Line::new().own(&event.at.to_string(), Mark::Strong);
    let first = when.with_right(Line::new().own(&place, Mark::Faint), columns);
    let second = record::authority(event).cut(columns);
    vec![first, second]
}

fn title(model: &Model, columns: &rows::Columns, room: usize) -> Line {
    let events = model.audit.head.map_or(0, |head| head.size);
    let line = Line::new()
        .say(" Journal ", Mark::Title)
        .own(&format!("{} events ", said::grouped(events)), Mark::Faint);
    let day = columns.day().map(|day| format!(" {day} UTC "));
    match day.filter(|day| line.width().saturating_add(day.len()) <= room) {
        Some(day) => line.own(&day, Mark::Faint),
        None => line,
    }
}

/// What came meanwhile, and how far was searched.
fn border(model: &Model, buffer: &mut Buffer, area: Rect) {
    let place = lower_border(area);
    let (left, right) = (said::newer(model), said::searched(model));
    let theme = &model.theme;
    draw::line(buffer, place, &left, theme, Style::default());
    let columns = |line: &Line| u16::try_from(line.width()).unwrap_or(u16::MAX);
    let room = place.width.saturating_sub(columns(&left));
    let width = columns(&right).min(room);
    let at = Rect {
        x: place.right().saturating_sub(width),
        width,
        ..place
    };
    let right = right.cut(width.into());
    draw::line(buffer, at, &right, theme, Style::default());
}

/// What is left of an area below its first lines.
fn under(area: Rect, lines: usize) -> Rect {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).min(area.height);
    Rect {
        y: area.y.saturating_add(lines),
        height: area.height.saturating_sub(lines),
        ..area
    }
}
