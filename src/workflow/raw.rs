//! The workflow file as written, which is also what its JSON Schema is made of.

mod steps;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub use steps::{RawEdge, RawEnd, RawGate, RawNext, RawStep, RawWait};

/// A Countersign workflow: a contract of seven declarative intents, a budget, and steps.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Countersign workflow")]
pub struct RawWorkflow {
    /// The workflow's name: small letters, digits, `-`, `_` and `.`.
    pub workflow: String,
    pub intent: RawIntent,
    pub authority: RawAuthority,
    /// Rules about effects. Deny beats ask beats allow; where no rule allows, a person is asked.
    pub policy: Vec<RawRule>,
    pub scope: RawScope,
    pub meaning: RawMeaning,
    /// What every packet must carry.
    #[serde(default)]
    pub evidence: Vec<RawEvidence>,
    /// The writes the workflow may do, by tool.
    #[serde(default)]
    pub effects: BTreeMap<String, RawEffect>,
    #[serde(default)]
    pub budget: RawBudget,
    /// Steps by name; the first in the file is where a run begins.
    #[schemars(extend("minProperties" = 1))]
    pub steps: BTreeMap<String, RawStep>,
}

/// What the workflow is for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Intent")]
pub struct RawIntent {
    /// One sentence for people.
    pub purpose: String,
    /// Who answers for it.
    pub owner: String,
    /// CEL over `input`, `state` and `steps`: holds when the purpose is fulfilled.
    pub done_when: String,
}

/// Who may decide, how many must, and how long they have.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Authority")]
pub struct RawAuthority {
    /// Roles that may decide.
    pub decide: Vec<String>,
    /// Different people who must approve.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub approvals: u32,
    /// The review window, as in `24h`.
    #[serde(default = "day")]
    pub window: String,
    /// Roles that may decide once the window has passed; a second window of equal length runs then.
    #[serde(default)]
    pub escalate: Vec<String>,
    /// What silence means after that. Never approval.
    #[serde(default)]
    pub silence: RawSilence,
    /// How long an approval stays valid before its effect must be sent, as in `24h`.
    #[serde(default = "day")]
    pub valid: String,
    /// Whether initiator, agent owner and last editor are kept from approving.
    #[serde(default)]
    pub separation: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Silence")]
pub enum RawSilence {
    #[default]
    Reject,
}

/// One rule about effects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
pub struct RawRule {
    pub id: String,
    /// CEL over `input`, `state`, `steps`, `effect`, `flags` and `confidence`.
    pub when: String,
    pub then: RawThen,
    /// The risk flag that a packet carries where the rule holds.
    pub flag: Option<String>,
    /// How much care a packet demands; elevated where no rule says so.
    pub tier: Option<RawTier>,
    /// One sentence for the reviewer.
    pub reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Then")]
pub enum RawThen {
    Allow,
    Ask,
    Deny,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Tier")]
pub enum RawTier {
    Routine,
    Elevated,
    Critical,
}

/// Who acts, with which tools, on which data.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Scope")]
pub struct RawScope {
    pub agent: String,
    /// Tools that steps may call.
    pub tools: Vec<String>,
    /// Data the work touches, in words.
    #[serde(default)]
    pub data: Vec<String>,
}

/// What the state and the words mean.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Meaning")]
pub struct RawMeaning {
    /// JSON Schema of the state, with `x-money: USD` and `x-aliases: [NAME]` on properties.
    pub state: Value,
    /// Words and what they mean here.
    #[serde(default)]
    pub terms: BTreeMap<String, String>,
}

/// Something a reviewer can check the claim against.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Evidence")]
pub struct RawEvidence {
    pub id: String,
    pub title: String,
    /// A value with `${ … }` over `input`, `state` and `steps`.
    pub value: Value,
    /// A tool of the scope, `input` or `agent`.
    pub source: String,
    /// Whether a packet without it is flagged.
    #[serde(default)]
    pub required: bool,
}

/// A write the workflow may do.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Effect")]
pub struct RawEffect {
    /// The largest amount of one effect, as in `5000.00 USD`; more is denied.
    pub limit: Option<String>,
}

/// How far one run may go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Budget")]
pub struct RawBudget {
    /// Steps a run may take: a number, or `${ … }` over `input`, `state` and `steps`.
    pub steps: Option<RawStepLimit>,
    /// Money the calls of a run may cost, as in `2.00 USD`.
    pub cost: Option<String>,
    /// What becomes of a run that would pass `steps` or `cost`.
    #[serde(default)]
    pub on_breach: RawOnBreach,
    /// Time a run may spend moving, as in `1h`; waiting for people does not count.
    pub wall: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "StepLimit")]
pub enum RawStepLimit {
    Fixed(#[schemars(range(min = 1))] u32),
    Computed(String),
}

#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OnBreach")]
pub enum RawOnBreach {
    /// A person is asked for more.
    #[default]
    Ask,
    /// The run fails with `budget_exhausted` or `max_steps_exceeded`.
    Fail,
}

/// The JSON Schema of workflow files, for editors.
pub fn json_schema() -> Value {
    schemars::schema_for!(RawWorkflow).to_value()
}

/// The JSON Schema of tool files, for editors.
pub fn tool_json_schema() -> Value {
    schemars::schema_for!(crate::domain::ToolManifest).to_value()
}

fn one() -> u32 {
    1
}

fn day() -> String {
    "24h".to_owned()
}
