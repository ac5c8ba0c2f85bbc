//! Verdicts: the dialog, what is sent, what came of it.

use std::borrow::Cow;

use crate::console::message::Refusal;
use crate::console::model::packet::Bound;
use crate::console::model::{Model, Notice};
use crate::console::overlays::Overlay;
use crate::console::overlays::VerdictDialog;
use crate::console::overlays::walk::Stage;
use crate::console::request::{Request, Ticket};
use crate::console::text::Mark;
use crate::console::update::budget;
use crate::console::view::layout;
use crate::domain::{Packet, PacketStatus, Question, RunId, RunStatus, Tier, Verdict};
use crate::engine::RunError;
use crate::runtime::VerdictTaken;

pub use crate::console::update::dialog::holds;

/// What a packet that asks whether something happened answers to the keys of another.
pub const FOR_OUTCOME: &str =
    "this packet asks whether it happened: v asks again, D it happened, R it did not";

/// Opens the dialog on the packet that is on the screen, or says why not.
pub fn open(model: &mut Model, verdict: Verdict) -> Vec<Request> {
    match openable(model, verdict) {
        Ok(packet) => {
            let dialog = VerdictDialog::open(verdict, packet, model.at_ms);
            model.overlays.push(Overlay::Verdict(Box::new(dialog)));
        }
        Err(notice) => {
            model.refused_at_ms = Some(model.at_ms);
            model.tell(notice);
        }
    }
    Vec::new()
}

/// The packet on the screen, if a dialog for this verdict may open on it.
///
/// # Errors
/// Why not.
pub fn openable(model: &Model, verdict: Verdict) -> Result<&Packet, Notice> {
    let packet = on_screen(model)?;
    let unread = model.packet.sheet.unread();
    if verdict == Verdict::Approve && packet.tier == Tier::Critical && !unread.is_empty() {
        return Err(Notice::warning(unread_words(
            &unread,
            room_for_words(model),
        )));
    }
    Ok(packet)
}

/// The packet under the cursor as it is on the screen, if it is open and asks for a verdict.
///
/// # Errors
/// Why not.
pub fn on_screen(model: &Model) -> Result<&Packet, Notice> {
    let packet = seen(model)?;
    if matches!(packet.question, Question::Budget { .. }) {
        return Err(Notice::warning(budget::FOR_BUDGET));
    }
    if !packet.question.is_effects() {
        return Err(Notice::warning(FOR_OUTCOME));
    }
    Ok(packet)
}

/// The packet under the cursor as it is on the screen, if it is open and a dialog may open on it.
///
/// # Errors
/// Why not.
pub fn seen(model: &Model) -> Result<&Packet, Notice> {
    if model.disarmed {
        return Err(Notice::info(
            "move the cursor first: nothing is armed after a verdict",
        ));
    }
    if model.queue.list.selected.is_none() {
        return Err(Notice::info("there is no packet under the cursor"));
    }
    let Some(packet) = model.packet.current() else {
        return Err(Notice::info("the packet is still being read"));
    };
    if packet.status != PacketStatus::Open {
        let by = packet.closed_by.as_deref().unwrap_or("its run");
        let text = format!(
            "this packet was {} by {by}: nothing is left to decide",
            packet.status
        );
        return Err(Notice::warning(text));
    }
    if model.packet.drawn != Some(Bound::of(packet)) {
        let seen = model
            .packet
            .drawn
            .is_some_and(|drawn| drawn.packet == packet.packet);
        let text = if seen {
            "this packet changed since you looked: look at it first"
        } else {
            "open it first (enter): it was not on the screen yet"
        };
        return Err(Notice::warning(text));
    }
    Ok(packet)
}

/// The answer of the dialog on top is sent.
pub fn give(model: &mut Model) -> Vec<Request> {
    let ticket = model.ticket();
    let Some(Overlay::Verdict(dialog)) = model.overlays.last_mut() else {
        return Vec::new();
    };
    dialog.walk.stage = Stage::Sent(ticket);
    let verdict = dialog.request();
    vec![Request::Decide { ticket, verdict }]
}

