//! An edit of the state under an open packet: schema, then policy again, then a new version with
//! a new digest. An edit may tighten a gate, never skip one: the packet stays open.
//!
//! open, edit valid, not denied → `PacketAmended`; earlier votes are void
//! stale digest, closed packet, not permitted → refused as for a verdict
//! schema or policy says no → refused, `InvalidEdit` or `DeniedByPolicy`

use serde_json::Value;

use crate::domain::limits::PACKET_EDITS_MAX;
use crate::domain::{Fields, Packet, PacketId, PolicyVerdict, Question, Tier};
use crate::engine::assess::assess;
use crate::engine::command::DigestPrefix;
use crate::engine::decide::give_verdict::{open_for_verdict, permitted};
use crate::engine::decide::override_value::edited;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, PacketValues};
use crate::engine::packet::{Identity, make_packet, with_set};
use crate::engine::rejection::Rejection;
use crate::govern::policy::Judgement;

/// What stands for a rule where a person's edit asks.
const RULE: &str = "amendment";

pub(super) fn amend_packet(
    draft: &mut Draft<'_>,
    packet: PacketId,
    digest: &DigestPrefix,
    set: &[(String, Value)],
    reason: &str,
) -> Result<(), Rejection> {
    let open = open_for_verdict(draft, packet, digest)?;
    permitted(draft, &open, false)?;
    bounded(reason)?;
    let set = edited(draft, set)?;
    if set.is_empty() {
        return Err(Rejection::InvalidEdit {
            problems: vec!["it changes nothing".to_owned()],
        });
    }
    let what = set
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    reopen(draft, set, (&what, reason))
}

/// Makes the next version of the open packet, over the state with `set` in it; `what` was edited.
pub(super) fn reopen(
    draft: &mut Draft<'_>,
    set: Fields,
    (what, reason): (&str, &str),
) -> Result<(), Rejection> {
    let Some(before) = draft.state.packet.clone() else {
        return Err(draft.broken("no packet is open"));
    };
    let by = draft.envelope.actor.name.clone();
    if matches!(before.question, Question::Budget { .. }) {
        return keep_asking(draft, *before, by, reason);
    }
    let state = with_set(&draft.state, &set);
    let mut assessment =
        assess(draft.cx, &state, &before.step).map_err(|error| Rejection::InvalidEdit {
            problems: vec![error.to_string()],
        })?;
    if assessment.judgement.verdict == PolicyVerdict::Deny {
        let (rule, text) = assessment.judgement.denial();
        return Err(Rejection::DeniedByPolicy {
            rule: rule.to_owned(),
            reason: text.to_owned(),
        });
    }
    tell_edits(
        &before,
        &format!("{by} edited {what}"),
        &mut assessment.judgement,
    )?;
    let identity = Identity {
        packet: before.packet,
        version: before.version.saturating_add(1),
        edited_by: Some(by),
    };
    let packet = make_packet(draft, &state, &before.step, assessment, identity)?;
    // The review window began when the packet first opened.
    let packet = Packet {
        opened_at: before.opened_at,
        due_at: before.due_at,
        escalated_at: before.escalated_at,
        ..packet
    };
    emit_amended(draft, packet, set, reason)
}

/// Names every edit since the evidence was gathered, the earlier ones too: none hides another.
fn tell_edits(before: &Packet, edit: &str, judgement: &mut Judgement) -> Result<(), Rejection> {
    let earlier = before.reasons.iter().filter(|reason| reason.rule == RULE);
    let mut edits: Vec<String> = earlier.map(|reason| reason.text.clone()).collect();
    let edit = format!("{edit} after the evidence was gathered.");
    if !edits.contains(&edit) {
        edits.push(edit);
    }
    if edits.len() > PACKET_EDITS_MAX {
        let many = "it was edited too often: return it, so that its evidence is gathered anew";
        return Err(Rejection::InvalidEdit {
            problems: vec![many.to_owned()],
        });
    }
    let tier = before.tier.max(Tier::Elevated);
    for edit in &edits {
        judgement.ask(RULE, tier, None, edit);
    }
    judgement.flag("edited", tier, &edits.join(" "));
    Ok(())
}

/// A question about the budget stays what it is, over the state as it is now.
fn keep_asking(
    draft: &mut Draft<'_>,
    before: Packet,
    by: String,
    reason: &str,
) -> Result<(), Rejection> {
    let mut packet = Packet {
        version: before.version.saturating_add(1),
        state: draft.state.state.as_ref().clone(),
        state_version: draft.state.state_version,
        edited_by: Some(by),
        ..before
    };
    packet.digest = packet.digest_of_parts();
    emit_amended(draft, packet, Fields::new(), reason)
}

fn emit_amended(
    draft: &mut Draft<'_>,
    packet: Packet,
    set: Fields,
    reason: &str,
) -> Result<(), Rejection> {
    draft.emit(Event::PacketAmended {
        packet: packet.packet,
        version: packet.version,
        digest: packet.digest,
        tier: packet.tier,
        flags: packet.flags.iter().map(|flag| flag.code.clone()).collect(),
        values: PacketValues {
            packet: Box::new(packet),
            set,
            reason: Some(reason.to_owned()),
        },
    })
}
