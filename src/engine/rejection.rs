//! Typed refusals of commands: answered and audited, never a panic, never a silent no-op.

use crate::domain::{
    DeadLetterId, IdempotencyKey, PacketId, PacketStatus, RunId, RunStatus, Timestamp,
};

/// Why a command was refused. Each sentence says what, why and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("`{command}` needs a run, and there is none")]
    NoRun { command: &'static str },
    #[error("run {run} has ended ({status}): nothing can be changed any more")]
    RunEnded { run: RunId, status: RunStatus },
    #[error("run {run} is {status}, neither paused nor isolated: there is nothing to resume")]
    NotPaused { run: RunId, status: RunStatus },
    #[error("run {run} is paused already, by {by} at {at}")]
    AlreadyPaused {
        run: RunId,
        by: String,
        at: Timestamp,
    },
    #[error("run {run} is {status}: pause it first, then override the value")]
    NotHeld { run: RunId, status: RunStatus },
    #[error(
        "a call or an effect of run {run} is under way or its outcome is unknown: nothing of it can be changed or given up before that is settled"
    )]
    EffectInFlight { run: RunId },
    #[error(
        "that is not the digest of packet {packet} as it stands (version {version}): it changed since you looked, or another one was meant; look at it again"
    )]
    Stale { packet: PacketId, version: u32 },
    #[error("packet {packet} was already {status}{}", closed_by.as_ref().map(|(by, at)| format!(" by {by} at {at}")).unwrap_or_default())]
    AlreadyDecided {
        packet: PacketId,
        status: PacketStatus,
        closed_by: Option<(String, Timestamp)>,
    },
    #[error("{by} has already given a verdict on this version of packet {packet}")]
    AlreadyVoted { packet: PacketId, by: String },
    #[error("{by} may not decide packet {packet}: it needs one of the roles {}", needed.join(", "))]
    NotPermitted {
        by: String,
        packet: PacketId,
        needed: Vec<String>,
    },
    #[error("{by} may not decide packet {packet}: {why}")]
    Separation {
        by: String,
        packet: PacketId,
        why: String,
    },
    #[error(
        "some items of packet {packet} are decided already ({}); name the item you judge with --item",
        items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    PartlyDecided { packet: PacketId, items: Vec<usize> },
    #[error("packet {packet} has no item {item}: it has {items}")]
    NoSuchItem {
        packet: PacketId,
        item: usize,
        items: usize,
    },
    #[error("the gate `{step}` has no way back for a returned packet: reject it, or amend it")]
    NoReturn { step: String },
    #[error("packet {packet} was escalated already, at {at}: it is escalated once")]
    AlreadyEscalated { packet: PacketId, at: Timestamp },
    #[error(
        "the workflow of packet {packet} names nobody to escalate to: `authority.escalate` would"
    )]
    NobodyToEscalateTo { packet: PacketId },
    #[error("a digest prefix needs at least 12 hex digits, `{given}` is not one")]
    BadDigest { given: String },
    #[error("the edit is not valid: {}", problems.join("; "))]
    InvalidEdit { problems: Vec<String> },
    #[error("the policy rule `{rule}` denies the edited effect: {reason}")]
    DeniedByPolicy { rule: String, reason: String },
    #[error("{what} is larger than its limit of {limit} bytes")]
    TooLarge { what: String, limit: usize },
    #[error("run {run} is not listening for the signal `{signal}`")]
    NotListening { run: RunId, signal: String },
    #[error(
        "{what} belongs to attempt {attempt} of step `{step}`, which is over: kept as evidence, not as an outcome"
    )]
    LateAnswer {
        what: String,
        step: String,
        attempt: u32,
    },
    #[error(
        "packet {packet} asks for more budget, not whether something may be done: answer it with `countersign packets resolve`"
    )]
    AsksBudget { packet: PacketId },
    #[error(
        "packet {packet} does not ask for more budget: approve, reject or return it, or settle its effect"
    )]
    NoBudgetQuestion { packet: PacketId },
    #[error("packet {packet} asks for {needed}: top it up with more than nothing of that")]
    BadTopUp {
        packet: PacketId,
        needed: &'static str,
    },
    #[error("nothing that run {run} did can be undone: stop it, or top it up and let it go on")]
    CannotCompensate { run: RunId },
    #[error("the outcome of effect {key} is not in question: run {run} is {status}")]
    NotUnsettled {
        key: IdempotencyKey,
        run: RunId,
        status: RunStatus,
    },
    #[error(
        "the outcome of effect {key} is not in question any more: {how}; run {run} is {status}"
    )]
    AlreadySettled {
        key: IdempotencyKey,
        run: RunId,
        status: RunStatus,
        /// Who settled it, when and how.
        how: String,
    },
    #[error(
        "{by} may not say what became of this effect: it needs one of the roles {}",
        needed.join(", ")
    )]
    MayNotSettle { by: String, needed: Vec<String> },
    #[error(
        "nothing can be asked: {tool} keeps no key any more and has no probe; say whether it happened"
    )]
    CannotAsk { tool: String },
    #[error(
        "packet {packet} asks whether an effect happened, not whether it may: say `happened`, `not-happened` or ask again with `countersign effects`"
    )]
    AsksOutcome { packet: PacketId },
    #[error(
        "dead letter {dead_letter} is not open any more: it was redriven or discarded{}, and run {run} is {status}",
        closed_by.as_ref().map(|(by, at)| format!(" by {by} at {at}")).unwrap_or_default()
    )]
    LetterClosed {
        dead_letter: DeadLetterId,
        run: RunId,
        status: RunStatus,
        closed_by: Option<(String, Timestamp)>,
    },
    #[error(
        "dead letter {dead_letter} was parked by an older program, which did not record whether its write was confirmed or refused: look at the target, then discard it"
    )]
    CannotRedrive { dead_letter: DeadLetterId },
    #[error(
        "nobody knows whether the write of dead letter {dead_letter} happened, so it is not given up: redrive it, and a person is asked whether it did"
    )]
    CannotDiscard { dead_letter: DeadLetterId },
    #[error("run {run} is not due: its timer is at {due}")]
    NotDue { run: RunId, due: String },
    #[error("run {run} cannot go on: {why}")]
    Broken { run: RunId, why: String },
}

