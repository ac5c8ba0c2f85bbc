//! The compiled form of a workflow: everything checked, every expression ready to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::tool::ToolManifest;
use crate::domain::{
    Digest, Money, OnBreach, PolicyVerdict, RunStatus, StepId, Tier, ToolName, WorkflowName,
};
use crate::expr::{Program, Template};
use crate::workflow::schema::{Schema, StateSchema};

/// A checked workflow with the tools it pins. Cheap to share, never changed.
#[derive(Debug)]
pub struct Definition {
    pub name: WorkflowName,
    /// SHA-256 over the canonical form of the file and of every tool manifest it uses.
    pub digest: Digest,
    pub intent: Intent,
    pub authority: Authority,
    pub policy: Vec<PolicyRule>,
    pub scope: Scope,
    pub meaning: Meaning,
    pub evidence: Vec<EvidenceRule>,
    /// Which writes the workflow may do, and how large.
    pub effects: BTreeMap<ToolName, EffectLimit>,
    pub budget: Budget,
    pub steps: BTreeMap<StepId, Step>,
    /// Step names in file order, for drawing.
    pub order: Vec<StepId>,
    /// The first step in file order: where a run begins.
    pub first: StepId,
    pub tools: BTreeMap<ToolName, Arc<Tool>>,
    /// The self-contained source: `{"workflow": …, "tools": {name: …}}`, from which
    /// the same definition can be compiled again. Stored with the runs that are pinned to it.
    pub bundle: Value,
}

#[derive(Debug)]
pub struct Intent {
    pub purpose: String,
    pub owner: String,
    pub done_when: Program,
}

#[derive(Debug)]
pub struct Authority {
    /// Roles that may decide.
    pub decide: Vec<String>,
    /// Distinct people who must approve.
    pub approvals: u32,
    /// The review window.
    pub window_ms: i64,
    /// Roles that may decide once the packet was escalated.
    pub escalate: Vec<String>,
    /// How long a verdict stays valid before the effect must be sent.
    pub valid_ms: i64,
    /// Whether initiator, agent owner and last editor are kept from approving.
    pub separation: bool,
}

#[derive(Debug)]
pub struct PolicyRule {
    pub id: String,
    pub when: Program,
    pub then: PolicyVerdict,
    pub flag: Option<String>,
    pub tier: Option<Tier>,
    pub reason: Option<String>,
}

#[derive(Debug)]
pub struct Scope {
    pub agent: String,
    pub tools: Vec<ToolName>,
    pub data: Vec<String>,
}

#[derive(Debug)]
pub struct Meaning {
    pub state: StateSchema,
    pub terms: BTreeMap<String, String>,
}

#[derive(Debug)]
pub struct EvidenceRule {
    pub id: String,
    pub title: String,
    pub value: Template,
    pub source: String,
    pub required: bool,
}

#[derive(Debug)]
pub struct EffectLimit {
    /// The largest amount of one effect; more is denied.
    pub limit: Option<Money>,
}

#[derive(Debug)]
pub struct Budget {
    /// Steps a run may take.
    pub steps: StepLimit,
    /// Money a run's calls may cost, in millionths of a US dollar.
    pub cost_micro_usd: Option<i64>,
    /// What becomes of a run that would pass either.
    pub on_breach: OnBreach,
    /// Time a run may spend moving (waiting for people does not count).
    pub wall_ms: Option<i64>,
}

/// Steps a run may take: a number, or an expression over input and state.
#[derive(Debug)]
pub enum StepLimit {
    Fixed(u32),
    Computed(Template),
}

#[derive(Debug)]
pub struct Step {
    pub id: StepId,
    pub kind: StepKind,
    pub edges: Edges,
    /// How often one run may enter this step.
    pub visits_max: Option<u32>,
}

#[derive(Debug)]
pub enum StepKind {
    /// Sets state fields.
    Compute {
        set: Vec<(String, Template)>,
    },
    Tool(ToolStep),
    Gate(Gate),
    Wait(Wait),
}

#[derive(Debug)]
pub struct ToolStep {
    pub tool: ToolName,
    pub args: Vec<(String, Template)>,
    pub amount: Option<Template>,
    /// The operation id; the step's name where absent.
    pub operation: Option<Template>,
    /// State fields set from `output`.
    pub save: Vec<(String, Template)>,
    /// What one call costs, in millionths of a US dollar.
    pub cost_micro_usd: Option<i64>,
}

#[derive(Debug)]
pub struct Gate {
    /// The write steps whose effects are planned and judged here.
    pub covers: Vec<StepId>,
    pub confidence: Option<Template>,
    /// The agent's own words for the packet.
    pub note: Option<Template>,
    /// The packet's title.
    pub title: Option<Template>,
    /// State fields set when a person is asked, before the packet is made.
    pub ask: Vec<(String, Template)>,
}

#[derive(Debug)]
pub enum Wait {
    /// Until this long after the step was reached.
    Timer { duration_ms: i64 },
    /// Until a signal of this name; `save` sets state fields from `output`, its payload.
    Signal {
        name: String,
        save: Vec<(String, Template)>,
    },
}

/// Where a step leads.
#[derive(Debug, Default)]
pub struct Edges {
    /// Tried in order; the first that holds is taken. One without a condition always holds.
    pub next: Vec<Edge>,
    pub approved: Option<Target>,
    pub rejected: Option<Target>,
    pub returned: Option<Target>,
}

#[derive(Debug)]
pub struct Edge {
    pub when: Option<Program>,
    pub to: Target,
}

/// A step, or the end of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Step(StepId),
    /// `Succeeded`, `Rejected` or `Failed`.
    End(RunStatus),
}

/// A tool manifest with its expressions and schemas compiled.
#[derive(Debug)]
pub struct Tool {
    pub name: ToolName,
    pub manifest: ToolManifest,
    /// SHA-256 of the canonical manifest.
    pub pin: Digest,
    pub path: Template,
    pub query: Vec<(String, Template)>,
    pub headers: Vec<(String, Template)>,
    pub body: Option<BodyTemplate>,
    pub identity: Vec<Template>,
    pub timeout_ms: i64,
    /// How long the target keeps an idempotency key.
    pub key_kept_ms: Option<i64>,
    pub args: Schema,
    pub output: Schema,
    pub probe: Option<ProbeTemplate>,
    pub compensate: Option<UndoTemplate>,
}

impl Tool {
    pub fn is_write(&self) -> bool {
        self.manifest.effect == crate::domain::tool::EffectKind::Write
    }
}

#[derive(Debug)]
pub enum BodyTemplate {
    Json(Template),
    Form(Vec<(String, Template)>),
}

/// The call that undoes a write.
#[derive(Debug)]
pub struct UndoTemplate {
    pub tool: ToolName,
    pub args: Vec<(String, Template)>,
}

#[derive(Debug)]
pub struct ProbeTemplate {
    pub tool: ToolName,
    pub args: Vec<(String, Template)>,
    pub found: Program,
    /// What the write would have answered.
    pub output: Option<Template>,
}
