//! Draws the dialog about an effect of unknown outcome.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ANSWER, FACT, REASON, SettleDialog};
use crate::console::model::Model;
use crate::console::overlays::panel::{columns, panel, shows};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{answer, button_lines, field_line};
use crate::console::panes::packet::outcome;
use crate::console::panes::times;
use crate::console::text::{Line, MARGIN, Mark};
use crate::engine::Settled;

/// What follows where nobody knows what the target answered.
const NOT_KNOWN: &str = "left empty, the step waits as a dead letter for what it needs.";

pub fn settle(model: &Model, dialog: &SettleDialog, buffer: &mut Buffer, screen: Rect) {
    let lines = lines(model, dialog, columns(screen.width));
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows all of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &SettleDialog) -> bool {
    shows(model, lines(model, dialog, columns(model.columns)).len())
}

fn title(dialog: &SettleDialog) -> Line {
    let name = match dialog.settled {
        Settled::Happened => " IT HAPPENED ",
        Settled::NotHappened => " IT DID NOT HAPPEN ",
        Settled::AskAgain => " ASK AGAIN ",
    };
    Line::new().say(name, Mark::Title)
}

fn does(settled: Settled) -> &'static str {
    match settled {
        Settled::Happened => {
            "You state that the target did it. It is never sent again; the run goes on as if the target had confirmed it."
        }
        Settled::NotHappened => {
            "You state that the target did not do it, and will not. It is SENT AGAIN under its key while its approval binds, else a person is asked anew. Were you wrong, it happens twice."
        }
        Settled::AskAgain => {
            "The target is asked whether it happened, or gets the same request under the same key, which it honours."
        }
    }
}

fn lines(model: &Model, dialog: &SettleDialog, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let ascii = model.theme.ascii;
    let mut add = |line: Line, indent: usize| lines.extend(line.laid(width, indent, ascii));
    // One line: a title that goes on below could pass for what stands there.
    let title = Line::new().put(&dialog.packet.title, Mark::Strong);
    add(title.cut(width.saturating_sub(MARGIN)), 0);
    add(Line::new().say(does(dialog.settled), Mark::Plain), 0);
    let line = Line::new()
        .say("effect   ", Mark::Faint)
        .put(&dialog.effect.target(), Mark::Strong);
    let line = match &dialog.effect.amount {
        Some(amount) => line
            .say("  ", Mark::Plain)
            .show(times::money(amount), Mark::Strong),
        None => line,
    };
    add(line, 9);
    if let Some(asked) = &dialog.asked {
        // One line: all of it stands in the packet.
        let line = Line::new().say("last     ", Mark::Faint);
        let line = line.join(outcome::line(asked));
        add(line.cut(width.saturating_sub(MARGIN)), 0);
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

fn asking(model: &Model, dialog: &SettleDialog) -> Vec<Line> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    let field = |line: Line, index: usize| {
        let field = walk.field(index)?;
        Some(field_line(line, field, walk.spot() == Spot::Field(index)))
    };
    if let Some(fact) = &dialog.fact {
        let reason = Line::new().say("how you know  ", Mark::Faint);
        lines.extend(field(reason, REASON));
        let line = Line::new()
            .say("type ", Mark::Faint)
            .say(fact.name, Mark::Faint)
            .say(", ", Mark::Faint)
            .put(&fact.expected, Mark::Strong)
            .say("  ", Mark::Plain);
        lines.extend(field(line, FACT));
        if let Some(wanted) = &dialog.answer {
            let below = answer::lines(walk, ANSWER, wanted, NOT_KNOWN);
            lines.extend(below.into_iter().map(|(line, _)| line));
        }
        lines.push(Line::new());
    }
    let commit = match dialog.settled {
        Settled::Happened => "[ y  It happened ]",
        Settled::NotHappened => "[ y  It did not ]",
        Settled::AskAgain => "[ y  Ask again ]",
    };
    lines.extend(button_lines(walk, commit, model.at_ms));
    lines
}
