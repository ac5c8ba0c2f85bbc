//! Draws the verdict dialog: what is decided, in full, and how to leave it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{FACT, REASON, VerdictDialog};
use crate::console::model::Model;
use crate::console::overlays::panel::{columns, panel, shows};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{button_lines, field_line};
use crate::console::panes::times;
use crate::console::text::{Line, MARGIN, Mark};
use crate::domain::Verdict;

/// Lines the dialog shows of what changed; the packet itself shows all.
const CHANGES_SHOWN: usize = 8;

pub fn verdict(model: &Model, dialog: &VerdictDialog, buffer: &mut Buffer, screen: Rect) {
    let lines = lines(model, dialog, columns(screen.width));
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows all of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &VerdictDialog) -> bool {
    shows(model, lines(model, dialog, columns(model.columns)).len())
}

fn title(dialog: &VerdictDialog) -> Line {
    let digest = dialog.bound.digest.to_string();
    let short = digest.get(..12).unwrap_or(&digest);
    let rest = format!("version {}, digest {short}… ", dialog.bound.version);
    Line::new()
        .say(" ", Mark::Plain)
        .say(name(dialog.verdict), Mark::Title)
        .say("  ", Mark::Plain)
        .own(&rest, Mark::Faint)
}

fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "APPROVE",
        Verdict::Reject => "REJECT",
        Verdict::Return => "RETURN TO THE AGENT",
    }
}

fn lines(model: &Model, dialog: &VerdictDialog, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let ascii = model.theme.ascii;
    let mut add = |line: Line, indent: usize| lines.extend(line.laid(width, indent, ascii));
    // One line: a title that goes on below could pass for what stands there.
    let title = Line::new().put(&dialog.packet.title, Mark::Strong);
    add(title.cut(width.saturating_sub(MARGIN)), 0);
    for line in consequence(dialog) {
        add(line, 2);
    }
    add(
        Line::new().say(
            "This packet only. Nothing else is let through by it.",
            Mark::Faint,
        ),
        0,
    );
    add(Line::new(), 0);
    match &dialog.walk.stage {
        Stage::Over(why) => {
            add(Line::new().put(why, Mark::Danger), 0);
            for change in dialog.changes.iter().take(CHANGES_SHOWN) {
                add(change.clone(), 2);
            }
            let more = dialog.changes.len().saturating_sub(CHANGES_SHOWN);
            if more > 0 {
                add(
                    Line::new().own(&format!("and {more} more lines"), Mark::Faint),
                    0,
                );
            }
            add(Line::new(), 0);
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

/// What the verdict does, target and amounts in full.
fn consequence(dialog: &VerdictDialog) -> Vec<Line> {
    let word = match dialog.verdict {
        Verdict::Approve => "will send    ",
        Verdict::Reject => "never sends  ",
        Verdict::Return => "sends nothing yet  ",
    };
    let effects = dialog.packet.effects.iter().map(|effect| {
        let line = Line::new()
            .say(word, Mark::Faint)
            .put(&effect.target(), Mark::Strong);
        match &effect.amount {
            Some(amount) => line
                .say("  ", Mark::Plain)
                .show(times::money(amount), Mark::Strong),
            None => line,
        }
    });
    let mut lines: Vec<Line> = effects.collect();
    if dialog.verdict == Verdict::Approve && !dialog.packet.reasons.is_empty() {
        let rules = dialog
            .packet
            .reasons
            .iter()
            .map(|reason| reason.rule.as_str());
        let rules: Vec<&str> = rules.collect();
        let line = Line::new().say("overrides    ", Mark::Faint);
        lines.push(line.put(&rules.join(", "), Mark::Warning));
    }
    lines
}

fn asking(model: &Model, dialog: &VerdictDialog) -> Vec<Line> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    let field = |line: Line, index: usize| {
        let field = walk.field(index)?;
        Some(field_line(line, field, walk.spot() == Spot::Field(index)))
    };
    if dialog.reason_needed {
        let name = match dialog.verdict {
            Verdict::Return => "feedback  ",
            Verdict::Approve | Verdict::Reject => "reason  ",
        };
        lines.extend(field(Line::new().say(name, Mark::Faint), REASON));
    }
    if let Some(fact) = &dialog.fact {
        let line = Line::new()
            .say("type ", Mark::Faint)
            .say(fact.name, Mark::Faint)
            .say(", ", Mark::Faint)
            .put(&fact.expected, Mark::Strong)
            .say("  ", Mark::Plain);
        lines.extend(field(line, FACT));
    }
    if !lines.is_empty() {
        lines.push(Line::new());
    }
    let commit = match dialog.verdict {
        Verdict::Approve => "[ y  Approve ]",
        Verdict::Reject => "[ y  Reject ]",
        Verdict::Return => "[ y  Return ]",
    };
    lines.extend(button_lines(walk, commit, model.at_ms));
    lines
}
