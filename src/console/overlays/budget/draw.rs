//! Draws the dialog that answers a packet about a budget.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{BudgetDialog, FACT, MORE};
use crate::console::keymap::OnBudget;
use crate::console::model::Model;
use crate::console::overlays::panel::{columns, panel};
use crate::console::overlays::scrolled::{Given, Parts, Scroll};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{button_lines, field_line};
use crate::console::panes::packet::budget as said;
use crate::console::text::{Line, MARGIN, Mark};
use crate::domain::BudgetLimit;

/// Lines the dialog shows of what changed; the packet itself shows all.
const CHANGES_SHOWN: usize = 8;

pub fn budget(model: &Model, dialog: &BudgetDialog, buffer: &mut Buffer, screen: Rect) {
    let parts = parts(model, dialog, columns(screen.width));
    let lines = parts.window(dialog.scroll, screen.height.into());
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows enough of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &BudgetDialog) -> bool {
    parts(model, dialog, columns(model.columns)).fits(model.rows.into())
}

/// The dialog was on the screen: where its reader stands now.
pub fn seen(model: &Model, dialog: &BudgetDialog) -> Scroll {
    let parts = parts(model, dialog, columns(model.columns));
    parts.seen(dialog.scroll, model.rows.into())
}

fn title(dialog: &BudgetDialog) -> Line {
    let name = match dialog.verb {
        OnBudget::Raise => "RAISE THE LIMIT",
        OnBudget::Stop => "STOP THE RUN",
        OnBudget::Undo => "STOP AND UNDO",
    };
    let digest = dialog.bound.digest.to_string();
    let short = digest.get(..12).unwrap_or(&digest);
    let rest = format!("version {}, digest {short}… ", dialog.bound.version);
    Line::new()
        .say(" ", Mark::Plain)
        .say(name, Mark::Title)
        .say("  ", Mark::Plain)
        .own(&rest, Mark::Faint)
}

fn parts(model: &Model, dialog: &BudgetDialog, width: usize) -> Parts {
    let mut head = Vec::new();
    // One line: a title that goes on below could pass for what stands there.
    let called = Line::new().put(&dialog.packet.title, Mark::Strong);
    head.push((called.cut(width.saturating_sub(MARGIN)), 0));
    head.push((Line::new().put(&dialog.asked.message, Mark::Plain), 0));
    head.push((does(dialog), 0));
    let mut foot = vec![(Line::new(), 0)];
    match &dialog.walk.stage {
        Stage::Over(why) => {
            foot.push((Line::new().put(why, Mark::Danger), 0));
            let shown = dialog.changes.iter().take(CHANGES_SHOWN);
            foot.extend(shown.map(|change| (change.clone(), 2)));
            let more = dialog.changes.len().saturating_sub(CHANGES_SHOWN);
            if more > 0 {
                let said = format!("and {more} more lines");
                foot.push((Line::new().own(&said, Mark::Faint), 0));
            }
            foot.push((Line::new().say("esc closes", Mark::Key), 0));
        }
        Stage::Sent(_) => {
            let said = "on its way … it counts once it stands in the journal";
            foot.push((Line::new().say(said, Mark::Info), 0));
        }
        Stage::Asking => foot.extend(asking(model, dialog)),
    }
    Parts::laid(width, model.theme.ascii, (head, body(dialog), foot))
}

/// What the answer does.
fn does(dialog: &BudgetDialog) -> Line {
    let line = Line::new();
    match dialog.verb {
        OnBudget::Raise => line.say(
            "The run goes on, and a person is asked again at the new limit. This run only.",
            Mark::Plain,
        ),
        OnBudget::Stop => line.say(
            "The run ends failed. What it did stays done; nothing more is sent.",
            Mark::Plain,
        ),
        OnBudget::Undo => {
            let what = dialog.stake.as_ref().map(said::of_all).unwrap_or_default();
            let said = format!(
                "{what}, the last first, each judged by the rules like any effect. Then the run ends failed."
            );
            line.own(&said, Mark::Plain)
        }
    }
}

