//! Draws the dialog about an alert.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{AcknowledgeDialog, REASON};
use crate::console::model::Model;
use crate::console::model::alerts::{Words, last_letters, off_ms, raised_at};
use crate::console::overlays::panel::{columns, panel, shows};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{button_lines, field_line};
use crate::console::panes::alerts::detail::held;
use crate::console::panes::alerts::{about, jumped, windows};
use crate::console::panes::runs::ago;
use crate::console::text::{Line, MARGIN, Mark};
use crate::domain::Timestamp;
use crate::views::AlertRow;

pub fn acknowledge(model: &Model, dialog: &AcknowledgeDialog, buffer: &mut Buffer, screen: Rect) {
    let lines = lines(model, dialog, columns(screen.width));
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows all of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &AcknowledgeDialog) -> bool {
    shows(model, lines(model, dialog, columns(model.columns)).len())
}

fn title(dialog: &AcknowledgeDialog) -> Line {
    let alert = last_letters(dialog.alert.alert);
    Line::new()
        .say(" ACKNOWLEDGE", Mark::Title)
        .own(&format!("  alert …{alert} "), Mark::Faint)
}

fn lines(model: &Model, dialog: &AcknowledgeDialog, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let ascii = model.theme.ascii;
    let mut add = |line: Line, indent: usize| lines.extend(line.laid(width, indent, ascii));
    add(what(model, dialog, width), 0);
    for line in does(model, &dialog.alert) {
        add(line, 0);
    }
    add(Line::new(), 0);
    match &dialog.walk.stage {
        Stage::Over(why) => {
            add(Line::new().put(why, Mark::Danger), 0);
            add(Line::new().say("esc closes", Mark::Key), 0);
        }
        Stage::Sent(_) => {
            let said = "on its way … it counts once it stands in the journal";
            add(Line::new().say(said, Mark::Info), 0);
        }
        Stage::Asking => {
            for line in asking(model, dialog) {
                add(line, 2);
            }
        }
    }
    lines
}

/// What the alert is, on one line: words of elsewhere that go on below could pass for the dialog's.
fn what(model: &Model, dialog: &AcknowledgeDialog, width: usize) -> Line {
    let row = &dialog.alert;
    let line = Line::new().say(Words::of(row.kind).name, Mark::Strong);
    let line = match off_ms(row) {
        Some(off_ms) => line
            .own(&format!(" {}", jumped(off_ms)), Mark::Strong)
            .own(&format!("  raised at {}", row.at), Mark::Faint),
        None => line
            .say("  ", Mark::Plain)
            .show(about(model, row), Mark::Strong)
            .say("  ", Mark::Plain)
            .put(&row.message, Mark::Plain),
    };
    line.cut(width.saturating_sub(MARGIN))
}

/// What comes of it.
fn does(model: &Model, row: &AlertRow) -> Vec<Line> {
    let words = Words::of(row.kind);
    let asks = Line::new().say(words.asks, Mark::Warning);
    if !words.holds_windows {
        return vec![asks];
    }
    let right = Line::new()
        .say("You state that the clock is right: ", Mark::Plain)
        .own(&to_the_second(model.now), Mark::Strong);
    let held = Line::new()
        .say("Review windows stood still for ", Mark::Plain)
        .own(&ago(raised_at(row), model.now), Mark::Strong)
        .say(": ", Mark::Plain)
        .own(&held(windows(model)), Mark::Strong);
    vec![right, held, asks]
}

fn to_the_second(now: Timestamp) -> String {
    let whole = now.to_string();
    let (second, _) = whole.split_once('.').unwrap_or((&whole, ""));
    format!("{second}Z")
}

fn asking(model: &Model, dialog: &AcknowledgeDialog) -> Vec<Line> {
    let walk = &dialog.walk;
    let name = if Words::of(dialog.alert.kind).holds_windows {
        "how you know  "
    } else {
        "note, or nothing  "
    };
    let line = Line::new().say(name, Mark::Faint);
    let focused = walk.spot() == Spot::Field(REASON);
    let field = walk.field(REASON);
    let mut lines: Vec<Line> = field
        .map(|field| field_line(line, field, focused))
        .into_iter()
        .collect();
    lines.push(Line::new());
    lines.extend(button_lines(walk, "[ y  Take note ]", model.at_ms));
    lines
}
