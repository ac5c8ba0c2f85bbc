//! What dialogs that decide have in common: they are armed by the picture, wake by the clock, and
//! answer only where all of them is on the screen.

use std::borrow::Cow;

use crate::console::key::Key;
use crate::console::message::Refusal;
use crate::console::model::Model;
use crate::console::overlays::walk::Came;
use crate::console::overlays::{
    Dialog, Overlay, acknowledge, budget as budget_dialog, letter, quit, reason,
    settle as settle_dialog, terminate, verdict,
};
use crate::console::request::Request;
use crate::console::update::{alerts, budget, dead_letters, decide, runs, settle};

const TOO_SMALL: &str = "the window is too small to show what is decided: make it larger";

/// A key in the dialog on top.
pub fn key(model: &mut Model, key: Key, at_ms: u64) -> Vec<Request> {
    let dialog = model.overlays.last_mut().and_then(Overlay::dialog_mut);
    match dialog.map(|dialog| dialog.key(key, at_ms)) {
        Some(Came::Close) => drop(model.overlays.pop()),
        Some(Came::Edits) => {
            let dialog = model.overlays.last().and_then(Overlay::dialog);
            let text = dialog.and_then(|dialog| dialog.walk().edited_outside());
            return text
                .map(str::to_owned)
                .map(Request::Edit)
                .into_iter()
                .collect();
        }
        Some(Came::Nothing) | None => {}
    }
    dead_letters::answered(model)
}

/// Puts pasted text into the field of the dialog on top that takes it; false where none does.
pub fn paste(model: &mut Model, text: &str, at_ms: u64) -> bool {
    let dialog = model.overlays.last_mut().and_then(Overlay::dialog_mut);
    dialog.is_some_and(|dialog| dialog.walk_mut().paste(text, at_ms))
}

/// What the person's own editor gave back to the dialog on top; false where that wanted nothing.
pub fn edited(model: &mut Model, outcome: &Result<Option<String>, Refusal>) -> bool {
    let dialog = model.overlays.last_mut().and_then(Overlay::dialog_mut);
    let Some(walk) = dialog.map(Dialog::walk_mut) else {
        return false;
    };
    if walk.edited_outside().is_none() {
        return false;
    }
    match outcome {
        Ok(Some(text)) => walk.edited(text),
        Ok(None) => walk.deaf.unseen(),
        Err(refusal) => {
            walk.deaf.unseen();
            walk.missing = Some(Cow::Owned(refusal.message.clone()));
        }
    }
    true
}

/// What lies on top is on the screen since `at_ms`; what lies below it is not.
pub fn arm(model: &mut Model, at_ms: u64) {
    let mut overlays = model.overlays.iter_mut().rev();
    if let Some(deaf) = overlays.next().and_then(Overlay::deaf_mut) {
        deaf.arm(at_ms);
    }
    for deaf in overlays.filter_map(Overlay::deaf_mut) {
        deaf.unseen();
    }
}

/// Tells whether a key must stand alone for a moment before it counts.
pub fn holds(model: &Model) -> bool {
    let dialog = model.overlays.last().and_then(Overlay::dialog);
    dialog.is_some_and(|dialog| dialog.walk().holds())
}

/// Time passed: a dialog that was deaf hears again, and a `y` that stood alone is an answer.
pub fn woke(model: &mut Model) -> Vec<Request> {
    let at_ms = model.at_ms;
    let Some(overlay) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let wakes = overlay.deaf_mut().is_some_and(|deaf| deaf.ends(at_ms));
    let dialog = overlay.dialog_mut();
    let due = dialog.is_some_and(|dialog| dialog.walk_mut().due(at_ms));
    model.dirty |= wakes || due;
    if !due {
        return Vec::new();
    }
    if !fits(model) {
        let dialog = model.overlays.last_mut().and_then(Overlay::dialog_mut);
        if let Some(dialog) = dialog {
            dialog.walk_mut().missing = Some(Cow::Borrowed(TOO_SMALL));
        }
        return Vec::new();
    }
    match model.overlays.last() {
        Some(Overlay::Verdict(_)) => decide::give(model),
        Some(Overlay::Reason(_)) => runs::commit(model),
        Some(Overlay::Letter(_)) => dead_letters::commit(model),
        Some(Overlay::Settle(_)) => settle::commit(model),
        Some(Overlay::Budget(_)) => budget::commit(model),
        Some(Overlay::Acknowledge(_)) => alerts::commit(model),
        Some(Overlay::Terminate(_)) => runs::terminate::commit(model),
        Some(Overlay::Quit(_)) => vec![Request::Quit],
        Some(Overlay::Edit(_) | Overlay::Filter(_) | Overlay::Help(_)) | None => Vec::new(),
    }
}

/// Tells whether the screen shows all of the dialog on top.
fn fits(model: &Model) -> bool {
    match model.overlays.last() {
        Some(Overlay::Verdict(dialog)) => verdict::draw::fits(model, dialog),
        Some(Overlay::Reason(dialog)) => reason::draw::fits(model, dialog),
        Some(Overlay::Letter(dialog)) => letter::draw::fits(model, dialog),
        Some(Overlay::Settle(dialog)) => settle_dialog::draw::fits(model, dialog),
        Some(Overlay::Budget(dialog)) => budget_dialog::draw::fits(model, dialog),
        Some(Overlay::Acknowledge(dialog)) => acknowledge::draw::fits(model, dialog),
        Some(Overlay::Terminate(dialog)) => terminate::draw::fits(model, dialog),
        Some(Overlay::Quit(dialog)) => quit::fits(model, dialog),
        Some(Overlay::Edit(_) | Overlay::Filter(_) | Overlay::Help(_)) | None => false,
    }
}
