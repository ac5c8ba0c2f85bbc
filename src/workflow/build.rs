//! From a workflow that passed every check to the compiled definition, and to the bundle it is
//! stored as.

mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::domain::limits::RUN_STEPS_DEFAULT;
use crate::domain::{
    Digest, DigestBuilder, Money, OnBreach, PolicyVerdict, StepId, Tier, ToolName, WorkflowName,
    canonical_json,
};
use crate::workflow::check;
use crate::workflow::check::sink::Sink;
use crate::workflow::definition::{
    Authority, Budget, Definition, EffectLimit, EvidenceRule, Intent, Meaning, PolicyRule, Scope,
    StepLimit, Tool,
};
use crate::workflow::error::{BundleError, duration, program, template};
use crate::workflow::raw::{
    RawAuthority, RawBudget, RawEffect, RawEvidence, RawOnBreach, RawRule, RawStep, RawStepLimit,
    RawThen, RawTier, RawWorkflow,
};
use crate::workflow::schema::StateSchema;
use crate::workflow::source::SourceFile;
use crate::workflow::toolbox::{ToolBox, needs};
use crate::workflow::tree::{Data, Node};

/// Compiles a stored definition again.
///
/// A bundle is `{"workflow": the file as JSON, "order": the steps in file order,
/// "tools": {name: manifest}}`. Everything is checked anew, so that a definition stored by another
/// version of the program runs only where this version means the same by it.
///
/// # Errors
/// Fails where the bundle has another form, or no longer passes every check.
pub fn from_bundle(bundle: &Value) -> Result<Arc<Definition>, BundleError> {
    let part = |name: &'static str| bundle.get(name).ok_or(BundleError::Missing(name));
    let manifests = part("tools")?.as_object();
    let tools = ToolBox::of_bundle(manifests.ok_or(BundleError::Missing("tools"))?)?;
    let mut root = Node::from_json(part("workflow")?);
    let order: Vec<String> = serde_json::from_value(part("order")?.clone())?;
    restore_order(&mut root, &order)?;
    let file = SourceFile::new("the stored definition", "");
    let mut sink = Sink::new(&file);
    check::inspect(&root, &tools, &mut sink);
    BundleError::of_mistakes(sink.finish())?;
    of_tree(&root, &tools).map(Arc::new)
}

/// Compiles a checked tree, and makes its bundle.
pub(crate) fn of_tree(root: &Node, tools: &ToolBox) -> Result<Definition, BundleError> {
    let workflow = root.to_json();
    let raw: RawWorkflow = serde_json::from_value(workflow.clone())?;
    let order: Vec<&str> = root.entry("steps").map_or_else(Vec::new, |steps| {
        let entries = steps.value.entries().iter();
        entries.map(|entry| entry.key.as_str()).collect()
    });
    let tools = used_tools(&raw, tools)?;
    let bundle = bundle(&workflow, &order, &tools)?;
    definition(raw, &order, tools, bundle)
}

/// JSON objects have no order of their own, so the steps are put back into that of the file.
fn restore_order(root: &mut Node, order: &[String]) -> Result<(), BundleError> {
    let Data::Map(entries) = &mut root.data else {
        return Err(BundleError::Missing("workflow"));
    };
    let steps = entries.iter_mut().find(|entry| entry.key == "steps");
    let Some(Data::Map(steps)) = steps.map(|entry| &mut entry.value.data) else {
        return Err(BundleError::Missing("steps"));
    };
    let place = |key: &str| order.iter().position(|name| name == key);
    if steps.len() != order.len() || steps.iter().any(|step| place(&step.key).is_none()) {
        return Err(BundleError::Order);
    }
    steps.sort_by_key(|step| place(&step.key));
    Ok(())
}

/// Every tool named, and those that these need.
fn used_tools(
    raw: &RawWorkflow,
    tools: &ToolBox,
) -> Result<BTreeMap<ToolName, Arc<Tool>>, BundleError> {
    let steps = raw.steps.values().filter_map(|step| step.tool.as_ref());
    let mut open: Vec<&str> = raw
        .scope
        .tools
        .iter()
        .chain(raw.effects.keys())
        .chain(steps)
        .map(String::as_str)
        .collect();
    let mut seen = BTreeSet::new();
    let mut used = BTreeMap::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        let found = tools.get(name);
        let tool = found.ok_or_else(|| BundleError::part(name, &"there is no such tool"))?;
        open.extend(needs(tool));
        used.insert(ToolName::from(name), Arc::clone(tool));
    }
    Ok(used)
}

fn bundle(
    workflow: &Value,
    order: &[&str],
    tools: &BTreeMap<ToolName, Arc<Tool>>,
) -> Result<Value, BundleError> {
    let mut manifests = Map::new();
    for (name, tool) in tools {
        manifests.insert(name.to_string(), serde_json::to_value(&tool.manifest)?);
    }
    Ok(json!({ "workflow": workflow, "order": order, "tools": manifests }))
}

