//! A verdict on a packet: approve, reject, return. Exactly one wins.
//!
//! open, digest as shown, permitted → `VoteCast`; once every item is decided `PacketClosed`, and
//! the run goes on: approved by the gate's `approved`, rejected by `rejected`, returned by
//! `returned`; refused effects are recorded as `EffectBlocked`
//! open, another digest → refused, `Stale`
//! closed → refused, `AlreadyDecided`, naming who won
//! asks whether an effect happened, or for more budget → refused, `AsksOutcome`, `AsksBudget`
//! not permitted, voted before, no such item, no way back → refused

use std::sync::Arc;

use crate::domain::{Packet, PacketId, PacketStatus, Question, Verdict};
use crate::engine::advance::{advance, follow, gate, write};
use crate::engine::command::DigestPrefix;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::{Draft, next_of};
use crate::engine::event::{ClosedValues, EffectValues, Event, Grant, Next, ReasonValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::Review;
use crate::govern::authority::{NotAllowed, may_decide};
use crate::workflow::StepKind;

/// What a reviewer answered.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) packet: PacketId,
    pub(super) digest: &'a DigestPrefix,
    pub(super) verdict: Verdict,
    pub(super) item: Option<usize>,
    pub(super) reason: Option<&'a str>,
}

pub(super) fn give_verdict(draft: &mut Draft<'_>, answer: &Answer<'_>) -> Result<(), Rejection> {
    let packet = open_for_verdict(draft, answer.packet, answer.digest)?;
    permitted(draft, &packet, true)?;
    if let Some(reason) = answer.reason {
        bounded(reason)?;
    }
    let items = items_of(draft, &packet, answer)?;
    if answer.verdict == Verdict::Return && returned_edge(draft, &packet).is_none() {
        return Err(Rejection::NoReturn {
            step: packet.step.to_string(),
        });
    }
    for item in items {
        draft.emit(Event::VoteCast {
            packet: packet.packet,
            version: packet.version,
            digest: packet.digest,
            item,
            verdict: answer.verdict,
            values: ReasonValues {
                reason: answer.reason.map(str::to_owned),
            },
        })?;
    }
    close_if_decided(draft, answer)?;
    advance(draft)
}

/// The open packet, if it is this one and still what was shown, with what `asks` finds in its
/// question.
pub(super) fn open_packet_named<T>(
    draft: &Draft<'_>,
    packet: PacketId,
    digest: &DigestPrefix,
    asks: impl FnOnce(&Question) -> Result<T, Rejection>,
) -> Result<(Packet, T), Rejection> {
    let open = draft.state.packet.as_deref();
    let Some(open) = open.filter(|open| open.packet == packet) else {
        return Err(not_open(draft, packet));
    };
    let asked = asks(&open.question)?;
    if digest.names(&open.digest) {
        return Ok((open.clone(), asked));
    }
    Err(Rejection::Stale {
        packet,
        version: open.version,
    })
}

/// The open packet, if it asks whether something may be done.
pub(super) fn open_for_verdict(
    draft: &Draft<'_>,
    packet: PacketId,
    digest: &DigestPrefix,
) -> Result<Packet, Rejection> {
    let named = open_packet_named(draft, packet, digest, |question| match question {
        Question::Effects => Ok(()),
        Question::Outcome { .. } => Err(Rejection::AsksOutcome { packet }),
        Question::Budget { .. } => Err(Rejection::AsksBudget { packet }),
    });
    named.map(|(open, ())| open)
}

/// Tells the loser of a race who won, as far as the run remembers.
pub(super) fn not_open(draft: &Draft<'_>, packet: PacketId) -> Rejection {
    let closed = draft
        .state
        .closed_packet
        .as_ref()
        .filter(|closed| closed.packet == packet);
    Rejection::AlreadyDecided {
        packet,
        status: closed.map_or(PacketStatus::Superseded, |closed| closed.status),
        closed_by: closed.map(|closed| (closed.by.clone(), closed.at)),
    }
}

