//! Draws the dialog on dead letters.

mod preview;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ANSWER, FACT, LetterDialog, Outcome, REASON, Verb};
use crate::console::model::Model;
use crate::console::model::dead_letters::{last_letters, name};
use crate::console::overlays::panel::{columns, panel};
use crate::console::overlays::scrolled::{Parts, Scroll};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{answer, button_lines, field_line};
use crate::console::panes::runs::status_mark;
use crate::console::text::{Line, MARGIN, Mark};

/// What a redrive goes on with where no other answer is written.
const AS_ANSWERED: &str = "left empty, it goes on with what was answered.";

pub fn letter(model: &Model, dialog: &LetterDialog, buffer: &mut Buffer, screen: Rect) {
    let parts = parts(model, dialog, columns(screen.width));
    let lines = parts.window(dialog.scroll, screen.height.into());
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows enough of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &LetterDialog) -> bool {
    parts(model, dialog, columns(model.columns)).fits(model.rows.into())
}

/// The dialog was on the screen: where its reader stands now.
pub fn seen(model: &Model, dialog: &LetterDialog) -> Scroll {
    let parts = parts(model, dialog, columns(model.columns));
    parts.seen(dialog.scroll, model.rows.into())
}

fn title(dialog: &LetterDialog) -> Line {
    let verb = match dialog.verb {
        Verb::Redrive => "REDRIVE",
        Verb::Discard => "DISCARD",
    };
    let about = match dialog.only() {
        Some(row) => format!("  dead letter …{} ", last_letters(row.dead_letter)),
        None => format!("  {} dead letters ", dialog.letters.len()),
    };
    Line::new()
        .say(" ", Mark::Plain)
        .say(verb, Mark::Title)
        .own(&about, Mark::Faint)
}

fn parts(model: &Model, dialog: &LetterDialog, width: usize) -> Parts {
    let (mut head, mut body, mut foot) = (Vec::new(), Vec::new(), Vec::new());
    head.push((called(dialog, width), 0));
    head.push((Line::new().say(does(dialog), Mark::Plain), 0));
    if !dialog.results.is_empty() {
        body.extend(dialog.results.iter().map(|outcome| (came(outcome), 4)));
    } else if dialog.only().is_some() {
        body.extend(preview::lines(dialog));
    } else {
        let names = dialog.letters.iter().map(|row| {
            let line = Line::new().put(&name(row), Mark::Strong);
            let line = line
                .say("  at ", Mark::Faint)
                .put(row.step.as_str(), Mark::Plain);
            (line.say("  ", Mark::Plain).put(&row.code, Mark::Danger), 4)
        });
        body.extend(names);
    }
    foot.push((Line::new(), 0));
    match &dialog.walk.stage {
        Stage::Over(why) => {
            foot.push((Line::new().put(why, Mark::Danger), 0));
            foot.push((Line::new().say("esc closes", Mark::Key), 0));
        }
        Stage::Sent(_) if !dialog.results.is_empty() => {
            let said = "Each was decided by itself; esc closes, what goes on is told in the list.";
            foot.push((Line::new().say(said, Mark::Info), 0));
        }
        Stage::Sent(_) => {
            let said = "on its way … it counts once it stands in the journal";
            foot.push((Line::new().say(said, Mark::Info), 0));
        }
        Stage::Asking => foot.extend(asking(model, dialog)),
    }
    Parts::laid(width, model.theme.ascii, (head, body, foot))
}

/// One line: a name that goes on below could pass for what stands there.
fn called(dialog: &LetterDialog, width: usize) -> Line {
    let line = if let Some(row) = dialog.only() {
        Line::new()
            .put(&name(row), Mark::Strong)
            .say("  ", Mark::Plain)
            .put(row.workflow.as_str(), Mark::Plain)
            .say(" at ", Mark::Faint)
            .put(row.step.as_str(), Mark::Strong)
    } else {
        let count = dialog.letters.len();
        Line::new().own(&format!("{count} marked dead letters"), Mark::Strong)
    };
    line.cut(width.saturating_sub(MARGIN))
}

fn does(dialog: &LetterDialog) -> &'static str {
    match (dialog.verb, dialog.only().is_some()) {
        (Verb::Redrive, true) => {
            "The step goes on from where it is stuck. What was done is never sent again."
        }
        (Verb::Redrive, false) => {
            "Each step goes on from where it is stuck, judged by its own rules. What was done is never sent again. v on one of them tells what would happen to it."
        }
        (Verb::Discard, true) => {
            "The run ends failed. What it did is undone where it can be, the last first, else it stays done; what it did not do is never sent. It stays in the journal."
        }
        (Verb::Discard, false) => {
            "Each run ends failed. What it did is undone where it can be, the last first, else it stays done; what it did not do is never sent. They stay in the journal."
        }
    }
}

/// What came of one letter of several.
fn came(outcome: &Outcome) -> Line {
    let line = Line::new();
    match &outcome.said {
        None => line
            .say(".  ", Mark::Faint)
            .put(&outcome.called, Mark::Strong)
            .say("  on its way …", Mark::Faint),
        Some(Ok(status)) => {
            let (sign, mark) = status_mark(*status);
            line.say(sign, mark)
                .say(" ", Mark::Plain)
                .put(&outcome.called, Mark::Strong)
                .say("  the run is ", Mark::Faint)
                .say(status.as_str(), mark)
        }
        Some(Err(why)) => line
            .say("x  ", Mark::Danger)
            .put(&outcome.called, Mark::Strong)
            .say("  ", Mark::Plain)
            .put(why, Mark::Danger),
    }
}

fn asking(model: &Model, dialog: &LetterDialog) -> Vec<(Line, usize)> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    let field = |line: Line, index: usize| {
        let field = walk.field(index)?;
        Some((
            field_line(line, field, walk.spot() == Spot::Field(index)),
            2,
        ))
    };
    if let Some(wanted) = &dialog.answer {
        lines.extend(answer::lines(walk, ANSWER, wanted, AS_ANSWERED));
        lines.push((Line::new(), 0));
    }
    if dialog.verb == Verb::Discard {
        lines.extend(field(Line::new().say("reason  ", Mark::Faint), REASON));
        let what = if dialog.only().is_some() {
            "type the end of its id, "
        } else {
            "type how many they are, "
        };
        let line = Line::new()
            .say(what, Mark::Faint)
            .own(&dialog.fact(), Mark::Strong)
            .say("  ", Mark::Plain);
        lines.extend(field(line, FACT));
        lines.push((Line::new(), 0));
    }
    let commit = match dialog.verb {
        Verb::Redrive => "[ y  Redrive ]",
        Verb::Discard => "[ y  Discard ]",
    };
    let buttons = button_lines(walk, commit, model.at_ms);
    lines.extend(buttons.map(|line| (line, 2)));
    lines
}
