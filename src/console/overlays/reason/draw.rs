//! Draws the dialog that asks for a reason.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::Value;

use super::{PATH, ReasonDialog, VALUE};
use crate::console::model::Model;
use crate::console::model::runs::{Control, short};
use crate::console::overlays::panel::{columns, panel, shows};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{button_lines, field_line};
use crate::console::panes::json::one_line;
use crate::console::panes::times;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::{Money, RunStatus};

/// Columns of the names before the fields.
const NAME: usize = 8;

pub fn reason(model: &Model, dialog: &ReasonDialog, buffer: &mut Buffer, screen: Rect) {
    let lines = lines(model, dialog, columns(screen.width));
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows all of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &ReasonDialog) -> bool {
    shows(model, lines(model, dialog, columns(model.columns)).len())
}

fn title(dialog: &ReasonDialog) -> Line {
    let name = match dialog.control {
        Control::Pause => "PAUSE",
        Control::Resume => "RESUME",
        Control::Override => "OVERRIDE A VALUE",
    };
    Line::new()
        .say(" ", Mark::Plain)
        .say(name, Mark::Title)
        .own(&format!("  run {} ", short(dialog.run)), Mark::Faint)
}

fn lines(model: &Model, dialog: &ReasonDialog, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut add =
        |line: Line, indent: usize| lines.extend(line.laid(width, indent, model.theme.ascii));
    let status = model.runs.row(dialog.run).map(|row| row.status);
    add(called(dialog, status), 0);
    add(Line::new().say(dialog.control.does(), Mark::Plain), 0);
    for remark in &dialog.remarks {
        add(Line::new().put(remark, Mark::Warning), 2);
    }
    add(
        Line::new().say("This run only. No other run is touched by it.", Mark::Faint),
        0,
    );
    add(Line::new(), 0);
    match &dialog.walk.stage {
        Stage::Over(why) => {
            add(Line::new().put(why, Mark::Danger), 0);
            add(Line::new(), 0);
            add(Line::new().say("esc closes", Mark::Key), 0);
        }
        Stage::Sent(_) => {
            let said = "on its way … it counts once it stands in the journal";
            add(Line::new().say(said, Mark::Info), 0);
        }
        Stage::Asking => {
            for line in asking(model, dialog) {
                add(line, NAME);
            }
        }
    }
    lines
}

fn called(dialog: &ReasonDialog, status: Option<RunStatus>) -> Line {
    let line = Line::new().put(&dialog.called, Mark::Strong);
    match status {
        Some(status) => line
            .say("  now ", Mark::Faint)
            .say(status.as_str(), Mark::Strong),
        None => line,
    }
}

fn asking(model: &Model, dialog: &ReasonDialog) -> Vec<Line> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    let field = |name: &'static str, index: usize| {
        let line = Line::new().say(name, Mark::Faint).pad(NAME);
        let field = walk.field(index)?;
        Some(field_line(line, field, walk.spot() == Spot::Field(index)))
    };
    if dialog.control == Control::Override {
        lines.extend(field("path", PATH));
        lines.push(now(dialog));
        lines.extend(field("value", VALUE));
        lines.push(becomes(dialog));
    }
    lines.extend(field("reason", dialog.reason_at()));
    lines.push(Line::new());
    let commit = match dialog.control {
        Control::Pause => "[ y  Pause ]",
        Control::Resume => "[ y  Resume ]",
        Control::Override => "[ y  Override ]",
    };
    lines.extend(button_lines(walk, commit, model.at_ms));
    lines
}

/// What stands there now.
fn now(dialog: &ReasonDialog) -> Line {
    let line = Line::new().pad(NAME);
    match (&dialog.state, dialog.old_value()) {
        (_, Some(value)) => line
            .say("now ", Mark::Faint)
            .show(readable(value), Mark::Plain),
        (Some(state), None) if dialog.path().is_empty() => {
            let names: Vec<&str> = state.keys().map(String::as_str).collect();
            line.say("one of ", Mark::Faint)
                .put(&names.join(", "), Mark::Faint)
        }
        (Some(_), None) => line.say("nothing stands there now", Mark::Faint),
        (None, None) => line.say("the state is still being read", Mark::Faint),
    }
}

/// What would stand there, and as what it was read.
fn becomes(dialog: &ReasonDialog) -> Line {
    let line = Line::new().pad(NAME);
    if dialog.value().is_empty() {
        return line.say("read as JSON where it is JSON, else as text", Mark::Faint);
    }
    match dialog.new_value() {
        Ok(value) => line
            .say("then ", Mark::Faint)
            .show(one_line(&value), Mark::Strong)
            .say(kind(&value), Mark::Faint),
        Err(why) => line.put(&why, Mark::Danger),
    }
}

/// Money as an amount, all else as JSON.
fn readable(value: &Value) -> Shown {
    match serde_json::from_value::<Money>(value.clone()) {
        Ok(money) => times::money(&money),
        Err(_) => one_line(value),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "  nothing",
        Value::Bool(_) => "  true or false",
        Value::Number(_) => "  a number",
        Value::String(_) => "  a text",
        Value::Array(_) => "  a list",
        Value::Object(_) => "  an object",
    }
}
