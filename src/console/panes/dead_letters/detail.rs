//! Draws the dead letter beside the list.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::standing;
use crate::console::message::LetterRead;
use crate::console::model::dead_letters::{is_open, last_letters, name};
use crate::console::model::{Focus, Model};
use crate::console::panes::details;
use crate::console::panes::runs::ago;
use crate::console::text::{Line, Mark, draw};

pub fn detail(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = &model.theme;
    let focused = model.focus == Focus::Detail;
    let read = model.dead_letters.current();
    let title = match read {
        Some(read) => Line::new()
            .say(" ", Mark::Plain)
            .put(&name(&read.detail.row), Mark::Title)
            .say(" ", Mark::Plain),
        None => Line::new().say(" Dead letter ", Mark::Title),
    };
    let inner = draw::frame(buffer, area, &title, theme, focused);
    let Some(read) = read else {
        return details::empty(buffer, inner, theme, &empty(model));
    };
    let columns = details::head_width(inner);
    let head = vec![first(read, columns), second(model, read, columns)];
    details::sheet(
        buffer,
        (area, inner),
        theme,
        head,
        &model.dead_letters.sheet,
    );
}

/// Why there is nothing here.
fn empty(model: &Model) -> Line {
    if let Some(trouble) = &model.dead_letters.trouble {
        return Line::new()
            .put(trouble, Mark::Danger)
            .say(" (ctrl-r reads it again)", Mark::Plain);
    }
    match model.dead_letters.wanted {
        Some(_) => Line::new().say("reading the dead letter …", Mark::Faint),
        None => Line::new().say(
            "The dead letter under the cursor shows here; the list has none.",
            Mark::Faint,
        ),
    }
}

fn first(read: &LetterRead, columns: usize) -> Line {
    let row = &read.detail.row;
    let (word, mark) = standing(row);
    let sign = if is_open(row) { "!! " } else { ".  " };
    let left = Line::new()
        .say(sign, mark)
        .say(word, mark)
        .say(" at ", Mark::Faint)
        .put(row.step.as_str(), Mark::Strong);
    let right = format!("letter …{}", last_letters(row.dead_letter));
    left.with_right(Line::new().own(&right, Mark::Faint), columns)
}

fn second(model: &Model, read: &LetterRead, columns: usize) -> Line {
    let row = &read.detail.row;
    let since = ago(row.at, model.now);
    let left = Line::new().own(&format!("stuck {since} ago  "), Mark::Plain);
    let left = match row.attempts {
        0 => left.say("never tried", Mark::Faint),
        1 => left.say("1 try", Mark::Faint),
        tries => left.own(&format!("{tries} tries"), Mark::Faint),
    };
    let left = match model.dead_letters.sheet.hidden() {
        0 => left,
        1 => left.say("  !! 1 hidden character", Mark::Danger),
        hidden => left.own(&format!("  !! {hidden} hidden characters"), Mark::Danger),
    };
    let right = Line::new().put(&row.code, Mark::Danger);
    left.with_right(right.cut(columns / 2), columns)
}
