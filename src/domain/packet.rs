//! The approval packet: what a person is asked to countersign, and the verdicts on it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::Fields;
use crate::domain::budget::BudgetLimit;
use crate::domain::digest::{Digest, DigestBuilder};
use crate::domain::identity::{BusinessIdentity, Holder};
use crate::domain::ids::{IdempotencyKey, PacketId, RunId, StepId, ToolName, WorkflowName};
use crate::domain::money::Money;
use crate::domain::request::Request;
use crate::domain::status::{PacketStatus, words};
use crate::domain::time::Timestamp;

words!(
    /// How much care a packet demands.
    Tier {
        Routine => "routine",
        Elevated => "elevated",
        Critical => "critical",
    }
);

words!(
    /// How grave a risk flag is.
    Severity {
        Info => "info",
        Warning => "warning",
        Danger => "danger",
    }
);

words!(
    /// A reviewer's answer.
    Verdict {
        Approve => "approve",
        Reject => "reject",
        Return => "return",
    }
);

words!(
    /// What a rule says of an effect. Deny beats ask beats allow.
    PolicyVerdict {
        Allow => "allow",
        Ask => "ask",
        Deny => "deny",
    }
);

/// One thing a reviewer should notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    pub code: String,
    pub severity: Severity,
    pub message: String,
}

/// Why the work stopped here: the rule that asked, and its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    pub rule: String,
    pub text: String,
}

/// What one rule said of one effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyResult {
    /// Index of the effect in its packet.
    pub effect: usize,
    pub rule: String,
    /// `None` where the rule could not be evaluated, which asks.
    pub matched: Option<bool>,
    pub then: PolicyVerdict,
    /// The evaluation error, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Something a reviewer can check the claim against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub id: String,
    pub title: String,
    /// `null` where it is missing.
    pub value: Value,
    pub source: String,
    pub required: bool,
    pub missing: bool,
    /// Digest of the canonical value.
    pub digest: Digest,
}

/// An act on the world as planned: exactly what would be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedEffect {
    pub step: StepId,
    pub tool: ToolName,
    /// Digest of the tool's manifest.
    pub pin: Digest,
    /// How many effects this step planned before in this run.
    pub ordinal: u32,
    /// The author's name for this operation, so that two equal acts can both be meant.
    pub operation: String,
    pub arguments: Value,
    pub amount: Option<Money>,
    pub key: IdempotencyKey,
    pub request: Request,
    /// What no other run may do at the same time; none where the tool declares no identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<BusinessIdentity>,
    /// The effect that this one undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<IdempotencyKey>,
    /// Digest of all of the above: [`PlannedEffect::digest_of_parts`].
    pub digest: Digest,
}

impl PlannedEffect {
    /// `POST http://…`, as people read it.
    pub fn target(&self) -> String {
        format!("{} {}", self.request.method, self.request.url)
    }

    /// Hashes tool pin, target, canonical arguments, amount, key, the request's bytes, and the
    /// number of an operation that a person named another one. The rest of a business identity
    /// follows from tool and arguments.
    ///
    /// # Errors
    /// Fails where the arguments have no canonical form.
    pub fn digest_of_parts(&self) -> Result<Digest, serde_json::Error> {
        let amount = self.amount.map(|amount| amount.to_string());
        let digest = DigestBuilder::new("countersign/effect/v1")
            .text(self.step.as_str())
            .text(self.tool.as_str())
            .digest(&self.pin)
            .number(self.ordinal.into())
            .text(&self.operation)
            .bytes(&crate::domain::canonical_value(&self.arguments)?)
            .optional(amount.as_deref().map(str::as_bytes))
            .digest(&self.key.0)
            .digest(&self.request.digest());
        let digest = match &self.undoes {
            Some(key) => digest.text("undoes").digest(&key.0),
            None => digest,
        };
        let named = self.identity.and_then(|identity| identity.named());
        Ok(match named {
            Some(number) => digest.text("operation").number(number.into()).finish(),
            None => digest.finish(),
        })
    }

    /// The same effect as operation `number` of its business identity.
    ///
    /// # Errors
    /// As for [`PlannedEffect::digest_of_parts`].
    pub fn numbered(mut self, number: Option<u32>) -> Result<Self, serde_json::Error> {
        if let (Some(identity), Some(number)) = (&mut self.identity, number) {
            identity.number = number;
            self.digest = self.digest_of_parts()?;
        }
        Ok(self)
    }
}

/// One person's answer to one item of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    pub by: String,
    pub verdict: Verdict,
    /// Index of the effect that was judged.
    pub item: usize,
    /// The digest the reviewer was shown.
    pub digest: Digest,
    pub at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a person is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// May this be done?
    #[default]
    Effects,
    /// Did it happen? It was sent, and nobody knows.
    Outcome {
        attempts: u32,
        /// Why it is not known.
        message: String,
        /// Whether it can be asked again: the target keeps its key, or can be asked.
        verifiable: bool,
    },
    /// May the run use more than its budget? `used`, `allowed` and `next` are millionths of a US
    /// dollar, or steps.
    Budget {
        limit: BudgetLimit,
        used: i64,
        allowed: i64,
        /// What the step or call that was not begun would add.
        next: i64,
        /// That visit of the step has begun.
        entered: bool,
        message: String,
    },
}

