//! Requests to change a run, and what comes in with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    Actor, ConnectorUrls, DeadLetterId, Digest, Fields, Holder, IdempotencyKey, PacketId, RunId,
    Timestamp, Verdict,
};
use crate::engine::event::{CallFailure, Settled};
use crate::workflow::Definition;

/// What an engine decides with beside the run: the definition the run is pinned to, and where
/// its connectors live.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub definition: &'a Definition,
    pub connectors: &'a ConnectorUrls,
    /// Whether this process may call tools. One that may not leaves a run ready where the next
    /// step would call one.
    pub executes: bool,
    /// Connectors whose targets have no room for another request now: a run is left ready there as
    /// well, and whoever drives it waits for room.
    pub full: &'a BTreeSet<String>,
    /// Effects that hold a business identity of what is planned, as far as was looked up. That no
    /// identity is held twice is the store's to guarantee when an INTENT is committed.
    pub holders: &'a [Holder],
    /// When a person last took an older copy of the store as it is: what a run that started before
    /// then has sent is not all known.
    pub lost_before: Option<Timestamp>,
}

/// A command with its time, its actor and its randomness.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub at: Timestamp,
    pub actor: Actor,
    /// Fresh random bytes: ids, salts and jitter are derived from them.
    pub seed: [u8; 32],
    /// Whether waits for a retry are spread by chance. By a clock that stands in for time they are
    /// not.
    pub jitter: bool,
    pub command: Command,
}

/// A request to change one run. May be refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Begins a run. `state` was admitted by the state schema.
    StartRun {
        run: RunId,
        key: Option<String>,
        input: Fields,
        state: Fields,
    },
    /// Goes on with a run that is ready.
    Proceed,
    /// Takes over a run whose process died: an INTENT without outcome is sent again under its
    /// key, or probed, or parked.
    Recover,
    /// A tool or a probe answered.
    CompleteCall {
        attempt: u32,
        status: u16,
        output: Value,
    },
    /// A tool or a probe did not answer as it should.
    FailCall {
        attempt: u32,
        failure: CallFailure,
    },
    /// The run's timer is due.
    FireTimer,
    /// A message for a run that listens.
    DeliverSignal {
        name: String,
        payload: Value,
    },
    /// One person's answer to a packet, bound to what was shown.
    GiveVerdict {
        packet: PacketId,
        digest: DigestPrefix,
        verdict: Verdict,
        item: Option<usize>,
        reason: Option<String>,
    },
    /// The packet's review window has passed.
    PassDeadline {
        packet: PacketId,
    },
    /// Lets those whom the contract escalates to decide too, before the window has passed.
    EscalatePacket {
        packet: PacketId,
        reason: String,
    },
    /// Gives the packet another window.
    ExtendPacket {
        packet: PacketId,
        reason: String,
    },
    /// An edit of the state under an open packet.
    AmendPacket {
        packet: PacketId,
        digest: DigestPrefix,
        set: Vec<(String, Value)>,
        reason: String,
    },
    /// An answer to a packet about the run's budget, bound to what was shown.
    ResolveBudget {
        packet: PacketId,
        digest: DigestPrefix,
        answer: BudgetAnswer,
        reason: String,
    },
    PauseRun {
        reason: String,
    },
    ResumeRun {
        reason: String,
    },
    /// Sets one value of the state of a held run.
    OverrideValue {
        path: String,
        value: Value,
        reason: String,
    },
    /// Says whether an effect of unknown outcome happened, or has it asked about again.
    SettleEffect {
        key: IdempotencyKey,
        settled: Settled,
        /// What the target answered, where it is known that it did it.
        output: Option<Value>,
        reason: Option<String>,
    },
    /// Has a parked step go on, after edits of the state.
    RedriveDeadLetter {
        dead_letter: DeadLetterId,
        set: Vec<(String, Value)>,
        /// What the target answered, as a person tells it, where the step is stuck finishing.
        output: Option<Value>,
        reason: Option<String>,
    },
    /// Gives a parked step up: its run fails.
    DiscardDeadLetter {
        dead_letter: DeadLetterId,
        reason: String,
    },
    /// Parks a run that nobody can drive: those who tried ended before they were done.
    GiveUp {
        code: String,
        message: String,
    },
    /// Stops a run for good; with `compensate` what it did is undone.
    TerminateRun {
        reason: String,
        compensate: bool,
    },
    /// Records that a command was refused.
    RecordRefusal {
        command: String,
        code: String,
        message: String,
    },
}

impl Command {
    /// The command's name in snake case, as refusals are journaled under it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StartRun { .. } => "start_run",
            Self::Proceed => "proceed",
            Self::Recover => "recover",
            Self::CompleteCall { .. } => "complete_call",
            Self::FailCall { .. } => "fail_call",
            Self::FireTimer => "fire_timer",
            Self::DeliverSignal { .. } => "deliver_signal",
            Self::GiveVerdict { .. } => "give_verdict",
            Self::PassDeadline { .. } => "pass_deadline",
            Self::EscalatePacket { .. } => "escalate_packet",
            Self::ExtendPacket { .. } => "extend_packet",
            Self::AmendPacket { .. } => "amend_packet",
            Self::ResolveBudget { .. } => "resolve_budget",
            Self::PauseRun { .. } => "pause_run",
            Self::ResumeRun { .. } => "resume_run",
            Self::OverrideValue { .. } => "override_value",
            Self::SettleEffect { .. } => "settle_effect",
            Self::RedriveDeadLetter { .. } => "redrive_dead_letter",
            Self::GiveUp { .. } => "give_up",
            Self::DiscardDeadLetter { .. } => "discard_dead_letter",
            Self::TerminateRun { .. } => "terminate_run",
            Self::RecordRefusal { .. } => "record_refusal",
        }
    }
}

/// What a person answers where a run would pass its budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum BudgetAnswer {
    /// More money, in millionths of a US dollar.
    MoreCost {
        micro_usd: i64,
    },
    MoreSteps {
        steps: u32,
    },
    /// The run ends as failed.
    Stop,
    /// What the run did is undone, and then it ends.
    Compensate,
}

impl BudgetAnswer {
    /// The word for it, as scripts read it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::MoreCost { .. } | Self::MoreSteps { .. } => "top_up",
            Self::Stop => "stop",
            Self::Compensate => "compensate",
        }
    }
}

/// A digest, or enough of its leading hex digits to name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestPrefix(String);

impl DigestPrefix {
    /// Reads 12 to 64 lower-case or upper-case hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let long_enough = (crate::domain::limits::DIGEST_PREFIX_MIN..=64).contains(&text.len());
        (long_enough && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| Self(text.to_ascii_lowercase()))
    }

    pub fn names(&self, digest: &Digest) -> bool {
        digest.to_string().starts_with(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_names_a_digest_from_twelve_digits_on() {
        let digest = Digest::of(b"x");
        let text = digest.to_string();
        for length in [12, 40, 64] {
            let prefix = DigestPrefix::parse(text.get(..length).expect("a digest has 64 digits"))
                .expect("hex digits");
            assert!(prefix.names(&digest));
        }
        assert_eq!(
            DigestPrefix::parse(text.get(..11).expect("a digest has 64 digits")),
            None
        );
        assert_eq!(DigestPrefix::parse("zzzzzzzzzzzz"), None);
        let other = DigestPrefix::parse(&"0".repeat(64)).expect("hex digits");
        assert!(!other.names(&digest));
    }
}
