//! Steps as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// One step: exactly one of `compute`, `tool`, `gate` and `wait`, and where it leads.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "Step",
    extend("oneOf" = [
        { "required": ["compute"] },
        { "required": ["tool"] },
        { "required": ["gate"] },
        { "required": ["wait"] },
    ])
)]
pub struct RawStep {
    /// State fields to set, each a value with `${ … }`.
    pub compute: Option<BTreeMap<String, Value>>,
    /// The tool to call.
    pub tool: Option<String>,
    /// The call's arguments.
    #[serde(default)]
    pub args: BTreeMap<String, Value>,
    /// The money a write moves.
    pub amount: Option<Value>,
    /// What tells two intended acts apart; the step's name where absent.
    pub operation: Option<Value>,
    /// What a call of the tool costs, as in `0.08 USD`: a read at every try, a write once.
    pub cost: Option<String>,
    pub gate: Option<RawGate>,
    pub wait: Option<RawWait>,
    /// State fields to set from `output`.
    #[serde(default)]
    pub save: BTreeMap<String, Value>,
    /// Where the step leads.
    pub next: Option<RawNext>,
    /// Where approval leads: a step, or `end`, `end succeeded`, `end rejected`, `end failed`.
    pub approved: Option<String>,
    /// Where rejection leads; without it the run ends as rejected.
    pub rejected: Option<String>,
    /// Where a packet sent back leads.
    pub returned: Option<String>,
    /// Ends the run after this step.
    pub end: Option<RawEnd>,
    /// How often one run may enter this step.
    #[schemars(range(min = 1))]
    pub visits: Option<u32>,
}

/// Where effects are planned, judged and, where a rule asks, decided by a person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Gate")]
pub struct RawGate {
    /// Write steps whose effects are decided here.
    pub covers: Vec<String>,
    /// How sure the agent is, from 0 to 1.
    pub confidence: Option<Value>,
    /// The agent's own words.
    pub note: Option<Value>,
    /// The packet's title.
    pub title: Option<Value>,
    /// State fields to set when a person is asked.
    #[serde(default)]
    pub ask: BTreeMap<String, Value>,
}

/// Either `for` or `signal`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    rename = "Wait",
    extend("oneOf" = [{ "required": ["for"] }, { "required": ["signal"] }])
)]
pub struct RawWait {
    /// A duration, as in `1h`.
    #[serde(rename = "for")]
    pub duration: Option<String>,
    /// The name of a signal.
    pub signal: Option<String>,
}

/// One target, or edges tried in order.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Next")]
pub enum RawNext {
    One(String),
    Several(Vec<RawEdge>),
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Edge")]
pub struct RawEdge {
    /// CEL; an edge without it always holds.
    pub when: Option<String>,
    /// A step, or `end`, `end succeeded`, `end rejected`, `end failed`.
    pub to: String,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "End")]
pub enum RawEnd {
    Succeeded,
    Rejected,
    Failed,
}
