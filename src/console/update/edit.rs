//! Editing the state under a packet: opening the form, leaving it, what comes back from outside.

mod keys;

use std::sync::Arc;

use crate::console::message::{LetterRead, Refusal};
use crate::console::model::packet::Bound;
use crate::console::model::{Model, Notice};
use crate::console::overlays::edit::{Stage, SubjectId};
use crate::console::overlays::{EditForm, Overlay};
use crate::console::request::{Request, Ticket};
use crate::console::text::Mark;
use crate::console::update::{dead_letters, decide, dialog};
use crate::domain::{DeadLetterStatus, Digest, Packet, PacketStatus};
use crate::runtime::Amended;
use crate::workflow::Definition;

pub use keys::{key, paste};

/// Hex digits of a digest that a sentence shows.
const DIGEST_SHOWN: usize = 6;

/// After these the packet is no longer what was edited.
const STALE: [&str; 3] = ["stale_digest", "already_decided", "run_ended"];

/// Opens the form on the packet that is on the screen, or says why not.
pub fn open(model: &mut Model) -> Vec<Request> {
    let packet = match decide::on_screen(model) {
        Ok(packet) => packet.clone(),
        Err(notice) => {
            model.tell(notice);
            return Vec::new();
        }
    };
    let at_ms = model.at_ms;
    let draft = model.drafts.take(SubjectId::Packet(packet.packet));
    let outdated = draft.as_ref().and_then(|draft| draft.subject.bound());
    let bound = Some(Bound::of(&packet));
    if let Some(mut form) = draft.filter(|draft| draft.subject.bound() == bound) {
        form.resume(at_ms);
        form.say("this is your draft; nothing of it was sent", Mark::Info);
        model.overlays.push(Overlay::Edit(form));
        return Vec::new();
    }
    let mut form = EditForm::open(&packet, at_ms);
    if let Some(bound) = outdated {
        let said = format!(
            "your draft is gone: it was for version {}, and this is version {}",
            bound.version, packet.version
        );
        form.say(said, Mark::Warning);
    }
    model.overlays.push(Overlay::Edit(Box::new(form)));
    vec![Request::ReadDefinition(packet.definition)]
}

/// Opens the form on the state of a dead letter.
pub fn open_letter(model: &mut Model, read: &LetterRead) -> Vec<Request> {
    let (detail, at_ms) = (&read.detail, model.at_ms);
    let draft = model.drafts.take(SubjectId::Letter(detail.row.dead_letter));
    let outdated = draft.is_some();
    if let Some(mut form) = draft.filter(|draft| draft.is_on(&detail.state)) {
        form.resume(at_ms);
        form.say("this is your draft; nothing of it was done", Mark::Info);
        model.overlays.push(Overlay::Edit(form));
        return Vec::new();
    }
    let mut form = EditForm::open_letter(detail, at_ms);
    if outdated {
        let said = "your draft is gone: the state is not what it was made from";
        form.say(said, Mark::Warning);
    }
    model.overlays.push(Overlay::Edit(Box::new(form)));
    vec![Request::ReadDefinition(detail.definition)]
}

/// The definition that a form waits for.
pub fn definition(model: &mut Model, digest: Digest, found: &Result<Arc<Definition>, Refusal>) {
    for overlay in &mut model.overlays {
        let Overlay::Edit(form) = overlay else {
            continue;
        };
        if form.pinned != digest || form.stage != Stage::Reading {
            continue;
        }
        match found {
            Ok(definition) => form.lay(Arc::clone(definition)),
            Err(refusal) => form.stage = Stage::Over(refusal.message.clone()),
        }
        model.dirty = true;
    }
}

/// The answer to an edit.
pub fn amended(
    model: &mut Model,
    ticket: Ticket,
    outcome: Result<Amended, Refusal>,
) -> Vec<Request> {
    model.dirty = true;
    match outcome {
        Ok(amended) => {
            let own =
                |overlay: &Overlay| matches!(overlay, Overlay::Edit(form) if form.is_sent(ticket));
            model.overlays.retain(|overlay| !own(overlay));
            if model.drafts.sent(ticket).is_some() {
                drop(model.drafts.take(SubjectId::Packet(amended.packet)));
            }
            model.packet.staged = Some(amended.digest);
            let digest = amended.digest.to_string();
            let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
            let text = format!(
                "version {}, digest {short}…: the rules judged it again, look before you decide",
                amended.version
            );
            model.tell(Notice::good(text));
            vec![Request::ReadPacket(amended.packet)]
        }
        Err(refusal) => {
            refused(model, ticket, refusal);
            model
                .packet
                .wanted
                .map(Request::ReadPacket)
                .into_iter()
                .collect()
        }
    }
}