impl Question {
    pub fn is_effects(&self) -> bool {
        matches!(self, Self::Effects)
    }
}

/// An earlier packet of the same step, sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    pub by: String,
    /// What was to be done about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

/// A human task for approval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packet {
    pub packet: PacketId,
    /// From 1; an amendment makes the next one.
    pub version: u32,
    /// What a verdict must name: [`Packet::digest_of_parts`].
    pub digest: Digest,
    pub status: PacketStatus,
    pub run: RunId,
    pub workflow: WorkflowName,
    /// Digest of the definition, which holds the policy.
    pub definition: Digest,
    /// The gate, or the write step that was reached without a grant.
    pub step: StepId,
    pub title: String,
    #[serde(default, skip_serializing_if = "Question::is_effects")]
    pub question: Question,
    pub tier: Tier,
    pub flags: Vec<Flag>,
    pub reasons: Vec<Reason>,
    pub policy: Vec<PolicyResult>,
    /// From 0 to 1, where the gate states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The effects' sum, where all have an amount in one currency.
    pub amount: Option<Money>,
    pub effects: Vec<PlannedEffect>,
    /// What holds a business identity of these effects: approval names them other operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Holder>,
    pub evidence: Vec<Evidence>,
    /// The agent's own words, untrusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_note: Option<String>,
    /// The state the packet was made from, and its version.
    pub state: Fields,
    pub state_version: u64,
    /// The steps the run took to come here.
    pub path: Vec<StepId>,
    pub opened_at: Timestamp,
    pub due_at: Timestamp,
    /// When those whom the contract escalates to could decide too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_at: Option<Timestamp>,
    /// How long a verdict stays valid, in milliseconds.
    pub valid_ms: i64,
    /// Distinct people who must approve.
    pub approvals: u32,
    pub votes: Vec<Vote>,
    /// The packet before it was returned, with this feedback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Returned>,
    /// The last person who edited the state it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<String>,
    /// Who closed it and when, once it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

impl Packet {
    /// When something becomes of it by itself, while it is open: it is escalated, or silence
    /// rejects. Silence settles no outcome and stops no run,
    /// so a packet that asks for either is only escalated.
    pub fn deadline(&self) -> Option<Timestamp> {
        let passes = self.question.is_effects() || self.escalated_at.is_none();
        (passes && self.status == PacketStatus::Open).then_some(self.due_at)
    }

    /// What becomes of it once its window has passed, while it is open; for people.
    pub fn after_window(&self) -> &'static str {
        match (self.question.is_effects(), self.escalated_at) {
            (true, None) => "escalated once, or rejected where nobody is named",
            (true, Some(_)) => "rejected, for it was escalated before",
            (false, None) => "escalated once",
            (false, Some(_)) => "nothing, it stays open until a person decides",
        }
    }

    /// Hashes what a verdict binds: packet, version, run, step, state version, policy version,
    /// every effect, what they are duplicates of, the evidence, how long a verdict stays valid, and
    /// what is asked where it is not whether the effects may be done. Neither votes nor the review deadline are in it, so
    /// voting, extending and escalating void nothing.
    pub fn digest_of_parts(&self) -> Digest {
        let mut digest = DigestBuilder::new("countersign/packet/v1")
            .bytes(self.packet.0.as_bytes())
            .number(self.version.into())
            .bytes(self.run.0.as_bytes())
            .text(self.step.as_str())
            .number(self.state_version)
            .digest(&self.definition)
            .bytes(&self.valid_ms.to_be_bytes())
            .number(self.effects.len() as u64);
        for effect in &self.effects {
            digest = digest.digest(&effect.digest);
        }
        digest = digest.number(self.evidence.len() as u64);
        for item in &self.evidence {
            digest = digest.text(&item.id).digest(&item.digest);
        }
        match &self.question {
            Question::Effects => {}
            Question::Outcome { attempts, .. } => {
                digest = digest.text("outcome").number((*attempts).into());
            }
            Question::Budget {
                limit,
                used,
                allowed,
                next,
                ..
            } => {
                digest = digest.text("budget").text(limit.as_str());
                for amount in [used, allowed, next] {
                    digest = digest.bytes(&amount.to_be_bytes());
                }
            }
        }
        for held in &self.duplicates {
            digest = digest
                .text("duplicate")
                .bytes(held.run.0.as_bytes())
                .digest(&held.key.0)
                .number(held.identity.number.into())
                .text(held.state.as_str());
        }
        digest.finish()
    }
}
