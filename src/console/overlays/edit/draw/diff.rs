//! What the edit changes, `-` what the state holds and `+` what it will hold.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;

use super::super::row::Row;
use super::super::{EditForm, Subject};
use super::rule;
use crate::console::panes::json::one_line;
use crate::console::panes::times;
use crate::console::text::{Line, Mark, draw};
use crate::console::theme::Theme;
use crate::workflow::schema::FieldKind;

/// The difference in at most `room` lines, under its name.
pub(super) fn below(form: &EditForm, width: usize, room: usize, theme: Theme) -> Vec<Line> {
    let changes = changes(form, width, theme);
    let mut lines = vec![rule("DIFF", width)];
    lines.extend(window(form, changes, room.saturating_sub(1)));
    lines.truncate(room);
    lines
}

/// The difference in a box of its own, with what becomes of it.
pub(super) fn beside(form: &EditForm, buffer: &mut Buffer, area: Rect, theme: Theme) {
    let title = Line::new().say(" DIFF  what your edit changes ", Mark::Title);
    let inner = draw::frame(buffer, area, &title, &theme, false);
    let inside = Rect {
        x: inner.x.saturating_add(1),
        width: inner.width.saturating_sub(2),
        ..inner
    };
    let width: usize = inside.width.into();
    let mut next = vec![rule("WHAT COMES OF IT", width)];
    for words in what_comes(&form.subject) {
        next.extend(Line::new().say(words, Mark::Faint).wrap(width, 0));
    }
    let room = usize::from(inside.height).saturating_sub(next.len().saturating_add(1));
    let mut lines = window(form, changes(form, width, theme), room);
    lines.push(Line::new());
    lines.extend(next);
    draw::lines(buffer, inside, &lines, &theme);
}

fn what_comes(subject: &Subject) -> [&'static str; 3] {
    match subject {
        Subject::Packet(_) => [
            "ctrl-s checks every field, asks for a reason and stages the edit.",
            "The engine judges the state by schema and policy again and makes a new version of \
             the packet, with a new digest. Verdicts given before are void.",
            "Nobody can decide on the new version before having looked at it.",
        ],
        Subject::Letter(_) => [
            "ctrl-s checks every field, asks for a reason and shows what a redrive would do.",
            "The engine judges the state by schema and policy again. An approval that was given \
             for something else is void; what asks for one opens a packet.",
            "Nothing is done before that was looked at and answered.",
        ],
    }
}

fn window(form: &EditForm, mut lines: Vec<Line>, room: usize) -> Vec<Line> {
    if lines.len() <= room {
        return lines;
    }
    let top = form.diff_top.min(lines.len().saturating_sub(room));
    let left = lines.len().saturating_sub(top.saturating_add(room));
    lines.drain(..top);
    lines.truncate(room);
    if left > 0 && lines.pop().is_some() {
        let more = format!("… {} more lines (pgdn)", left.saturating_add(1));
        lines.push(Line::new().own(&more, Mark::Warning));
    }
    lines
}

fn changes(form: &EditForm, width: usize, theme: Theme) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in &form.rows {
        let Some(value) = &row.value else {
            continue;
        };
        if let Some(was) = &row.proposed {
            let line = line("- ", row, was, Mark::Danger);
            lines.extend(line.laid(width, 4, theme.ascii));
        }
        let line = line("+ ", row, value, Mark::Good);
        lines.extend(line.laid(width, 4, theme.ascii));
    }
    if lines.is_empty() {
        let none = Line::new().say("nothing so far", Mark::Faint);
        lines.extend(none.laid(width, 0, theme.ascii));
    }
    lines
}

fn line(sign: &'static str, row: &Row, value: &Value, mark: Mark) -> Line {
    let value = match (&row.about.kind, serde_json::from_value(value.clone())) {
        (FieldKind::Money(_), Ok(money)) => times::money(&money),
        _ => one_line(value),
    };
    Line::new()
        .say(sign, mark)
        .put(&row.about.name, Mark::Plain)
        .say("  ", Mark::Plain)
        .show(value, mark)
}
