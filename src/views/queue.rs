//! One line of the queue: what a list shows of a packet.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::{
    Digest, Money, Packet, PacketId, PacketStatus, Question, RunId, Severity, StepId, Tier,
    Timestamp, ToolName, Verdict, WorkflowName,
};

/// One packet as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueRow {
    pub packet: PacketId,
    pub version: u32,
    pub digest: Digest,
    pub status: PacketStatus,
    pub run: RunId,
    pub workflow: WorkflowName,
    pub step: StepId,
    pub title: String,
    pub tier: Tier,
    /// Codes, gravest first.
    pub flags: Vec<String>,
    pub severity: Option<Severity>,
    /// What the first effect calls; none for a packet without effects.
    pub action: Option<ToolName>,
    /// It asks for more budget, and not for an effect.
    pub asks_budget: bool,
    /// Effects in it.
    pub items: usize,
    pub amount: Option<Money>,
    pub confidence: Option<f64>,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    /// Approvals it has, and how many it needs.
    pub approvals: (usize, u32),
    /// Who closed it, once it is closed.
    pub closed_by: Option<String>,
}

impl QueueRow {
    pub fn of(packet: &Packet) -> Self {
        let mut flags: Vec<_> = packet.flags.iter().collect();
        flags.sort_by_key(|flag| std::cmp::Reverse(flag.severity));
        Self {
            packet: packet.packet,
            version: packet.version,
            digest: packet.digest,
            status: packet.status,
            run: packet.run,
            workflow: packet.workflow.clone(),
            step: packet.step.clone(),
            title: packet.title.clone(),
            tier: packet.tier,
            severity: flags.first().map(|flag| flag.severity),
            flags: flags.into_iter().map(|flag| flag.code.clone()).collect(),
            action: packet.effects.first().map(|effect| effect.tool.clone()),
            asks_budget: matches!(packet.question, Question::Budget { .. }),
            items: packet.effects.len(),
            amount: packet.amount,
            confidence: packet.confidence,
            opened_at: packet.opened_at,
            due_at: packet.due_at,
            approvals: (approvers(packet), packet.approvals),
            closed_by: packet.closed_by.clone(),
        }
    }
}

/// Different people who approved something of it.
fn approvers(packet: &Packet) -> usize {
    let approving = packet
        .votes
        .iter()
        .filter(|vote| vote.verdict == Verdict::Approve);
    let people: BTreeSet<&str> = approving.map(|vote| vote.by.as_str()).collect();
    people.len()
}
