//! Draws the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::Help;
use crate::console::model::Model;
use crate::console::overlays::field_line;
use crate::console::text::{Line, Mark, Shown, draw};

const KEYS: usize = 18;

pub fn help(model: &Model, help: &Help, buffer: &mut Buffer, area: Rect) {
    Clear.render(area, buffer);
    let theme = &model.theme;
    let name = if help.palette { " Commands " } else { " Keys " };
    let title = Line::new()
        .say(name, Mark::Title)
        .say(help.place.name(), Mark::Faint)
        .say(" ", Mark::Plain);
    let inner = draw::frame(buffer, area, &title, theme, true);
    let mut rows = inner.rows();
    let Some(first) = rows.next() else { return };
    let found = help.found();
    let typed = field_line(Line::new().say("> ", Mark::Key), &help.field, true);
    let count = Line::new().put(&format!("{} actions", found.len()), Mark::Faint);
    draw::line(
        buffer,
        first,
        &typed.with_right(count, inner.width.into()),
        theme,
        Style::default(),
    );
    let height = usize::from(inner.height).saturating_sub(3);
    let top = help.at.saturating_sub(height.saturating_sub(1));
    for ((index, entry), row) in found.iter().enumerate().skip(top).take(height).zip(rows) {
        let over = if index == help.at {
            theme.selected()
        } else {
            Style::default()
        };
        let line = Line::new()
            .say(" ", Mark::Plain)
            .field(&Shown::of(&entry.keys.join("  ")), KEYS, Mark::Key)
            .say(entry.label, Mark::Plain)
            .pad(inner.width.into());
        draw::line(buffer, row, &line, theme, over);
    }
    let last = Rect {
        y: inner.bottom().saturating_sub(2),
        height: inner.height.min(2),
        ..inner
    };
    let tells = match found.get(help.at) {
        Some(entry) => Line::new().say(entry.tells, Mark::Info),
        None => Line::new().say("No action is called so.", Mark::Warning),
    };
    draw::lines(
        buffer,
        last,
        tells.wrap(inner.width.into(), 0).iter(),
        theme,
    );
}
