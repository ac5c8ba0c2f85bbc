//! Draws the table of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::Help;
use crate::console::keymap::Entry;
use crate::console::model::{Model, Notice};
use crate::console::overlays::field_line;
use crate::console::text::{Line, Mark, Shown, draw};
use crate::console::update::able;

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
        Some(entry) => match refused(model, help, entry) {
            Some(notice) => Line::new().put(&notice.text, Mark::Warning),
            None => Line::new().say(entry.tells, Mark::Info),
        },
        None => Line::new().say("No action is called so.", Mark::Warning),
    };
    let tells = tells.wrap(inner.width.into(), 0);
    draw::lines(buffer, last, tells.iter(), &model.theme);
}

/// Why an action cannot be run now.
fn refused(model: &Model, help: &Help, entry: &Entry) -> Option<Notice> {
    let refused = || able::runnable(model, entry).err();
    help.runs().then(refused).flatten()
}

/// The actions between the typed line and what the chosen one does, as many as fit with the
/// chosen one among them.
fn list(model: &Model, help: &Help, found: &[&Entry], buffer: &mut Buffer, inner: Rect) {
    let height = usize::from(inner.height.saturating_sub(1 + TELLS));
    let width = inner.width.into();
    let mut lines = Vec::new();
    let mut end = 0;
    for (index, entry) in found.iter().enumerate() {
        let chosen = index == help.at;
        let over = if chosen {
            model.theme.selected()
        } else {
            Style::default()
        };
        let wrapped = action(model, help, entry).wrap(width, KEYS.saturating_add(1));
        lines.extend(wrapped.into_iter().map(|line| (line.pad(width), over)));
        if chosen {
            end = lines.len();
        }
    }
    let top = end.saturating_sub(height);
    let rows = inner.rows().skip(1).take(height);
    for ((line, over), row) in lines.iter().skip(top).zip(rows) {
        draw::line(buffer, row, line, &model.theme, *over);
    }
}

/// One action: its keys, its name, faint where it cannot be run now.
fn action(model: &Model, help: &Help, entry: &Entry) -> Line {
    let mark = match refused(model, help, entry) {
        Some(_) => Mark::Faint,
        None => Mark::Plain,
    };
    Line::new()
        .say(" ", Mark::Plain)
        .field(&Shown::of(&entry.keys.join("  ")), KEYS, Mark::Key)
        .say(entry.label, mark)
}
