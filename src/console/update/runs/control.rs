//! Pausing, resuming, overriding: the dialog, what is sent, what came of it.

use std::borrow::Cow;

use crate::console::message::Refusal;
use crate::console::model::runs::{Control, name};
use crate::console::model::{Model, Notice};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{Overlay, ReasonDialog};
use crate::console::request::{Request, Ticket};
use crate::console::update::runs::{said, terminate};
use crate::domain::{EffectState, RunId};
use crate::runtime::RunMoved;
use crate::views::RunRow;

/// Opens the dialog on the run under the cursor, or says why not.
pub fn ask(model: &mut Model, control: Control) -> Vec<Request> {
    match dialog(model, control) {
        Ok(dialog) => {
            model.runs.held = true;
            model.overlays.push(Overlay::Reason(Box::new(dialog)));
        }
        Err(notice) => model.tell(notice),
    }
    Vec::new()
}

/// Tells why a control cannot be used on the run under the cursor.
///
/// # Errors
/// The reason.
pub fn able(model: &Model, control: Control) -> Result<(), Notice> {
    run_under(model, control).map(drop)
}

fn run_under(model: &Model, control: Control) -> Result<&RunRow, Notice> {
    let Some(row) = model.runs.selected_row() else {
        return Err(Notice::info("there is no run under the cursor"));
    };
    match control.refused(row.status) {
        Some(why) => Err(Notice::warning(why)),
        None => Ok(row),
    }
}

fn dialog(model: &Model, control: Control) -> Result<ReasonDialog, Notice> {
    let row = run_under(model, control)?;
    let mut dialog = ReasonDialog::open(control, row.run, name(row), model.at_ms);
    let read = model
        .runs
        .current()
        .filter(|read| read.detail.row.run == row.run);
    if let Some(read) = read {
        dialog.state = Some(read.detail.state.clone());
        let open = read.effects.iter().filter(|effect| match effect.state {
            EffectState::Intent | EffectState::Unknown => true,
            EffectState::Planned
            | EffectState::Blocked
            | EffectState::Confirmed
            | EffectState::Refused
            | EffectState::Compensated => false,
        });
        let open = open.map(|effect| {
            format!(
                "without outcome: {} for {} ({})",
                effect.tool, effect.operation, effect.state
            )
        });
        dialog.remarks.extend(open);
    }
    if control == Control::Pause && row.packet.is_some() {
        let text = "Its packet stays open: a verdict is kept and acted on once the run is resumed.";
        dialog.remarks.push(text.to_owned());
    }
    Ok(dialog)
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Reason(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let (run, reason) = (dialog.run, dialog.reason().to_owned());
    let request = match (dialog.control, dialog.new_value()) {
        (Control::Pause, _) => Request::Pause {
            ticket,
            run,
            reason,
        },
        (Control::Resume, _) => Request::Resume {
            ticket,
            run,
            reason,
        },
        (Control::Override, Ok(value)) => Request::Override {
            ticket,
            run,
            path: dialog.path().to_owned(),
            value,
            reason,
        },
        (Control::Override, Err(why)) => {
            dialog.walk.missing = Some(Cow::Owned(why));
            return Vec::new();
        }
    };
    dialog.walk.stage = Stage::Sent(ticket);
    vec![request]
}

/// The answer to a control, or to terminating.
pub fn moved(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<RunMoved, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    let place = model.overlays.iter().position(|overlay| {
        let dialog = overlay.dialog();
        dialog.is_some_and(|dialog| dialog.walk().is_sent(ticket))
    });
    match outcome {
        Ok(moved) => {
            let dialog = place.map(|place| model.overlays.remove(place));
            let row = model.runs.row(moved.run);
            let called = row.map_or_else(|| format!("run {}", moved.run), name);
            model.tell(said::done(dialog.as_ref(), &called, &moved));
            if moved.undoes {
                model.runs.undoing.insert(moved.run);
            }
            reread(model, moved.run)
        }
        Err(refusal) => {
            if let Some(run) = terminate::not_done(model, ticket, &refusal) {
                return reread(model, run);
            }
            match place.and_then(|place| model.overlays.get_mut(place)) {
                Some(Overlay::Reason(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
                // It was closed meanwhile: then the footer says it.
                Some(_) | None => model.tell(Notice::danger(refusal.message)),
            }
            Vec::new()
        }
    }
}

fn reread(model: &Model, run: RunId) -> Vec<Request> {
    let here = model.runs.wanted == Some(run);
    here.then_some(Request::ReadRun(run)).into_iter().collect()
}

/// Rows came anew: a dialog on a run that changed meanwhile says that it comes too late.
pub(super) fn changed(model: &mut Model) {
    for overlay in &mut model.overlays {
        let Overlay::Reason(dialog) = overlay else {
            continue;
        };
        let row = model.runs.row(dialog.run);
        let Some(row) = row.filter(|_| dialog.walk.stage == Stage::Asking) else {
            continue;
        };
        if let Some(why) = dialog.control.refused(row.status) {
            dialog.walk.stage = Stage::Over(format!("{why}. Nothing was done."));
        }
    }
}
