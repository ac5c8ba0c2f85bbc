//! A packet as scripts read it.

use serde::Serialize;
use serde_json::Value;

use crate::cli::packets::beside::Beside;
use crate::domain::{
    Digest, Evidence, Fields, Flag, Holder, IdempotencyKey, Money, Packet, PacketId, PacketStatus,
    PlannedEffect, PolicyResult, Question, Reason, Request, Returned, RunId, StepId, Tier,
    Timestamp, ToolName, Vote, WorkflowName,
};
use crate::runtime::Stake;
use crate::views::Try;

/// One line of the queue.
#[derive(Debug, Serialize)]
pub(crate) struct PacketLine<'a> {
    packet: PacketId,
    version: u32,
    digest: Digest,
    run: RunId,
    workflow: &'a WorkflowName,
    step: &'a StepId,
    title: &'a str,
    status: PacketStatus,
    tier: Tier,
    flags: &'a [Flag],
    confidence: Option<f64>,
    amount: Option<Money>,
    opened_at: Timestamp,
    due_at: Timestamp,
}

impl<'a> PacketLine<'a> {
    pub(crate) fn of(packet: &'a Packet) -> Self {
        Self {
            packet: packet.packet,
            version: packet.version,
            digest: packet.digest,
            run: packet.run,
            workflow: &packet.workflow,
            step: &packet.step,
            title: &packet.title,
            status: packet.status,
            tier: packet.tier,
            flags: &packet.flags,
            confidence: packet.confidence,
            amount: packet.amount,
            opened_at: packet.opened_at,
            due_at: packet.due_at,
        }
    }
}

/// The whole packet.
#[derive(Debug, Serialize)]
pub(crate) struct PacketDocument<'a> {
    #[serde(flatten)]
    line: PacketLine<'a>,
    effects: Vec<EffectDocument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    duplicates: &'a [Holder],
    evidence: &'a [Evidence],
    reasons: &'a [Reason],
    policy: &'a [PolicyResult],
    agent_note: Option<&'a str>,
    state: &'a Fields,
    state_version: u64,
    definition: Digest,
    path: &'a [StepId],
    valid_ms: i64,
    approvals: u32,
    votes: &'a [Vote],
    #[serde(skip_serializing_if = "Question::is_effects")]
    question: &'a Question,
    returned: Option<&'a Returned>,
    /// What was tried for the effect it asks about, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<&'a [Try]>,
    /// What its run spent and did, where it asks for more budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    stake: Option<&'a Stake>,
}

impl<'a> PacketDocument<'a> {
    pub(super) fn of(packet: &'a Packet, beside: &'a Beside) -> Self {
        let effects = packet.effects.iter().enumerate();
        Self {
            line: PacketLine::of(packet),
            effects: effects
                .map(|(index, effect)| EffectDocument::of(index, effect))
                .collect(),
            duplicates: &packet.duplicates,
            evidence: &packet.evidence,
            reasons: &packet.reasons,
            policy: &packet.policy,
            agent_note: packet.agent_note.as_deref(),
            state: &packet.state,
            state_version: packet.state_version,
            definition: packet.definition,
            path: &packet.path,
            valid_ms: packet.valid_ms,
            approvals: packet.approvals,
            votes: &packet.votes,
            question: &packet.question,
            returned: packet.returned.as_ref(),
            tries: beside.tries.as_deref(),
            stake: beside.stake.as_ref(),
        }
    }
}

/// One effect, exactly as it would be sent; secrets are handles.
#[derive(Debug, Serialize)]
struct EffectDocument<'a> {
    index: usize,
    step: &'a StepId,
    tool: &'a ToolName,
    target: String,
    arguments: &'a Value,
    amount: Option<Money>,
    digest: Digest,
    operation: &'a str,
    idempotency_key: IdempotencyKey,
    request: &'a Request,
}

impl<'a> EffectDocument<'a> {
    fn of(index: usize, effect: &'a PlannedEffect) -> Self {
        Self {
            index,
            step: &effect.step,
            tool: &effect.tool,
            target: effect.target(),
            arguments: &effect.arguments,
            amount: effect.amount,
            digest: effect.digest,
            operation: &effect.operation,
            idempotency_key: effect.key,
            request: &effect.request,
        }
    }
}
