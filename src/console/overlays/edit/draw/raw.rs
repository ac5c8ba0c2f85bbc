//! The state as JSON text, with the cursor in it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::json::RawJson;
use super::super::{EditForm, Stage};
use super::rule;
use crate::console::text::{Line, Mark, draw};
use crate::console::theme::Theme;

/// Columns of the line numbers with the space after them.
const GUTTER: usize = 5;

pub(super) fn raw(form: &EditForm, json: &RawJson, buffer: &mut Buffer, area: Rect, theme: Theme) {
    let width: usize = area.width.into();
    let foot = foot(form, json, width);
    let height = usize::from(area.height).saturating_sub(foot.len());
    let mut lines = text(json, width, height);
    lines.resize(height, Line::new());
    draw::lines(buffer, area, lines.iter().chain(&foot), &theme);
}

fn foot(form: &EditForm, json: &RawJson, width: usize) -> Vec<Line> {
    let mut lines = vec![rule("", width)];
    let mut add = |line: Line| lines.extend(line.wrap(width, 2));
    if let Stage::Over(why) = &form.stage {
        add(Line::new().put(why, Mark::Danger));
        add(Line::new().say(
            "esc leaves; what you typed stays here until then",
            Mark::Key,
        ));
        return lines;
    }
    match &json.wrong {
        Some(wrong) => add(Line::new().say("x ", Mark::Danger).put(wrong, Mark::Danger)),
        None => add(Line::new().say("+ this is JSON; f2 checks each value", Mark::Good)),
    }
    let words = "Amounts are text here, as in \"5000.00 USD\"; \\u202e stands for a character \
                 that does not show.";
    add(Line::new().say(words, Mark::Faint));
    if let Some((said, mark)) = &form.said {
        add(Line::new().put(said, *mark));
    }
    lines
}

/// The lines around the cursor, long ones wrapped.
fn text(json: &RawJson, width: usize, height: usize) -> Vec<Line> {
    let (row, column) = json.cursor();
    let all = json.lines().len();
    let first = row
        .saturating_sub(height / 2)
        .min(all.saturating_sub(height));
    let mut lines = Vec::new();
    let mut cursor_at = 0_usize;
    for (index, text) in json.lines().iter().enumerate().skip(first) {
        if index > row && lines.len() > cursor_at.saturating_add(height) {
            break;
        }
        let number = format!("{:>4} ", index.saturating_add(1));
        let line = if index == row {
            with_cursor(text, column)
        } else {
            Line::new().typed(text, Mark::Plain)
        };
        for (part, wrapped) in line
            .wrap(width.saturating_sub(GUTTER), 0)
            .into_iter()
            .enumerate()
        {
            let gutter = if part == 0 { number.as_str() } else { "     " };
            if wrapped.parts().iter().any(|part| part.mark == Mark::Cursor) {
                cursor_at = lines.len();
            }
            lines.push(Line::new().own(gutter, Mark::Faint).join(wrapped));
        }
    }
    let hidden = cursor_at.saturating_add(1).saturating_sub(height);
    lines.into_iter().skip(hidden).take(height).collect()
}

fn with_cursor(text: &str, column: usize) -> Line {
    let mut chars = text.chars();
    let before: String = chars.by_ref().take(column).collect();
    let line = Line::new().typed(&before, Mark::Plain);
    match chars.next() {
        Some(under) => line
            .typed(under.encode_utf8(&mut [0; 4]), Mark::Cursor)
            .typed(chars.as_str(), Mark::Plain),
        None => line.say(" ", Mark::Cursor),
    }
}
