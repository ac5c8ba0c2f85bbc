//! Draws the dialog in which a run is stopped for good.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{COMPENSATE, REASON, TerminateDialog};
use crate::console::model::Model;
use crate::console::model::runs::short;
use crate::console::overlays::panel::{columns, panel};
use crate::console::overlays::scrolled::{Given, Parts, Scroll};
use crate::console::overlays::walk::{Spot, Stage};
use crate::console::overlays::{button_lines, field_line};
use crate::console::panes::runs::{fates, status_mark};
use crate::console::text::{Line, MARGIN, Mark};
use crate::views::Undoing;

/// Columns of the names before the fields.
const NAME: usize = 9;

pub fn terminate(model: &Model, dialog: &TerminateDialog, buffer: &mut Buffer, screen: Rect) {
    let parts = parts(model, dialog, columns(screen.width));
    let lines = parts.window(dialog.scroll, screen.height.into());
    panel(model, buffer, screen, &title(dialog), &lines);
}

/// Tells whether the screen shows enough of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &TerminateDialog) -> bool {
    parts(model, dialog, columns(model.columns)).fits(model.rows.into())
}

/// The dialog was on the screen: where its reader stands now.
pub fn seen(model: &Model, dialog: &TerminateDialog) -> Scroll {
    let parts = parts(model, dialog, columns(model.columns));
    parts.seen(dialog.scroll, model.rows.into())
}

fn title(dialog: &TerminateDialog) -> Line {
    let name = if dialog.preview.stops {
        " TERMINATE"
    } else {
        " UNDO A TERMINATED RUN"
    };
    let run = format!("  run {} ", short(dialog.preview.run));
    Line::new().say(name, Mark::Title).own(&run, Mark::Faint)
}

fn parts(model: &Model, dialog: &TerminateDialog, width: usize) -> Parts {
    let (mut head, mut foot) = (Vec::new(), Vec::new());
    let (sign, mark) = status_mark(dialog.preview.status);
    // One line: a name that goes on below could pass for what stands there.
    let called = Line::new()
        .put(&dialog.called, Mark::Strong)
        .say("  now ", Mark::Faint)
        .say(sign, mark)
        .say(dialog.preview.status.as_str(), mark);
    head.push((called.cut(width.saturating_sub(MARGIN)), 0));
    head.push((Line::new().say(does(dialog), Mark::Plain), 0));
    let mut body = Vec::new();
    if dialog.preview.effects.is_empty() {
        let none = "Nothing was sent for it, and nothing is planned.";
        body.push((Line::new().say(none, Mark::Faint), 0));
    }
    for effect in &dialog.preview.effects {
        body.extend(fates::lines(effect, &dialog.preview.effects));
        let then = fates::then(effect, dialog.compensates());
        body.extend(then.map(|line| (Line::new().pad(3).join(line), 3)));
    }
    foot.push((Line::new(), 0));
    match &dialog.walk.stage {
        Stage::Over(why) => {
            foot.push((Line::new().put(why, Mark::Danger), 0));
            foot.push((Line::new().say("esc closes", Mark::Key), 0));
        }
        Stage::Sent(_) => {
            let said = "on its way … it counts once it stands in the journal";
            foot.push((Line::new().say(said, Mark::Info), 0));
        }
        Stage::Asking => foot.extend(asking(model, dialog)),
    }
    Parts::laid(width, model.theme.ascii, (head, body, foot))
}

/// What it does, in one breath.
fn does(dialog: &TerminateDialog) -> &'static str {
    match (dialog.preview.stops, dialog.compensates()) {
        (true, false) => {
            "No further steps; what is planned is never sent. What is in flight is still answered; what was done stays done."
        }
        (true, true) => {
            "No further steps; what is planned is never sent. What it did is then undone, the last first, each undoing judged by the rules."
        }
        (false, _) => {
            "It was terminated already. What it did is undone now, the last first, each undoing judged by the rules."
        }
    }
}

fn asking(model: &Model, dialog: &TerminateDialog) -> Vec<Given> {
    let mut lines = Vec::new();
    let walk = &dialog.walk;
    if let Some(field) = walk.field(REASON) {
        let line = Line::new().say("reason", Mark::Faint).pad(NAME);
        let focused = walk.spot() == Spot::Field(REASON);
        lines.push((field_line(line, field, focused), NAME));
    }
    if dialog.preview.stops {
        lines.push((choice(dialog), NAME));
    }
    lines.push((Line::new(), 0));
    if dialog.changed {
        return changed(dialog, lines);
    }
    let commit = match (dialog.preview.stops, dialog.compensates()) {
        (true, false) => "[ y  Terminate ]",
        (true, true) => "[ y  Terminate and undo ]",
        (false, _) => "[ y  Undo what it did ]",
    };
    let buttons = button_lines(walk, commit, model.at_ms);
    lines.extend(buttons.map(|line| (line, 2)));
    lines
}

/// Whether what was done is to be undone.
fn choice(dialog: &TerminateDialog) -> Line {
    let line = Line::new().say("undo it", Mark::Faint).pad(NAME);
    let mut effects = dialog.preview.effects.iter();
    if effects.all(|effect| effect.undoing == Undoing::NothingToUndo && !effect.is_unknown()) {
        return line.say("it has done nothing", Mark::Faint);
    }
    if !dialog.preview.undoes {
        return line.say("nothing it did can be undone", Mark::Faint);
    }
    let focused = dialog.walk.spot() == Spot::Field(COMPENSATE);
    let mark = if focused { Mark::Cursor } else { Mark::Plain };
    let of = |undoing: Undoing| {
        let effects = dialog.preview.effects.iter();
        effects.filter(|effect| effect.undoing == undoing).count()
    };
    let line = if dialog.compensates() {
        let can = of(Undoing::CanBeUndone);
        let done = can.saturating_add(of(Undoing::CannotBeUndone));
        let said = format!("yes, {can} of {done}");
        line.say("[x]", mark).own(&format!(" {said}"), Mark::Strong)
    } else {
        line.say("[ ]", mark)
            .say(" no: what was done stays done", Mark::Plain)
    };
    let hint = if focused { "  space changes it" } else { "" };
    line.say(hint, Mark::Faint)
}

/// In place of the buttons, as long as what changed was not looked at again.
fn changed(dialog: &TerminateDialog, mut lines: Vec<Given>) -> Vec<Given> {
    let said = "What it did CHANGED since you looked. Read it again, then pgdn. A run that moves on and on is paused first: esc, p.";
    lines.push((Line::new().say(said, Mark::Warning), 0));
    let mark = if dialog.walk.spot() == Spot::Cancel {
        Mark::Cursor
    } else {
        Mark::Plain
    };
    lines.push((Line::new().say("[ Cancel ]", mark), 2));
    if let Some(missing) = &dialog.walk.missing {
        lines.push((Line::new().put(missing, Mark::Danger), 2));
    }
    lines
}
