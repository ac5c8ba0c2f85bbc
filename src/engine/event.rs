//! Facts already decided, in past tense. A released event is never rewritten.
//!
//! Everything that may hold personal data stands under `values`: the journal's body carries
//! salted commitments to those values, and the values themselves live in a side table, so that
//! they can be destroyed later while the chain still verifies.

mod authority;
mod failure;
mod grant;
mod kind;
pub mod upcast;
mod values;

use serde::{Deserialize, Serialize};

use crate::domain::status::words;
use crate::domain::{
    DeadLetterId, Digest, IdempotencyKey, PacketId, PacketStatus, PolicyResult, RunId, RunStatus,
    StepId, Tier, Timestamp, ToolName, Verdict, WorkflowName,
};

use crate::engine::command::BudgetAnswer;
use crate::engine::dead_letter::StuckAt;

pub use authority::Authority;
pub use failure::{CallFailure, FailureClass, FailureSummary};
pub use grant::Grant;
pub use values::{
    CallValues, ClosedValues, EffectValues, MessageValues, OverrideValues, PacketValues,
    ParkedValues, ProbeValues, ReasonValues, SettledValues, StartValues, StepValues, UndoValues,
};

/// The schema version of every event written now.
pub const EVENT_VERSION: u32 = 2;

/// A fact about one run. The variant's name in snake case is its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// First event of every run. The run stands ready at `first`.
    RunStarted {
        workflow: WorkflowName,
        definition: Digest,
        first: StepId,
        values: StartValues,
    },
    /// A read may now be sent. From `Ready` or `Retrying` to `Calling`.
    CallStarted {
        step: StepId,
        visit: u32,
        attempt: u32,
        retries: u32,
        tool: ToolName,
        /// What this try costs, in millionths of a US dollar: reserved by this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost_micro_usd: Option<i64>,
        values: CallValues,
    },
    /// A read failed. With `retry_at` the run is `Retrying`.
    CallFailed {
        step: StepId,
        attempt: u32,
        failure: FailureSummary,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        values: MessageValues,
    },
    /// A step is done and its result recorded; the run goes on at `next`.
    StepCompleted {
        step: StepId,
        visit: u32,
        attempt: u32,
        next: Next,
        values: StepValues,
    },
    /// A gate's rules let everything it covers through.
    GatePassed {
        step: StepId,
        visit: u32,
        policy: Vec<PolicyResult>,
        grants: Vec<Grant>,
        next: Next,
    },
    /// A person is asked. From `Ready` to `Asking`.
    PacketOpened {
        packet: PacketId,
        version: u32,
        digest: Digest,
        step: StepId,
        visit: u32,
        tier: Tier,
        flags: Vec<String>,
        due_at: Timestamp,
        values: PacketValues,
    },
    /// A person edited the state under an open packet: new version, new digest, votes void.
    PacketAmended {
        packet: PacketId,
        version: u32,
        digest: Digest,
        tier: Tier,
        flags: Vec<String>,
        values: PacketValues,
    },
    /// One person's answer to one item. Alone it may not decide the packet.
    VoteCast {
        packet: PacketId,
        version: u32,
        digest: Digest,
        item: usize,
        verdict: Verdict,
        values: ReasonValues,
    },
    /// The packet left `open`; the run goes on at `next`.
    PacketClosed {
        packet: PacketId,
        version: u32,
        status: PacketStatus,
        grants: Vec<Grant>,
        next: Next,
        values: ClosedValues,
    },
    /// A grant no longer binds: what would be sent is not what was granted.
    GrantVoided {
        step: StepId,
        packet: Option<PacketId>,
        reason: String,
    },
    /// INTENT. Durable before the first byte leaves; `Sending` from here on.
    EffectIntended {
        step: StepId,
        visit: u32,
        attempt: u32,
        retries: u32,
        /// An earlier attempt of the same effect may have happened.
        unknown: bool,
        tool: ToolName,
        key: IdempotencyKey,
        digest: Digest,
        /// The packet that granted it; none where rules let it through.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        packet: Option<PacketId>,
        /// Until when that approval holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Nothing leaves after this time: whoever was stopped meanwhile does not send.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        send_before: Option<Timestamp>,
        /// What the effect costs, in millionths of a US dollar: reserved by its first INTENT.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cost_micro_usd: Option<i64>,
        values: EffectValues,
    },
    /// The target documented that it did it; `by_probe` where a verification read said so.
    EffectConfirmed {
        step: StepId,
        attempt: u32,
        tool: ToolName,
        key: IdempotencyKey,
        status: u16,
        by_probe: bool,
        /// Its tool says how it is undone, and the run remembers no more of that: it stays.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        beyond_limit: bool,
        /// How it is undone, where it can be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<UndoValues>,
    },
    /// The target documented that it will not do it.
    EffectRefused {
        step: StepId,
        attempt: u32,
        tool: ToolName,
        key: IdempotencyKey,
        failure: FailureSummary,
        values: MessageValues,
    },
    /// Nothing was done; with `retry_at` the effect is sent again then.
    EffectDeferred {
        step: StepId,
        attempt: u32,
        tool: ToolName,
        key: IdempotencyKey,
        failure: FailureSummary,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        values: MessageValues,
    },
    /// Whether it happened is not known. With `retry_at` it is sent again under the same key.
    EffectUnknown {
        step: StepId,
        attempt: u32,
        tool: ToolName,
        key: IdempotencyKey,
        failure: FailureSummary,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_at: Option<Timestamp>,
        values: MessageValues,
    },
    /// The target is asked whether the effect happened.
    ProbeStarted {
        step: StepId,
        attempt: u32,
        /// Answers before this one that found nothing.
        looks: u32,
        key: IdempotencyKey,
        tool: ToolName,
        values: CallValues,
    },
    /// What the target said: `found` is none where the answer settles nothing.
    ProbeAnswered {
        step: StepId,
        attempt: u32,
        key: IdempotencyKey,
        found: Option<bool>,
        failure: Option<FailureSummary>,
        values: ProbeValues,
    },
    /// A person said whether an effect of unknown outcome happened, or had it asked about again.
    /// Its packet, where one is open, is closed by this.
    EffectSettled {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        packet: Option<PacketId>,
        step: StepId,
        attempt: u32,
        tool: ToolName,
        key: IdempotencyKey,
        settled: Settled,
        /// It happened, and stays: as for `EffectConfirmed`.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        beyond_limit: bool,
        values: SettledValues,
    },
    /// Denied or rejected: recorded, never sent. Where it was judged at `at_step`, and where the
    /// run goes on.
    EffectBlocked {
        step: StepId,
        at_step: StepId,
        visit: u32,
        tool: ToolName,
        key: IdempotencyKey,
        digest: Digest,
        reason: String,
        next: Next,
        values: EffectValues,
    },
    /// A person answered a packet about the budget, which is closed by this.
    BudgetResolved {
        packet: PacketId,
        step: StepId,
        answer: BudgetAnswer,
        next: Next,
        values: ReasonValues,
    },
    /// A wait of the workflow began: a time or a signal.
    WaitStarted {
        step: StepId,
        visit: u32,
        until: Option<Timestamp>,
        signal: Option<String>,
    },
    /// The stop switch of one run. What is in flight still records its outcome.
    RunPaused {
        values: ReasonValues,
    },
    RunResumed {
        values: ReasonValues,
    },
    /// A person set a value of the state.
    StateOverridden {
        path: String,
        version: u64,
        values: OverrideValues,
    },
    /// A dead letter: the step is parked for a person.
    StepParked {
        dead_letter: DeadLetterId,
        step: StepId,
        code: String,
        stuck: StuckAt,
        /// Tries made of the call it is about; 0 where none was made.
        attempts: u32,
        values: ParkedValues,
    },
    /// A person had the parked step go on.
    DeadLetterRedriven {
        dead_letter: DeadLetterId,
        step: StepId,
        values: ReasonValues,
    },
    /// A person gave the parked step up; the run's end follows.
    DeadLetterDiscarded {
        dead_letter: DeadLetterId,
        step: StepId,
        values: ReasonValues,
    },
    /// The run failed after effects that can be undone: they are, the one confirmed last first.
    CompensationStarted {
        /// How the run ends then.
        end: RunStatus,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<MessageValues>,
    },
    /// A person stopped the run for good. Nothing that was planned is sent any more; with
    /// `compensate` its effects are undone.
    RunTerminated {
        compensate: bool,
        values: ReasonValues,
    },
    /// The last event of a run, unless a terminated one is undone later.
    RunEnded {
        status: RunStatus,
        /// What could be undone and stays, because a person ended the run so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left: Vec<IdempotencyKey>,
        /// Why it ended badly.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<MessageValues>,
    },
    /// A person's command was refused; nothing else changed.
    CommandRefused {
        command: String,
        code: String,
        values: MessageValues,
    },
    /// Nobody decided in time, or a person asked for it: from now on the roles in `to` may decide
    /// too, until the second window has passed.
    PacketEscalated {
        packet: PacketId,
        version: u32,
        to: Vec<String>,
        due_at: Timestamp,
        values: ReasonValues,
    },
    /// The packet has another review window.
    PacketExtended {
        packet: PacketId,
        version: u32,
        due_at: Timestamp,
        values: ReasonValues,
    },
}

words!(
    /// What a person said of an effect whose outcome nobody knew.
    Settled {
        Happened => "happened",
        NotHappened => "not_happened",
        AskAgain => "ask_again",
    }
);

/// Where a run goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    Step(StepId),
    /// The run ends with this status in the same decision.
    End(RunStatus),
    /// The same step goes on, already entered.
    Stay,
}

/// An event with its place: which run, in which order, when, by whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub run: RunId,
    /// From 1, without gaps.
    pub run_seq: u64,
    pub at: Timestamp,
    pub actor: Authority,
    pub event: Event,
}