/// The answer to a verdict.
pub fn decided(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<VerdictTaken, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    let sent = |overlay: &Overlay| matches!(overlay, Overlay::Verdict(dialog) if dialog.walk.is_sent(ticket));
    let place = model.overlays.iter().position(sent);
    match outcome {
        Ok(taken) => {
            if let Some(place) = place {
                model.overlays.remove(place);
            }
            model.disarmed = true;
            let done = past(taken.verdict);
            let text = match taken.run_status {
                RunStatus::Ready | RunStatus::Running => {
                    format!("{done}; the run goes on. Move on with j or k.")
                }
                status => format!("{done}; the run is {status} now. Move on with j or k."),
            };
            model.packet.settling = taken.run_status.is_active().then_some(taken.run);
            model.tell(Notice::good(text));
            vec![Request::ReadPacket(taken.packet)]
        }
        Err(refusal) => {
            let packet = model.packet.wanted;
            match place.and_then(|place| model.overlays.get_mut(place)) {
                // The store could not take it: what was written is still there, and may be sent again.
                Some(Overlay::Verdict(dialog)) if refusal.code == "store" => {
                    dialog.walk.stage = Stage::Asking;
                    dialog.walk.absorb(model.at_ms);
                    dialog.walk.missing = Some(Cow::Owned(refusal.message));
                }
                Some(Overlay::Verdict(dialog)) => dialog.walk.stage = Stage::Over(refusal.message),
                // It was closed meanwhile: then the footer says it.
                Some(_) | None => model.tell(Notice::danger(refusal.message)),
            }
            packet.map(Request::ReadPacket).into_iter().collect()
        }
    }
}

/// A packet was read anew: a dialog on an older version of it can no longer commit.
pub fn changed(model: &mut Model, found: &Packet) {
    for overlay in &mut model.overlays {
        let Overlay::Verdict(dialog) = overlay else {
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
        } else if dialog.bound.digest != found.digest {
            dialog.became(found);
        }
        model.dirty = true;
    }
}

/// Columns that the footer has for a notice: it goes on in the line below where there is one.
fn room_for_words(model: &Model) -> usize {
    let lines = if layout::areas(model).status.is_empty() {
        1
    } else {
        2
    };
    usize::from(model.columns).saturating_mul(lines)
}

/// What became of the run that a verdict let go on. What went wrong is always told; what went
/// well only where nothing else was said since.
pub fn settled(model: &mut Model, run: RunId, status: RunStatus, error: Option<&RunError>) {
    let awaited = model.packet.settling == Some(run);
    if awaited {
        model.packet.settling = None;
    }
    let why = error.map(|error| format!(": {}", error.message));
    let why = why.unwrap_or_default();
    let notice = match status {
        RunStatus::DeadLettered => Notice::danger(format!(
            "the run is stuck, a dead letter{why} 3 shows what can be done"
        )),
        RunStatus::Failed => Notice::danger(format!("the run failed{why}")),
        RunStatus::Succeeded => Notice::good("done: the run succeeded. Move on with j or k."),
        status => Notice::info(format!("the run is {status} now. Move on with j or k.")),
    };
    let bad = matches!(status, RunStatus::DeadLettered | RunStatus::Failed);
    if bad
        || awaited
            && model
                .notice
                .as_ref()
                .is_none_or(|told| told.mark == Mark::Good)
    {
        model.tell(notice);
        model.dirty = true;
    }
}

/// Names what is unread, as much of it as the footer shows.
fn unread_words(unread: &[&str], columns: usize) -> String {
    let words = |named: usize| {
        let names = unread.get(..named).unwrap_or(unread).join(", ");
        match unread.len().saturating_sub(named) {
            0 => format!("read it whole first (tab, then space): {names}"),
            more => format!("read it whole first (tab, then space): {names} and {more} more"),
        }
    };
    // A word that does not end a line leaves some of it empty.
    let fits = |text: &String| text.chars().count().saturating_add(12) < columns;
    let texts = (1..=unread.len()).rev().map(words);
    texts.clone().find(fits).unwrap_or_else(|| words(1))
}

fn past(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
        Verdict::Return => "returned to the agent",
    }
}