/// Checks roles, and separation of duties where `deciding`.
pub(super) fn permitted(
    draft: &Draft<'_>,
    packet: &Packet,
    deciding: bool,
) -> Result<(), Rejection> {
    let actor = &draft.envelope.actor;
    let by = &actor.name;
    let separated = |why: &str| {
        Err(Rejection::Separation {
            by: by.clone(),
            packet: packet.packet,
            why: why.to_owned(),
        })
    };
    match may_decide(draft.definition(), packet, &draft.state.initiator, actor) {
        Err(NotAllowed::Role { needed }) => Err(Rejection::NotPermitted {
            by: by.clone(),
            packet: packet.packet,
            needed,
        }),
        Err(NotAllowed::NotAPerson) => separated("only people decide"),
        Err(NotAllowed::Separation { why }) if deciding => separated(why),
        Ok(()) | Err(NotAllowed::Separation { .. }) => Ok(()),
    }
}

/// The items this answer is about: the one that is named, else all of them. An answer to the
/// whole is refused once some items are decided, for it would mean less than it says.
fn items_of(
    draft: &Draft<'_>,
    packet: &Packet,
    answer: &Answer<'_>,
) -> Result<Vec<usize>, Rejection> {
    let by = &draft.envelope.actor.name;
    let count = packet.effects.len();
    let already = || Rejection::AlreadyVoted {
        packet: packet.packet,
        by: by.clone(),
    };
    let voted = |item: usize| {
        let mut votes = packet.votes.iter();
        votes.any(|vote| vote.item == item && &vote.by == by)
    };
    if let Some(item) = answer.item {
        if item >= count {
            return Err(Rejection::NoSuchItem {
                packet: packet.packet,
                item,
                items: count,
            });
        }
        if voted(item) || decided(packet, item).is_some() {
            return Err(already());
        }
        return Ok(vec![item]);
    }
    let settled: Vec<usize> = (0..count)
        .filter(|item| decided(packet, *item).is_some() || voted(*item))
        .collect();
    if settled.is_empty() {
        return Ok((0..count).collect());
    }
    if settled.len() == count {
        return Err(already());
    }
    Err(Rejection::PartlyDecided {
        packet: packet.packet,
        items: settled,
    })
}

/// What became of one item: one rejection rejects it, enough approvals approve it.
fn decided(packet: &Packet, item: usize) -> Option<Verdict> {
    let votes = || packet.votes.iter().filter(move |vote| vote.item == item);
    if votes().any(|vote| vote.verdict == Verdict::Return) {
        return Some(Verdict::Return);
    }
    if votes().any(|vote| vote.verdict == Verdict::Reject) {
        return Some(Verdict::Reject);
    }
    let approvals = votes()
        .filter(|vote| vote.verdict == Verdict::Approve)
        .count();
    let needed = usize::try_from(packet.approvals).unwrap_or(usize::MAX);
    (approvals >= needed).then_some(Verdict::Approve)
}

fn close_if_decided(draft: &mut Draft<'_>, answer: &Answer<'_>) -> Result<(), Rejection> {
    let Some(packet) = draft.state.packet.clone() else {
        return Ok(());
    };
    let outcomes: Option<Vec<Verdict>> = (0..packet.effects.len())
        .map(|item| decided(&packet, item))
        .collect();
    let returned = answer.verdict == Verdict::Return;
    let outcomes = match outcomes {
        Some(outcomes) => outcomes,
        None if returned => Vec::new(),
        None => return Ok(()),
    };
    if returned || outcomes.contains(&Verdict::Return) {
        return close_returned(draft, &packet, answer);
    }
    close_decided(draft, &packet, &outcomes, answer)
}

fn close_returned(
    draft: &mut Draft<'_>,
    packet: &Packet,
    answer: &Answer<'_>,
) -> Result<(), Rejection> {
    let by = draft.envelope.actor.name.clone();
    let Some(next) = returned_edge(draft, packet) else {
        return Err(Rejection::NoReturn {
            step: packet.step.to_string(),
        });
    };
    draft.emit(Event::PacketClosed {
        packet: packet.packet,
        version: packet.version,
        status: PacketStatus::Returned,
        grants: Vec::new(),
        next: next.clone(),
        values: ClosedValues {
            review: Some(Review::by_person(Verdict::Return, &by, answer.reason)),
        },
    })?;
    follow(draft, &next)
}

