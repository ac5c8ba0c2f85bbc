//! Keys and pastes in the form.

use super::leave;
use crate::console::key::{Code, Key};
use crate::console::keymap::{Action, InForm};
use crate::console::model::{Field, Model};
use crate::console::overlays::Overlay;
use crate::console::overlays::edit::row::Row;
use crate::console::overlays::edit::{EditForm, Stage};
use crate::console::request::Request;
use crate::console::text::Mark;
use crate::console::update::overlay::ENTER_TRAILED;
use crate::console::update::{burst, dead_letters};

/// A key in the form, and what it means beside typing.
pub fn key(model: &mut Model, key: Key, chosen: Option<Action>, at_ms: u64) -> Vec<Request> {
    let trails = burst::trails(model);
    let Some(Overlay::Edit(form)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let chosen = match chosen {
        Some(Action::Form(InForm::Leave)) => {
            leave(model);
            return Vec::new();
        }
        Some(Action::Form(chosen)) => Some(chosen),
        Some(_) | None => None,
    };
    if form.stage != Stage::Editing {
        return Vec::new();
    }
    form.said = None;
    if key.code == Code::Enter && form.raw.is_none() && trails {
        form.say(ENTER_TRAILED, Mark::Info);
        return Vec::new();
    }
    match chosen {
        Some(InForm::Stage) => return stage(model, at_ms),
        Some(InForm::Editor) => {
            let text = match &form.raw {
                Some(raw) => raw.text(),
                None => form.json(),
            };
            return vec![Request::Edit(text)];
        }
        Some(InForm::Raw) if form.raw.is_some() => drop(form.take_raw()),
        Some(InForm::Raw) => form.edit_raw(&form.json()),
        Some(InForm::Undo) => undo(form),
        Some(InForm::Next) => form.go(true),
        Some(InForm::Previous) => form.go(false),
        Some(InForm::MoreDiff) => form.diff_top = form.diff_top.saturating_add(1),
        Some(InForm::LessDiff) => form.diff_top = form.diff_top.saturating_sub(1),
        Some(InForm::Leave) | None => typed(form, key),
    }
    Vec::new()
}

/// Takes pasted text where the cursor is; it commits nothing.
pub fn paste(model: &mut Model, text: &str, _at_ms: u64) -> bool {
    let Some(Overlay::Edit(form)) = model.overlays.last_mut() else {
        return false;
    };
    if form.stage != Stage::Editing {
        return false;
    }
    form.said = None;
    let taken = if let Some(raw) = &mut form.raw {
        let whole = raw.paste(text);
        form.judge_raw();
        Ok(whole)
    } else if form.on_reason() {
        Ok(form
            .reason
            .as_mut()
            .is_none_or(|reason| one_line(reason, text)))
    } else {
        match form.rows.get_mut(form.at) {
            Some(row) => row.paste(text),
            None => Ok(true),
        }
    };
    form.check();
    match taken {
        Ok(true) => {}
        Ok(false) => form.say("what was pasted is cut: no more fits here", Mark::Warning),
        Err(why) => form.say(why, Mark::Warning),
    }
    true
}

fn typed(form: &mut EditForm, key: Key) {
    if let Some(raw) = &mut form.raw {
        raw.key(key);
        form.judge_raw();
        return;
    }
    if form.on_reason() {
        if let Some(reason) = &mut form.reason {
            reason.key(key);
        }
        return;
    }
    let said = form.rows.get_mut(form.at).and_then(|row| row.key(key));
    form.check();
    if let Some(said) = said {
        form.say(said, Mark::Warning);
    }
}

fn undo(form: &mut EditForm) {
    if let Some(raw) = &mut form.raw {
        raw.undo();
        form.judge_raw();
        return;
    }
    let undone = form.rows.get_mut(form.at).is_some_and(Row::undo);
    form.check();
    if !undone {
        form.say("nothing to undo in this field", Mark::Info);
    }
}

/// Checks everything; asks for a reason; sends. Each is a key press of its own.
fn stage(model: &mut Model, at_ms: u64) -> Vec<Request> {
    let Some(Overlay::Edit(form)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    if form.deaf.holds(at_ms) {
        form.deaf.absorb(at_ms);
        return Vec::new();
    }
    if form.raw.is_some() && !form.take_raw() {
        return Vec::new();
    }
    form.go_to(form.at);
    if let Some(wrong) = form.first_wrong() {
        form.go_to(wrong);
        form.say(
            "nothing was sent: this field is not right yet",
            Mark::Danger,
        );
        return Vec::new();
    }
    if !form.general.is_empty() {
        form.say("nothing was sent: the state is not right yet", Mark::Danger);
        return Vec::new();
    }
    if form.set().is_empty() {
        form.say("nothing is changed: there is nothing to stage", Mark::Info);
        return Vec::new();
    }
    let count = form.rows.len();
    let asked = form.on_reason();
    let reason = form.reason.get_or_insert_with(Field::default);
    let text = reason.text().trim().to_owned();
    if !asked || text.is_empty() {
        form.go_to(count);
        form.deaf.unseen();
        form.say(
            "write why, then ctrl-s once more: it stands in the journal",
            Mark::Info,
        );
        return Vec::new();
    }
    send(model, text)
}

/// A packet's edit is staged; a dead letter's is shown as a redrive first.
fn send(model: &mut Model, why: String) -> Vec<Request> {
    let Some(Overlay::Edit(form)) = model.overlays.last() else {
        return Vec::new();
    };
    if let Some(row) = form.subject.letter().cloned() {
        let set = form.set();
        return dead_letters::edited(model, row, set, why);
    }
    let Some(amendment) = form.amendment(&why) else {
        return Vec::new();
    };
    let ticket = model.ticket();
    if let Some(Overlay::Edit(form)) = model.overlays.last_mut() {
        form.stage = Stage::Sent(ticket);
    }
    vec![Request::Amend { ticket, amendment }]
}

/// Puts text into a field of one line; false where its end did not fit.
fn one_line(field: &mut Field, text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let text = lines.join(" ");
    let end = text.floor_char_boundary(field.room());
    field.insert(text.get(..end).unwrap_or_default());
    end == text.len()
}
