//! A packet's review window: what becomes of it once it has passed.
//!
//! | the window has passed | who may decide then | next |
//! |---|---|---|
//! | the first, the contract names whom to escalate to | they too | `PacketEscalated`: a second window of equal length, from now; never a shorter one than was left |
//! | the first, it names nobody | – | silence: see below |
//! | the second | – | silence |
//! | of a packet that asks whether an effect happened | as above | escalated once, then open until a person says: silence settles no outcome |
//!
//! Silence rejects, and never approves: every effect `EffectBlocked`, `PacketClosed` as expired,
//! and the run goes on by the gate's `rejected` edge. Half a vote is silence too. Where the run is
//! held, nobody's silence means anything: `PacketExtended` by another window.
//!
//! By hand: escalate before the window has passed, or extend it. The digest covers no deadline, so
//! nothing that was shown is void. A verdict that came first wins; what came later is told so.

use std::sync::Arc;

use crate::domain::{Packet, PacketId, PacketStatus, Timestamp};
use crate::engine::advance::{advance, follow};
use crate::engine::decide::give_verdict::{not_open, permitted, rejected_edge};
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{ClosedValues, EffectValues, Event, Next, ReasonValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::Review;

/// The system finds that the window has passed.
pub(super) fn pass(draft: &mut Draft<'_>, packet: PacketId) -> Result<(), Rejection> {
    let open = open(draft, packet)?;
    let due = open.deadline();
    if due.is_none_or(|due| due > draft.now()) {
        return Err(Rejection::NotDue {
            run: draft.state.run,
            due: due.map_or_else(|| "none".to_owned(), |due| due.to_string()),
        });
    }
    let names_nobody = draft.definition().authority.escalate.is_empty();
    if open.escalated_at.is_none() && !(names_nobody && open.question.is_effects()) {
        return raise(draft, &open, ReasonValues { reason: None });
    }
    if draft.state.paused.is_some() {
        let why = "The run is held: nobody's silence means anything.";
        let reason = Some(why.to_owned());
        return postpone(draft, &open, ReasonValues { reason });
    }
    expire(draft, &open)
}

/// A person escalates before the window has passed.
pub(super) fn escalate(
    draft: &mut Draft<'_>,
    packet: PacketId,
    reason: &str,
) -> Result<(), Rejection> {
    let open = open(draft, packet)?;
    permitted(draft, &open, false)?;
    if let Some(at) = open.escalated_at {
        return Err(Rejection::AlreadyEscalated { packet, at });
    }
    if draft.definition().authority.escalate.is_empty() {
        return Err(Rejection::NobodyToEscalateTo { packet });
    }
    let values = bounded(reason)?;
    raise(draft, &open, values)
}

/// A person, or the system after the clock was in question, gives another window.
pub(super) fn extend(
    draft: &mut Draft<'_>,
    packet: PacketId,
    reason: &str,
) -> Result<(), Rejection> {
    let open = open(draft, packet)?;
    if draft.envelope.actor.kind != crate::domain::ActorKind::System {
        permitted(draft, &open, false)?;
    }
    let values = bounded(reason)?;
    postpone(draft, &open, values)
}

fn open(draft: &Draft<'_>, packet: PacketId) -> Result<Packet, Rejection> {
    let open = draft.state.packet.as_deref();
    open.filter(|open| open.packet == packet)
        .cloned()
        .ok_or_else(|| not_open(draft, packet))
}

fn raise(draft: &mut Draft<'_>, open: &Packet, values: ReasonValues) -> Result<(), Rejection> {
    let authority = &draft.definition().authority;
    let another = draft.now().plus_ms(authority.window_ms);
    draft.emit(Event::PacketEscalated {
        packet: open.packet,
        version: open.version,
        to: authority.escalate.clone(),
        due_at: open.due_at.max(another),
        values,
    })
}

/// Another window: from its end where that lies ahead, else from now.
fn postpone(draft: &mut Draft<'_>, open: &Packet, values: ReasonValues) -> Result<(), Rejection> {
    let window_ms = draft.definition().authority.window_ms;
    draft.emit(Event::PacketExtended {
        packet: open.packet,
        version: open.version,
        due_at: open.due_at.max(draft.now()).plus_ms(window_ms),
        values,
    })
}

fn expire(draft: &mut Draft<'_>, open: &Packet) -> Result<(), Rejection> {
    block_all(draft, open)?;
    let next = rejected_edge(draft, open)?;
    draft.emit(Event::PacketClosed {
        packet: open.packet,
        version: open.version,
        status: PacketStatus::Expired,
        grants: Vec::new(),
        next: next.clone(),
        values: ClosedValues {
            review: Some(Review::by_silence(&draft.envelope.actor.name, open.due_at)),
        },
    })?;
    follow(draft, &next)?;
    advance(draft)
}

fn block_all(draft: &mut Draft<'_>, open: &Packet) -> Result<(), Rejection> {
    let visit = draft.state.visits.get(&open.step).copied().unwrap_or(1);
    for effect in &open.effects {
        draft.emit(Event::EffectBlocked {
            step: effect.step.clone(),
            at_step: open.step.clone(),
            visit,
            tool: effect.tool.clone(),
            key: effect.key,
            digest: effect.digest,
            reason: silence(open.due_at),
            next: Next::Stay,
            values: EffectValues {
                effect: Arc::new(effect.clone()),
            },
        })?;
    }
    Ok(())
}

fn silence(due: Timestamp) -> String {
    format!("nobody decided by {due}, and silence rejects")
}