/// What the person's own editor gave back.
pub fn edited(model: &mut Model, outcome: Result<Option<String>, Refusal>) -> Vec<Request> {
    model.dirty = true;
    if dialog::edited(model, &outcome) {
        return dead_letters::answered(model);
    }
    let Some(Overlay::Edit(form)) = model.overlays.last_mut() else {
        if let Err(refusal) = outcome {
            model.tell(Notice::danger(refusal.message));
        }
        return Vec::new();
    };
    match outcome {
        Ok(Some(text)) => {
            form.edit_raw(&text);
            if form.take_raw() && form.wrong() > 0 {
                form.say(
                    "taken over from the editor, but not all of it is right",
                    Mark::Warning,
                );
            } else if form.raw.is_none() {
                form.say(
                    "taken over from the editor; nothing is sent yet",
                    Mark::Info,
                );
            }
        }
        Ok(None) => form.say("the editor changed nothing", Mark::Info),
        Err(refusal) => form.say(refusal.message, Mark::Danger),
    }
    Vec::new()
}

/// A packet was read anew: what was made of an older version of it can no longer be staged.
pub fn changed(model: &mut Model, found: &Packet) {
    for overlay in &mut model.overlays {
        let Overlay::Edit(form) = overlay else {
            continue;
        };
        let waits = matches!(form.stage, Stage::Reading | Stage::Editing);
        let bound = form.subject.bound();
        let Some(bound) = bound.filter(|bound| bound.packet == found.packet && waits) else {
            continue;
        };
        let said = if found.status != PacketStatus::Open {
            let by = found.closed_by.as_deref().unwrap_or("its run");
            format!("{by} was first: the packet is {} now.", found.status)
        } else if bound.digest != found.digest {
            format!(
                "This packet changed while you edited (version {} is now {}).",
                bound.version, found.version
            )
        } else {
            continue;
        };
        form.stage = Stage::Over(format!("{said} Nothing was sent."));
        model.dirty = true;
    }
}

/// A dead letter was read anew: what was made of an older state of it can no longer be staged.
pub fn letter_changed(model: &mut Model, found: &LetterRead) {
    let row = &found.detail.row;
    for overlay in &mut model.overlays {
        let Overlay::Edit(form) = overlay else {
            continue;
        };
        let waits = matches!(form.stage, Stage::Reading | Stage::Editing);
        if form.letter() != Some(row.dead_letter) || !waits {
            continue;
        }
        let said = if row.status != DeadLetterStatus::Open {
            let by = row.closed_by.as_deref().unwrap_or("its run");
            format!("{by} was first: it is {} now.", row.status)
        } else if form.is_on(&found.detail.state) {
            continue;
        } else {
            "The state changed while you edited.".to_owned()
        };
        form.stage = Stage::Over(format!("{said} Nothing was done."));
        model.dirty = true;
    }
}

/// Leaves the form; what was typed is kept.
fn leave(model: &mut Model) {
    let Some(Overlay::Edit(mut form)) = model.overlays.pop() else {
        return;
    };
    if matches!(form.stage, Stage::Reading | Stage::Over(_)) {
        return;
    }
    if !form.is_touched() {
        return;
    }
    form.said = None;
    model.tell(Notice::info(
        "your draft is kept as long as the state stays as it is; e opens it again",
    ));
    model.drafts.keep(form);
}

fn refused(model: &mut Model, ticket: Ticket, refusal: Refusal) {
    let own = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Edit(form) => form.is_sent(ticket).then(|| form.as_mut()),
        Overlay::Verdict(_)
        | Overlay::Reason(_)
        | Overlay::Letter(_)
        | Overlay::Settle(_)
        | Overlay::Budget(_)
        | Overlay::Acknowledge(_)
        | Overlay::Terminate(_)
        | Overlay::Filter(_)
        | Overlay::Help(_)
        | Overlay::Quit(_) => None,
    });
    let form = own.or_else(|| model.drafts.sent(ticket));
    if let Some(form) = form {
        if STALE.contains(&refusal.code.as_str()) {
            form.stage = Stage::Over(format!("{}. Nothing was changed.", refusal.message));
        } else {
            form.stage = Stage::Editing;
            form.say(refusal.message.clone(), Mark::Danger);
        }
    }
    let open = matches!(model.overlays.last(), Some(Overlay::Edit(_)));
    if !open {
        model.tell(Notice::danger(refusal.message));
    }
}
