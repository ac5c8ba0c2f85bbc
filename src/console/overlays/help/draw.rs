//! Draws the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::Help;
use crate::console::keymap::Entry;
use crate::console::model::Model;
use crate::console::overlays::field_line;
use crate::console::text::{Line, Mark, Shown, draw};

/// Columns of the keys.
const KEYS: usize = 18;
/// Lines that tell what the chosen action does.
const TELLS: u16 = 2;

pub fn help(model: &Model, help: &Help, buffer: &mut Buffer, area: Rect) {
    Clear.render(area, buffer);
    let name = if help.palette { " Commands " } else { " Keys " };
    let title = Line::new()
        .say(name, Mark::Title)
        .say(help.place.name(), Mark::Faint)
        .say(" ", Mark::Plain);
    let inner = draw::frame(buffer, area, &title, &model.theme, true);
    let found = help.found();
    let typed = field_line(Line::new().say("> ", Mark::Key), &help.field, true);
    let count = Line::new().put(&format!("{} actions", found.len()), Mark::Faint);
    let first = typed.with_right(count, inner.width.into());
    draw::line(buffer, inner, &first, &model.theme, Style::default());
    list(model, help, &found, buffer, inner);
    let last = Rect {
        y: inner.bottom().saturating_sub(TELLS),
        height: inner.height.min(TELLS),
        ..inner
    };
    let tells = match found.get(help.at) {
        Some(entry) => Line::new().say(entry.tells, Mark::Info),
        None => Line::new().say("No action is called so.", Mark::Warning),
    };
    let tells = tells.wrap(inner.width.into(), 0);
    draw::lines(buffer, last, tells.iter(), &model.theme);
}

/// The actions between the typed line and what the chosen one does.
fn list(model: &Model, help: &Help, found: &[&Entry], buffer: &mut Buffer, inner: Rect) {
    let height = usize::from(inner.height.saturating_sub(1 + TELLS));
    let top = help.at.saturating_sub(height.saturating_sub(1));
    let rows = inner.rows().skip(1).take(height);
    for ((index, entry), row) in found.iter().enumerate().skip(top).zip(rows) {
        let over = if index == help.at {
            model.theme.selected()
        } else {
            Style::default()
        };
        let line = Line::new()
            .say(" ", Mark::Plain)
            .field(&Shown::of(&entry.keys.join("  ")), KEYS, Mark::Key)
            .say(entry.label, Mark::Plain)
            .pad(inner.width.into());
        draw::line(buffer, row, &line, &model.theme, over);
    }
}
