//! Packets that ask for more budget: the dialog, what is sent, what came of it.

use std::borrow::Cow;

use crate::console::keymap::OnBudget;
use crate::console::message::{Beside, Refusal};
use crate::console::model::packet::Bound;
use crate::console::model::{Model, Notice};
use crate::console::overlays::budget::{Asked, draw};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{BudgetDialog, Overlay};
use crate::console::request::{Request, Ticket};
use crate::console::update::decide;
use crate::domain::{Packet, PacketStatus, Question, RunStatus};
use crate::engine::BudgetAnswer;
use crate::runtime::{BudgetAnswered, Stake};

/// What a packet that asks for more budget answers to the keys of another.
pub const FOR_BUDGET: &str = "this packet asks for more budget: L raises the limit, X stops the run, b stops and undoes what it did";

/// Opens the dialog on the packet that is on the screen, or says why not.
pub fn open(model: &mut Model, verb: OnBudget) -> Vec<Request> {
    match openable(model, verb) {
        Ok((packet, asked, stake)) => {
            let dialog = BudgetDialog::open(verb, packet, (asked, stake), model.at_ms);
            model.overlays.push(Overlay::Budget(Box::new(dialog)));
        }
        Err(notice) => {
            model.refused_at_ms = Some(model.at_ms);
            model.tell(notice);
        }
    }
    Vec::new()
}

/// The packet on the screen, what it asks, and what its run spent and did.
///
/// # Errors
/// Why this cannot be answered to it.
pub fn openable(model: &Model, verb: OnBudget) -> Result<(&Packet, Asked, Option<&Stake>), Notice> {
    let packet = decide::seen(model)?;
    let Some(asked) = asked(&packet.question) else {
        let said = match packet.question {
            Question::Outcome { .. } => decide::FOR_OUTCOME,
            Question::Effects | Question::Budget { .. } => {
                "this packet asks whether it may be done: a approves, r rejects"
            }
        };
        return Err(Notice::info(said));
    };
    let stake = match &model.packet.beside {
        Beside::Stake(stake) => Some(stake),
        Beside::Unread(why) if verb != OnBudget::Raise => {
            let said = format!("what the run did could not be read: {why}");
            return Err(Notice::danger(said));
        }
        Beside::Nothing | Beside::Outcome { .. } | Beside::Unread(_) => None,
    };
    let undoable = stake.map_or(0, Stake::undoable);
    if verb == OnBudget::Undo && undoable == 0 {
        let said = "nothing that this run did can be undone: X stops it, L raises the limit";
        return Err(Notice::warning(said));
    }
    Ok((packet, asked, stake))
}

fn asked(question: &Question) -> Option<Asked> {
    match question {
        Question::Budget {
            limit,
            used,
            allowed,
            next,
            message,
            ..
        } => Some(Asked {
            limit: *limit,
            used: *used,
            allowed: *allowed,
            next: *next,
            message: message.clone(),
        }),
        Question::Effects | Question::Outcome { .. } => None,
    }
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Budget(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    let Some(answer) = dialog.request() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(ticket);
    vec![Request::Resolve { ticket, answer }]
}

/// The answer to it.
pub fn resolved(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<BudgetAnswered, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    let sent = |overlay: &Overlay| matches!(overlay, Overlay::Budget(dialog) if dialog.walk.is_sent(ticket));
    let place = model.overlays.iter().position(sent);
    match outcome {
        Ok(answered) => {
            if let Some(place) = place {
                model.overlays.remove(place);
            }
            model.disarmed = true;
            let status = answered.run_status;
            model.packet.settling = status.is_active().then_some(answered.run);
            let done = match answered.answer {
                BudgetAnswer::MoreCost { .. } | BudgetAnswer::MoreSteps { .. } => {
                    "the limit is raised"
                }
                BudgetAnswer::Stop => "stopped, what it did stays done",
                BudgetAnswer::Compensate => "stopped, what it did is being undone",
            };
            let text = match status {
                RunStatus::Ready | RunStatus::Running => {
                    format!("{done}; the run goes on. Move on with j or k.")
                }
                status => format!("{done}; the run is {status} now. Move on with j or k."),
            };
            model.tell(Notice::good(text));
        }
        Err(refusal) => match place.and_then(|place| model.overlays.get_mut(place)) {
            // The store could not take it: what was written is still there, and may be sent again.
            Some(Overlay::Budget(dialog)) if refusal.code == "store" => {
                dialog.walk.stage = Stage::Asking;
                dialog.walk.absorb(model.at_ms);
                dialog.walk.missing = Some(Cow::Owned(refusal.message));
            }
            Some(Overlay::Budget(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
            // It was closed meanwhile: then the footer says it.
            Some(_) | None => model.tell(Notice::danger(refusal.message)),
        },
    }
    let packet = model.packet.wanted;
    packet.map(Request::ReadPacket).into_iter().collect()
}

/// A packet was read anew: a dialog on an older version of it can no longer answer.
pub fn changed(model: &mut Model, found: &Packet) {
    for overlay in &mut model.overlays {
        let Overlay::Budget(dialog) = overlay else {
            continue;
        };
        if dialog.bound.packet != found.packet || dialog.walk.stage != Stage::Asking {
            continue;
        }
        if found.status != PacketStatus::Open {
            let by = found.closed_by.as_deref().unwrap_or("its run");
            let said = format!(
                "{by} was first: the packet is {} now. Nothing was sent.",
                found.status
            );
            dialog.walk.stage = Stage::Over(said);
        } else if dialog.bound != Bound::of(found) {
            dialog.became(found);
        }
        model.dirty = true;
    }
}

/// The dialog was on the screen: notes how far it was read.
pub fn seen(model: &mut Model) {
    let Some(Overlay::Budget(dialog)) = model.overlays.last() else {
        return;
    };
    let scroll = draw::seen(model, dialog);
    if let Some(Overlay::Budget(dialog)) = model.overlays.last_mut() {
        dialog.scroll = scroll;
    }
}