impl Rejection {
    /// A stable word for the journal and for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRun { .. } => "no_run",
            Self::RunEnded { .. } => "run_ended",
            Self::NotPaused { .. } => "not_paused",
            Self::AlreadyPaused { .. } => "already_paused",
            Self::NotHeld { .. } => "not_held",
            Self::EffectInFlight { .. } => "effect_in_flight",
            Self::Stale { .. } => "stale_digest",
            Self::AlreadyDecided { .. } => "already_decided",
            Self::AlreadyVoted { .. } => "already_voted",
            Self::NotPermitted { .. } | Self::MayNotSettle { .. } => "not_permitted",
            Self::Separation { .. } => "separation_of_duties",
            Self::PartlyDecided { .. } => "partly_decided",
            Self::NoSuchItem { .. } => "no_such_item",
            Self::NoReturn { .. } => "no_return",
            Self::AlreadyEscalated { .. } => "already_escalated",
            Self::NobodyToEscalateTo { .. } => "nobody_to_escalate_to",
            Self::BadDigest { .. } => "bad_digest",
            Self::InvalidEdit { .. } => "invalid_edit",
            Self::DeniedByPolicy { .. } => "denied_by_policy",
            Self::TooLarge { .. } => "too_large",
            Self::NotListening { .. } => "not_listening",
            Self::LateAnswer { .. } => "late_answer",
            Self::NotUnsettled { .. } => "not_unsettled",
            Self::AlreadySettled { .. } => "already_settled",
            Self::CannotAsk { .. } => "cannot_ask",
            Self::AsksOutcome { .. } => "asks_outcome",
            Self::AsksBudget { .. } => "asks_budget",
            Self::NoBudgetQuestion { .. } => "no_budget_question",
            Self::BadTopUp { .. } => "bad_top_up",
            Self::CannotCompensate { .. } => "cannot_compensate",
            Self::LetterClosed { .. } => "letter_closed",
            Self::CannotRedrive { .. } => "cannot_redrive",
            Self::CannotDiscard { .. } => "cannot_discard",
            Self::NotDue { .. } => "not_due",
            Self::Broken { .. } => "broken",
        }
    }
}