/// How the budget stands; of a run that ends, what it did.
fn body(dialog: &BudgetDialog) -> Vec<Given> {
    let asked = &dialog.asked;
    let amounts = [asked.used, asked.allowed, asked.next];
    let stake = dialog.stake.as_ref();
    match (dialog.verb, stake) {
        (OnBudget::Raise, _) | (_, None) => {
            let facts = said::facts(asked.limit, amounts, stake);
            facts.into_iter().map(|line| (line, 12)).collect()
        }
        (OnBudget::Stop, Some(stake)) => {
            let kept = stake.done.len();
            let said = match kept {
                0 => "It did nothing to the world.".to_owned(),
                1 => "1 effect stays done; later it can only be undone by hand.".to_owned(),
                _ => format!("{kept} effects stay done; later they can only be undone by hand."),
            };
            vec![(Line::new().own(&said, Mark::Warning), 0)]
        }
        (OnBudget::Undo, Some(stake)) => {
            let lines = said::undoing(stake).into_iter();
            lines.map(|line| (line, 2)).collect()
        }
    }
}

fn asking(model: &Model, dialog: &BudgetDialog) -> Vec<Given> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    let field = |line: Line, index: usize| {
        let field = walk.field(index)?;
        let line = field_line(line, field, walk.spot() == Spot::Field(index));
        Some((line, 2))
    };
    if dialog.verb == OnBudget::Raise {
        let name = match dialog.asked.limit {
            BudgetLimit::Cost => "how much more, in USD  ",
            BudgetLimit::Steps => "how many more steps  ",
        };
        lines.extend(field(Line::new().say(name, Mark::Faint), MORE));
        lines.push((reaches(dialog), 2));
    }
    let reason = Line::new().say("reason  ", Mark::Faint);
    lines.extend(field(reason, dialog.reason_at()));
    if dialog.verb == OnBudget::Undo {
        let line = Line::new()
            .say("type how many are undone, ", Mark::Faint)
            .own(&dialog.fact(), Mark::Strong)
            .say("  ", Mark::Plain);
        lines.extend(field(line, FACT));
    }
    lines.push((Line::new(), 0));
    let commit = match dialog.verb {
        OnBudget::Raise => "[ y  Raise the limit ]",
        OnBudget::Stop => "[ y  Stop ]",
        OnBudget::Undo => "[ y  Stop and undo ]",
    };
    let buttons = button_lines(walk, commit, model.at_ms);
    lines.extend(buttons.map(|line| (line, 2)));
    lines
}

/// The new limit, and how far it reaches.
fn reaches(dialog: &BudgetDialog) -> Line {
    let line = Line::new().say("new limit  ", Mark::Faint);
    if dialog.walk.text(MORE).is_empty() {
        return line.say("-", Mark::Faint);
    }
    let more = match dialog.more() {
        Ok(more) => more,
        Err(why) => return line.put(&why, Mark::Danger),
    };
    let asked = &dialog.asked;
    let cap = asked.allowed.saturating_add(more.amount());
    let left = cap.saturating_sub(asked.used).max(0);
    let calls = left.checked_div(asked.next).unwrap_or(0);
    let line = line.own(&asked.limit.amount(cap), Mark::Strong);
    if calls == 0 {
        return line.say(
            ", too little for what is next: it is asked about again at once",
            Mark::Warning,
        );
    }
    let said = match (asked.limit, calls) {
        (BudgetLimit::Cost, 1) => ", enough for 1 such call".to_owned(),
        (BudgetLimit::Cost, calls) => format!(", enough for {calls} such calls"),
        (BudgetLimit::Steps, 1) => ", 1 more step".to_owned(),
        (BudgetLimit::Steps, steps) => format!(", {steps} more steps"),
    };
    line.own(&said, Mark::Plain)
}
