//! Packets that ask whether an effect happened: the dialog, what is sent, what came of it.

use crate::console::message::{Beside, Refusal};
use crate::console::model::packet::Bound;
use crate::console::model::{Model, Notice};
use crate::console::overlays::walk::Stage;
use crate::console::overlays::{Overlay, SettleDialog};
use crate::console::request::{Request, Ticket};
use crate::console::update::{budget, decide};
use crate::domain::{EffectState, Packet, PacketStatus, PlannedEffect, Question};
use crate::engine::Settled;
use crate::runtime::EffectMoved;

/// Opens the dialog on the packet that is on the screen, or says why not.
pub fn open(model: &mut Model, settled: Settled) -> Vec<Request> {
    match openable(model, settled) {
        Ok(about) => {
            let beside = match &model.packet.beside {
                Beside::Outcome { tries, answer } => (tries.as_slice(), answer.as_ref()),
                Beside::Nothing | Beside::Stake(_) | Beside::Unread(_) => (&[][..], None),
            };
            let dialog = SettleDialog::open(settled, about, beside, model.at_ms);
            model.overlays.push(Overlay::Settle(Box::new(dialog)));
        }
        Err(notice) => {
            model.refused_at_ms = Some(model.at_ms);
            model.tell(notice);
        }
    }
    Vec::new()
}

/// The packet on the screen and the effect that it asks about.
///
/// # Errors
/// Why nothing can be said of it.
pub fn openable(model: &Model, settled: Settled) -> Result<(&Packet, &PlannedEffect), Notice> {
    let packet = decide::seen(model)?;
    let verifiable = match &packet.question {
        Question::Outcome { verifiable, .. } => *verifiable,
        Question::Effects => {
            return Err(Notice::info(
                "this packet asks whether it may be done: a approves, r rejects",
            ));
        }
        Question::Budget { .. } => return Err(Notice::warning(budget::FOR_BUDGET)),
    };
    if settled == Settled::AskAgain && !verifiable {
        return Err(Notice::warning(
            "the target cannot be asked and keeps no key: say what happened (D or R)",
        ));
    }
    let effect = packet.effects.first();
    let effect = effect.ok_or_else(|| Notice::warning("this packet names no effect"))?;
    Ok((packet, effect))
}

/// The answer of the dialog on top is sent.
pub fn commit(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Settle(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(ticket);
    let settlement = dialog.settlement();
    vec![Request::Settle { ticket, settlement }]
}

/// The answer to it.
pub fn settled(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<EffectMoved, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    let sent = |overlay: &Overlay| matches!(overlay, Overlay::Settle(dialog) if dialog.walk.is_sent(ticket));
    let place = model.overlays.iter().position(sent);
    match outcome {
        Ok(moved) => {
            if let Some(place) = place {
                model.overlays.remove(place);
            }
            model.disarmed = true;
            model.packet.settling = moved.run_status.is_active().then_some(moved.run);
            let text = match moved.state {
                EffectState::Confirmed => "it stands as done and is never sent again",
                EffectState::Planned => "it stands as not done",
                _ => "it is being asked about",
            };
            let status = moved.run_status;
            model.tell(Notice::good(format!(
                "{text}; the run is {status} now. Move on with j or k."
            )));
        }
        Err(refusal) => match place.and_then(|place| model.overlays.get_mut(place)) {
            Some(Overlay::Settle(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
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
        let Overlay::Settle(dialog) = overlay else {
            continue;
        };
        if dialog.bound.packet != found.packet || dialog.walk.stage != Stage::Asking {
            continue;
        }
        if found.status != PacketStatus::Open || dialog.bound != Bound::of(found) {
            let by = found.closed_by.as_deref().unwrap_or("its run");
            let said = format!(
                "The packet is {} now, by {by}, or another version. Nothing was said.",
                found.status
            );
            dialog.walk.stage = Stage::Over(said);
        }
        model.dirty = true;
    }
}
