//! A definition as text: the contract to be read aloud, then the graph.

mod graph;
mod wrap;

use crate::domain::{OnBreach, PolicyVerdict, usd_text};
use crate::expr::Program;
use crate::workflow::definition::{Authority, Definition, EvidenceRule, PolicyRule, StepLimit};
use crate::workflow::duration::format_duration;
pub use graph::{GraphLine, graph};
use wrap::Page;

/// Columns below which lines are no longer broken to fit.
const WIDTH_MIN: usize = 40;

/// Writes the seven intents, the budget and the steps, in lines of `width` columns at most where
/// words allow it. Nothing is cut off.
pub fn show(definition: &Definition, width: usize) -> String {
    let mut page = Page::new(width.max(WIDTH_MIN));
    let digest = definition.digest.to_string();
    let short = digest.get(..12).unwrap_or(&digest);
    page.line(&format!("{} ({short})", definition.name));
    intent(definition, &mut page);
    authority(&definition.authority, &mut page);
    policy(&definition.policy, &mut page);
    scope(definition, &mut page);
    meaning(definition, &mut page);
    evidence(&definition.evidence, &mut page);
    effects(definition, &mut page);
    budget(definition, &mut page);
    page.heading("Steps");
    for line in graph(definition) {
        let (start, indent) = (format!("  {}", line.start), line.indent + 2);
        page.wrapped(&start, &line.words, indent);
    }
    page.finish()
}

fn intent(definition: &Definition, page: &mut Page) {
    let intent = &definition.intent;
    page.heading("Intent");
    page.item("", &intent.purpose);
    page.item("owner ", &intent.owner);
    page.item("done when ", intent.done_when.source());
}

fn authority(authority: &Authority, page: &mut Page) {
    page.heading("Authority");
    let people = match authority.approvals {
        1 => "one person".to_owned(),
        count => format!("{count} different people"),
    };
    let window = format_duration(authority.window_ms);
    let decide = listed(&authority.decide, "or");
    page.item(
        "",
        &format!("{people} with the role {decide} must approve within {window}"),
    );
    match authority.escalate.as_slice() {
        [] => page.item("", "then silence means reject"),
        roles => page.item(
            "",
            &format!(
                "then {} may decide too, for another {window}; after that silence means reject",
                listed(roles, "or")
            ),
        ),
    }
    let valid = format_duration(authority.valid_ms);
    page.item("", &format!("an approval stays valid for {valid}"));
    if authority.separation {
        page.item("", "initiator, agent owner and last editor cannot approve");
    }
}

fn policy(rules: &[PolicyRule], page: &mut Page) {
    page.heading("Policy (deny beats ask beats allow; where no rule allows, a person is asked)");
    for rule in rules {
        let then = match rule.then {
            PolicyVerdict::Allow => "allow",
            PolicyVerdict::Ask => "ask",
            PolicyVerdict::Deny => "deny",
        };
        page.item(&format!("{then} "), &format!("when {}", rule.when.source()));
        let tier = rule.tier.map(|tier| format!("{tier} care"));
        let flag = rule.flag.as_ref().map(|flag| format!("flag {flag}"));
        let marks: Vec<String> = [Some(format!("rule {}", rule.id)), tier, flag]
            .into_iter()
            .flatten()
            .collect();
        page.detail(&marks.join(", "));
        if let Some(reason) = &rule.reason {
            page.detail(reason);
        }
    }
}

fn scope(definition: &Definition, page: &mut Page) {
    let scope = &definition.scope;
    page.heading("Scope");
    page.item("agent ", &scope.agent);
    let tools: Vec<String> = scope.tools.iter().map(ToString::to_string).collect();
    page.item("tools ", &tools.join(", "));
    if !scope.data.is_empty() {
        page.item("data ", &scope.data.join(", "));
    }
}

fn meaning(definition: &Definition, page: &mut Page) {
    page.heading("Meaning");
    let schema = definition.meaning.state.source();
    let required = schema.get("required").and_then(serde_json::Value::as_array);
    let is_required = |field: &str| {
        let mut names = required
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str());
        names.any(|name| name == field)
    };
    let fields = schema
        .get("properties")
        .and_then(serde_json::Value::as_object);
    let names = fields.into_iter().flat_map(|fields| fields.keys());
    let (needed, other): (Vec<&String>, Vec<&String>) = names.partition(|field| is_required(field));
    let join = |names: &[&String]| {
        let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        names.join(", ")
    };
    if !needed.is_empty() {
        page.item("required ", &join(&needed));
    }
    if !other.is_empty() {
        page.item("further ", &join(&other));
    }
    for (term, meaning) in &definition.meaning.terms {
        page.item(&format!("{term}: "), meaning);
    }
}

fn evidence(rules: &[EvidenceRule], page: &mut Page) {
    page.heading("Evidence");
    if rules.is_empty() {
        page.item("", "none is asked for");
    }
    for rule in rules {
        let need = if rule.required {
            "required"
        } else {
            "optional"
        };
        page.item("", &format!("{} from {} ({need})", rule.title, rule.source));
    }
}

fn effects(definition: &Definition, page: &mut Page) {
    page.heading("Effects");
    if definition.effects.is_empty() {
        page.item("", "none: this workflow writes nothing");
    }
    for (tool, effect) in &definition.effects {
        let limit = match &effect.limit {
            Some(limit) => format!("up to {limit} each"),
            None => "no limit of amount".to_owned(),
        };
        page.item(&format!("{tool}: "), &limit);
    }
}

fn budget(definition: &Definition, page: &mut Page) {
    page.heading("Budget");
    let steps = match &definition.budget.steps {
        StepLimit::Fixed(steps) => format!("{steps} steps"),
        StepLimit::Computed(template) => {
            let sources: Vec<&str> = template
                .programs()
                .into_iter()
                .map(Program::source)
                .collect();
            format!("as many steps as `{}` says", sources.join(", "))
        }
    };
    page.item("", &steps);
    if let Some(micro) = definition.budget.cost_micro_usd {
        page.item("", &format!("{} for the calls of a run", usd_text(micro)));
    }
    let breach = match definition.budget.on_breach {
        OnBreach::Ask => "a person is asked before more is used",
        OnBreach::Fail => "a run that would use more fails",
    };
    page.item("", breach);
    if let Some(wall_ms) = definition.budget.wall_ms {
        let wall = format_duration(wall_ms);
        page.item(
            "",
            &format!("{wall} of work; waiting for people does not count"),
        );
    }
}

/// `a`, `a or b`, `a, b or c`.
fn listed(words: &[String], joint: &str) -> String {
    match words {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {joint} {last}", most.join(", ")),
    }
}