fn digest(bundle: &Value) -> Result<Digest, BundleError> {
    let canonical = canonical_json(bundle)?;
    let builder = DigestBuilder::new("countersign/definition/v1");
    Ok(builder.bytes(&canonical).finish())
}

fn definition(
    raw: RawWorkflow,
    order: &[&str],
    tools: BTreeMap<ToolName, Arc<Tool>>,
    bundle: Value,
) -> Result<Definition, BundleError> {
    let first = order.first().ok_or(BundleError::Missing("steps"))?;
    let state = StateSchema::compile(&raw.meaning.state).map_err(|problems| {
        let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
        BundleError::part("meaning.state", &messages.join("; "))
    })?;
    Ok(Definition {
        name: WorkflowName::from(raw.workflow.as_str()),
        digest: digest(&bundle)?,
        intent: Intent {
            done_when: program("intent.done_when", &raw.intent.done_when)?,
            purpose: raw.intent.purpose,
            owner: raw.intent.owner,
        },
        authority: authority(raw.authority)?,
        policy: raw.policy.into_iter().map(rule).collect::<Result<_, _>>()?,
        scope: Scope {
            agent: raw.scope.agent,
            tools: raw
                .scope
                .tools
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
            data: raw.scope.data,
        },
        meaning: Meaning {
            state,
            terms: raw.meaning.terms,
        },
        evidence: raw
            .evidence
            .into_iter()
            .map(evidence)
            .collect::<Result<_, _>>()?,
        effects: raw
            .effects
            .into_iter()
            .map(effect)
            .collect::<Result<_, _>>()?,
        budget: budget(&raw.budget)?,
        steps: raw.steps.into_iter().map(step).collect::<Result<_, _>>()?,
        order: order.iter().map(|id| StepId::from(*id)).collect(),
        first: StepId::from(*first),
        tools,
        bundle,
    })
}

fn budget(raw: &RawBudget) -> Result<Budget, BundleError> {
    let wall_ms = raw
        .wall
        .as_deref()
        .map(|text| duration("budget.wall", text));
    let steps = match &raw.steps {
        None => StepLimit::Fixed(RUN_STEPS_DEFAULT),
        Some(RawStepLimit::Fixed(steps)) => StepLimit::Fixed(*steps),
        Some(RawStepLimit::Computed(text)) => {
            let text = Value::String(text.clone());
            StepLimit::Computed(template("budget.steps", &text)?)
        }
    };
    Ok(Budget {
        steps,
        cost_micro_usd: steps::cost("budget.cost", raw.cost.as_deref())?,
        on_breach: match raw.on_breach {
            RawOnBreach::Ask => OnBreach::Ask,
            RawOnBreach::Fail => OnBreach::Fail,
        },
        wall_ms: wall_ms.transpose()?,
    })
}

fn authority(raw: RawAuthority) -> Result<Authority, BundleError> {
    Ok(Authority {
        decide: raw.decide,
        approvals: raw.approvals,
        window_ms: duration("authority.window", &raw.window)?,
        escalate: raw.escalate,
        valid_ms: duration("authority.valid", &raw.valid)?,
        separation: raw.separation,
    })
}

fn rule(raw: RawRule) -> Result<PolicyRule, BundleError> {
    Ok(PolicyRule {
        when: program(&format!("policy.{}.when", raw.id), &raw.when)?,
        then: match raw.then {
            RawThen::Allow => PolicyVerdict::Allow,
            RawThen::Ask => PolicyVerdict::Ask,
            RawThen::Deny => PolicyVerdict::Deny,
        },
        tier: raw.tier.map(|tier| match tier {
            RawTier::Routine => Tier::Routine,
            RawTier::Elevated => Tier::Elevated,
            RawTier::Critical => Tier::Critical,
        }),
        id: raw.id,
        flag: raw.flag,
        reason: raw.reason,
    })
}

fn evidence(raw: RawEvidence) -> Result<EvidenceRule, BundleError> {
    Ok(EvidenceRule {
        value: template(&format!("evidence.{}.value", raw.id), &raw.value)?,
        id: raw.id,
        title: raw.title,
        source: raw.source,
        required: raw.required,
    })
}

fn effect((name, raw): (String, RawEffect)) -> Result<(ToolName, EffectLimit), BundleError> {
    let place = || format!("effects.{name}.limit");
    let limit = raw.limit.as_deref().map(|text| {
        let money = text.parse::<Money>();
        money.map_err(|error| BundleError::part(place(), &error))
    });
    let limit = limit.transpose()?;
    Ok((ToolName::from(name.as_str()), EffectLimit { limit }))
}

fn step(
    (name, raw): (String, RawStep),
) -> Result<(StepId, crate::workflow::definition::Step), BundleError> {
    let id = StepId::from(name.as_str());
    Ok((id.clone(), steps::step(id, raw)?))
}