fn close_decided(
    draft: &mut Draft<'_>,
    packet: &Packet,
    outcomes: &[Verdict],
    answer: &Answer<'_>,
) -> Result<(), Rejection> {
    let approved = outcomes.contains(&Verdict::Approve);
    let rejected = outcomes.contains(&Verdict::Reject);
    block_rejected(draft, packet, outcomes)?;
    let status = match (approved, rejected) {
        (true, false) => PacketStatus::Approved,
        (true, true) => PacketStatus::Decided,
        (false, _) => PacketStatus::Rejected,
    };
    let verdict = if approved {
        Verdict::Approve
    } else {
        Verdict::Reject
    };
    let by = deciders(packet, verdict);
    let next = if approved {
        approved_edge(draft, packet)?
    } else {
        rejected_edge(draft, packet)?
    };
    let grants = if approved {
        grants_of(draft, packet, outcomes)
    } else {
        Vec::new()
    };
    draft.emit(Event::PacketClosed {
        packet: packet.packet,
        version: packet.version,
        status,
        grants,
        next: next.clone(),
        values: ClosedValues {
            review: Some(Review::by_person(verdict, &by, answer.reason)),
        },
    })?;
    follow(draft, &next)
}

/// Records what reviewers said no to: a blocked write.
fn block_rejected(
    draft: &mut Draft<'_>,
    packet: &Packet,
    outcomes: &[Verdict],
) -> Result<(), Rejection> {
    let by = deciders(packet, Verdict::Reject);
    let visit = draft.state.visits.get(&packet.step).copied().unwrap_or(1);
    for (effect, outcome) in packet.effects.iter().zip(outcomes) {
        if *outcome != Verdict::Reject {
            continue;
        }
        draft.emit(Event::EffectBlocked {
            step: effect.step.clone(),
            at_step: packet.step.clone(),
            visit,
            tool: effect.tool.clone(),
            key: effect.key,
            digest: effect.digest,
            reason: format!("rejected by {by}"),
            next: Next::Stay,
            values: EffectValues {
                effect: Arc::new(effect.clone()),
            },
        })?;
    }
    Ok(())
}

fn grants_of(draft: &Draft<'_>, packet: &Packet, outcomes: &[Verdict]) -> Vec<Grant> {
    let until = draft.now().plus_ms(packet.valid_ms);
    packet
        .effects
        .iter()
        .zip(outcomes)
        .map(|(effect, outcome)| Grant {
            step: effect.step.clone(),
            effect: effect.digest,
            packet: Some(packet.packet),
            until: Some(until),
            void: None,
            refused: *outcome == Verdict::Reject,
            number: effect.identity.and_then(|identity| identity.named()),
        })
        .collect()
}

/// Everybody who gave this verdict, in the order they did.
fn deciders(packet: &Packet, verdict: Verdict) -> String {
    let mut names: Vec<&str> = Vec::new();
    for vote in packet.votes.iter().filter(|vote| vote.verdict == verdict) {
        if !names.contains(&vote.by.as_str()) {
            names.push(&vote.by);
        }
    }
    names.join(", ")
}

fn approved_edge(draft: &Draft<'_>, packet: &Packet) -> Result<Next, Rejection> {
    let step = draft.step(&packet.step)?;
    Ok(match step.kind {
        StepKind::Gate(_) => gate::approved_edge(step),
        StepKind::Tool(_) | StepKind::Compute { .. } | StepKind::Wait(_) => write::APPROVED,
    })
}

pub(super) fn rejected_edge(draft: &Draft<'_>, packet: &Packet) -> Result<Next, Rejection> {
    let step = draft.step(&packet.step)?;
    Ok(write::rejected_edge(draft, step))
}

fn returned_edge(draft: &Draft<'_>, packet: &Packet) -> Option<Next> {
    // An undoing comes of what was done: there is nothing to send back.
    if draft.state.saga.undoes() {
        return None;
    }
    let step = draft.definition().steps.get(&packet.step)?;
    step.edges.returned.as_ref().map(next_of)
}
