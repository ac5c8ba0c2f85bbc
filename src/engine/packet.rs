//! Making packets from assessments.

use std::sync::Arc;

use crate::domain::{
    Digest, Fields, Packet, PacketId, PacketStatus, Question, Returned, StepId, Tier, Verdict,
    limits,
};
use crate::engine::advance::write::{Sent, Settle, settle_by};
use crate::engine::assess::Assessment;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, PacketValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::RunState;
use crate::govern::policy::{Judgement, total};

/// What a new version of a packet keeps of the one before.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) packet: PacketId,
    pub(super) version: u32,
    pub(super) edited_by: Option<String>,
}

/// Makes a packet of an assessment, as it would stand over `state`.
pub(super) fn make_packet(
    draft: &Draft<'_>,
    state: &RunState,
    step: &StepId,
    assessment: Assessment,
    identity: Identity,
) -> Result<Packet, Rejection> {
    if assessment.effects.len() > limits::PACKET_EFFECTS_MAX {
        return Err(draft.broken("one packet would hold too many effects"));
    }
    let authority = &draft.definition().authority;
    let title = assessment.title.unwrap_or_else(|| {
        let first = assessment.effects.first();
        first.map_or_else(
            || step.to_string(),
            |effect| format!("{} {}", effect.tool, effect.operation),
        )
    });
    let mut packet = Packet {
        packet: identity.packet,
        version: identity.version,
        digest: Digest::ZERO,
        status: PacketStatus::Open,
        run: state.run,
        workflow: state.workflow.clone(),
        definition: state.definition,
        step: step.clone(),
        title,
        question: Question::Effects,
        tier: assessment.judgement.tier,
        flags: assessment.judgement.flags,
        reasons: assessment.judgement.reasons,
        policy: assessment.judgement.results,
        confidence: assessment.confidence,
        amount: total(&assessment.effects),
        effects: assessment.effects,
        duplicates: assessment.duplicates,
        evidence: assessment.evidence,
        agent_note: assessment.note,
        state: state.state.as_ref().clone(),
        state_version: state.state_version,
        path: state.path.clone(),
        opened_at: draft.now(),
        due_at: draft.now().plus_ms(authority.window_ms),
        escalated_at: None,
        valid_ms: authority.valid_ms,
        approvals: authority.approvals.max(1),
        votes: Vec::new(),
        returned: returned(state),
        edited_by: identity.edited_by,
        closed_by: None,
        closed_at: None,
    };
    packet.digest = packet.digest_of_parts();
    Ok(packet)
}

/// What the last review sent back, if it did.
fn returned(state: &RunState) -> Option<Returned> {
    let review = state.review.as_ref()?;
    (review.verdict == Verdict::Return.as_str()).then(|| Returned {
        by: review.by.clone(),
        feedback: review.feedback.clone(),
    })
}

/// Opens a packet at `step`; `set` are the state fields set with it.
pub(super) fn open_packet(
    draft: &mut Draft<'_>,
    step: &StepId,
    visit: u32,
    assessment: Assessment,
    set: Fields,
) -> Result<(), Rejection> {
    let identity = Identity {
        packet: draft.draw_packet_id(),
        version: 1,
        edited_by: draft.state.edited_by.clone(),
    };
    let state = with_set(&draft.state, &set);
    let packet = make_packet(draft, &state, step, assessment, identity)?;
    emit_opened(draft, (step, visit), packet, set)
}

/// Opens the packet that asks whether an effect happened.
pub(super) fn open_outcome_packet(
    draft: &mut Draft<'_>,
    sent: &Sent,
    message: &str,
) -> Result<(), Rejection> {
    let text = "It was sent, and nobody knows whether it happened.";
    let mut judgement = Judgement::clear();
    judgement.ask(
        "effect.outcome",
        Tier::Critical,
        Some("outcome_unknown"),
        text,
    );
    let assessment = Assessment {
        effects: vec![sent.effect.as_ref().clone()],
        duplicates: Vec::new(),
        evidence: Vec::new(),
        confidence: None,
        note: None,
        title: Some(format!(
            "Did it happen? {} {}",
            sent.effect.tool, sent.effect.operation
        )),
        judgement,
    };
    let identity = Identity {
        packet: draft.draw_packet_id(),
        version: 1,
        edited_by: draft.state.edited_by.clone(),
    };
    let mut packet = make_packet(draft, &draft.state, &sent.step, assessment, identity)?;
    packet.approvals = 1;
    packet.question = Question::Outcome {
        attempts: sent.attempt,
        message: message.to_owned(),
        verifiable: settle_by(draft, sent) != Settle::Person,
    };
    packet.digest = packet.digest_of_parts();
    let visit = draft.state.visits.get(&sent.step).copied().unwrap_or(1);
    emit_opened(draft, (&sent.step, visit), packet, Fields::new())
}

pub(super) fn emit_opened(
    draft: &mut Draft<'_>,
    (step, visit): (&StepId, u32),
    packet: Packet,
    set: Fields,
) -> Result<(), Rejection> {
    draft.emit(Event::PacketOpened {
        packet: packet.packet,
        version: packet.version,
        digest: packet.digest,
        step: step.clone(),
        visit,
        tier: packet.tier,
        flags: packet.flags.iter().map(|flag| flag.code.clone()).collect(),
        due_at: packet.due_at,
        values: PacketValues {
            packet: Box::new(packet),
            set,
            reason: None,
        },
    })
}

/// The state as it will be once `set` is folded in.
pub(super) fn with_set(state: &RunState, set: &Fields) -> RunState {
    let mut state = state.clone();
    if !set.is_empty() {
        Arc::make_mut(&mut state.state).extend(set.clone());
        state.state_version = state.state_version.saturating_add(1);
    }
    state
}
