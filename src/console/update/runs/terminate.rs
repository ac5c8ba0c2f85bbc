//! Stopping a run for good: the dialog, what is sent, and what to do where it changed meanwhile.

use crate::console::message::{CHANGED, Refusal, RunRead};
use crate::console::model::runs::{name, terminate_refused};
use crate::console::model::{Model, Notice};
use crate::console::overlays::terminate::draw;
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{Overlay, TerminateDialog};
use crate::console::request::{Request, TerminateOrder, Ticket};
use crate::domain::RunId;
use crate::runtime::TerminatePreview;

/// Opens the dialog on the run under the cursor, or says why not.
pub fn open(model: &mut Model) -> Vec<Request> {
    match openable(model) {
        Ok((read, preview)) => {
            let called = name(&read.detail.row);
            let dialog = TerminateDialog::open(called, preview.clone(), model.at_ms);
            model.runs.held = true;
            model.overlays.push(Overlay::Terminate(Box::new(dialog)));
        }
        Err(notice) => {
            model.refused_at_ms = Some(model.at_ms);
            model.tell(notice);
        }
    }
    Vec::new()
}

/// The run under the cursor, as it was read, and what terminating it would do.
///
/// # Errors
/// Why nothing can be done.
pub fn openable(model: &Model) -> Result<(&RunRead, &TerminatePreview), Notice> {
    if model.runs.list.selected.is_none() {
        return Err(Notice::info("there is no run under the cursor"));
    }
    let selected = model.runs.list.selected;
    let read = model.runs.current();
    let read = read.filter(|read| Some(read.detail.row.run) == selected);
    let read = read.ok_or_else(|| Notice::info("the run is still being read"))?;
    let preview = match &read.terminate {
        Ok(preview) => preview,
        Err(refusal) => return Err(Notice::danger(refusal.message.clone())),
    };
    match terminate_refused(preview) {
        Some(why) => Err(Notice::warning(why)),
        None => Ok((read, preview)),
    }
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Terminate(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(ticket);
    let order = TerminateOrder {
        run: dialog.preview.run,
        reason: dialog.reason().to_owned(),
        compensate: dialog.compensates(),
        shown: dialog.preview.effects.clone(),
    };
    vec![Request::Terminate {
        ticket,
        order: Box::new(order),
    }]
}

/// The run was read anew: a dialog on it shows what changed, and takes its button away until that
/// was looked at.
pub(super) fn changed(model: &mut Model, run: RunId, found: &Result<TerminatePreview, Refusal>) {
    for dialog in dialogs(model) {
        if dialog.preview.run != run || dialog.walk.stage != Stage::Asking {
            continue;
        }
        match found {
            Err(refusal) => {
                dialog.walk.stage = Stage::Over(format!("{} Nothing was done.", refusal.message));
            }
            Ok(now) if dialog.shows_same(now) => dialog.preview.status = now.status,
            Ok(now) => match terminate_refused(now) {
                Some(why) => dialog.walk.stage = Stage::Over(format!("{why}. Nothing was done.")),
                None if now.stops != dialog.preview.stops => {
                    let said = "It was terminated meanwhile, by somebody else. Nothing was done; X says what can be undone.";
                    dialog.walk.stage = Stage::Over(said.to_owned());
                }
                None => dialog.change(now.clone()),
            },
        }
    }
}

/// What was sent was not done: the dialog says why, or shows what changed.
pub(super) fn not_done(model: &mut Model, ticket: Ticket, refusal: &Refusal) -> Option<RunId> {
    let mut sent = dialogs(model).filter(|dialog| dialog.walk.is_sent(ticket));
    let dialog = sent.next()?;
    let run = dialog.preview.run;
    if refusal.code == CHANGED {
        dialog.walk.stage = Stage::Asking;
        dialog.change(dialog.preview.clone());
    } else {
        dialog.walk.stage = Stage::Over(refusal.message.clone());
    }
    Some(run)
}

/// The picture was shown: a dialog whose end was on the screen was read.
pub fn seen(model: &mut Model) {
    let Some(Overlay::Terminate(dialog)) = model.overlays.last() else {
        return;
    };
    let scroll = draw::seen(model, dialog);
    if let Some(Overlay::Terminate(dialog)) = model.overlays.last_mut() {
        dialog.scroll = scroll;
    }
}

fn dialogs(model: &mut Model) -> impl Iterator<Item = &mut TerminateDialog> {
    let overlays = model.overlays.iter_mut();
    overlays.filter_map(|overlay| {
        if let Overlay::Terminate(dialog) = overlay {
            Some(dialog.as_mut())
        } else {
            None
        }
    })
}
