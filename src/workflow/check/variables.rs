//! What an expression reads, and whether it exists where the expression stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::expr::Program;
use crate::workflow::check::expressions::{Place, span_of};
use crate::workflow::check::sink::Sink;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::schema::StateSchema;
use crate::workflow::tree::Node;

/// The names that a definition, or a tool file, gives its expressions to read.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    /// Every step of the workflow.
    pub(crate) steps: BTreeSet<&'a str>,
    /// Fields of the state; `None` where the schema does not list them.
    pub(crate) fields: Option<BTreeSet<String>>,
    /// The compiled state schema, where it is valid.
    pub(crate) state: Option<StateSchema>,
    /// Input names that stand for a state field.
    pub(crate) aliases: BTreeMap<String, String>,
    /// What steps answer, by step: the output schema of the tool each calls.
    pub(crate) outputs: BTreeMap<&'a str, &'a Value>,
    /// Steps that answer nothing, with what each does instead.
    pub(crate) silent: BTreeMap<&'a str, &'static str>,
    /// In a tool file: the schema of its arguments.
    pub(crate) args: Option<&'a Value>,
    /// In a tool file: the schema of the answer that `output` is.
    pub(crate) answer: Option<&'a Value>,
}

/// Every variable there is, with its members where they are fixed.
const VARIABLES: [(&str, &[&str]); 11] = [
    ("input", &[]),
    ("state", &[]),
    ("steps", &[]),
    ("item", &[]),
    ("output", &[]),
    ("review", &["verdict", "by", "reason", "feedback"]),
    ("effect", &["tool", "args", "amount", "target"]),
    ("flags", &[]),
    ("confidence", &[]),
    ("args", &[]),
    ("key", &[]),
];

/// The variables of a place. `item` is read by nothing yet: it exists once per child of a step
/// that runs once for each item.
fn roots(place: Place<'_>) -> &'static [&'static str] {
    match place {
        Place::Run => &["input", "state", "steps"],
        Place::Policy => &["input", "state", "steps", "effect", "flags", "confidence"],
        Place::Step => &["input", "state", "steps", "review"],
        Place::Save(_) => &["input", "state", "steps", "review", "output"],
        Place::Args => &["args"],
        Place::Write => &["args", "key"],
        Place::Answer => &["args", "key", "output"],
    }
}

/// Reports everything that `program` reads and that does not exist.
pub(crate) fn check(
    program: &Program,
    node: &Node,
    place: Place<'_>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    for path in program.references() {
        let parts: Vec<&str> = path.split('.').collect();
        if let Some((finding, depth)) = judge(&parts, place, names) {
            let part = parts.get(..depth).unwrap_or(&parts).join(".");
            let span = span_of(program, node, &part, sink);
            sink.report(&span, finding);
        }
    }
}

/// The mistake in one path, and how many of its parts are to be marked.
fn judge(parts: &[&str], place: Place<'_>, names: &Names<'_>) -> Option<(Finding, usize)> {
    let (root, rest) = parts.split_first()?;
    if !roots(place).contains(root) {
        return Some((unknown_root(root, place), 1));
    }
    match (*root, rest) {
        ("state", [field, ..]) => state_field(field, names).map(|finding| (finding, 2)),
        ("steps", [step, rest @ ..]) => step_member(step, rest, names),
        ("output", [field, ..]) => {
            let schema = match place {
                Place::Save(step) => names.outputs.get(step).copied(),
                _ => names.answer,
            };
            output_field(field, schema).map(|finding| (finding, 2))
        }
        ("args", [field, ..]) => argument(field, names).map(|finding| (finding, 2)),
        (root, [member, ..]) => fixed_member(root, member).map(|finding| (finding, 2)),
        (_, []) => None,
    }
}

fn unknown_root(root: &str, place: Place<'_>) -> Finding {
    let code = Code::ExpressionUnknownVariable;
    let here = roots(place);
    let elsewhere = match root {
        "output" => "only a step's own `save` reads it; elsewhere write `steps.ID.output`",
        "effect" | "flags" | "confidence" => "only policy rules read it",
        "review" => "only steps and their edges read it",
        "key" => "only the file of a write reads it, where its request and its probe are made",
        "item" => "only a step that runs once for each item has it",
        _ => "",
    };
    let known = VARIABLES.iter().any(|(name, _)| *name == root) && !elsewhere.is_empty();
    if known {
        return Finding::error(code, format!("`{root}` does not exist here")).hint(elsewhere);
    }
    Finding::error(code, format!("there is no variable `{root}`"))
        .did_you_mean(root, here.iter().copied())
}

fn state_field(field: &str, names: &Names<'_>) -> Option<Finding> {
    let fields = names.fields.as_ref()?;
    if fields.contains(field) {
        return None;
    }
    let code = Code::ExpressionUnknownStateField;
    let finding = Finding::error(code, format!("the state has no field `{field}`"));
    Some(match names.aliases.get(field) {
        Some(meant) => finding.hint(format!(
            "`{field}` is a name that inputs may use; write `state.{meant}`"
        )),
        None => finding.did_you_mean(field, fields.iter().map(String::as_str)),
    })
}

fn step_member(step: &str, rest: &[&str], names: &Names<'_>) -> Option<(Finding, usize)> {
    if !names.steps.contains(step) {
        let code = Code::ExpressionUnknownStep;
        let finding = Finding::error(code, format!("there is no step `{step}`"))
            .did_you_mean(step, names.steps.iter().copied());
        return Some((finding, 2));
    }
    match rest {
        ["output", ..] if names.silent.contains_key(step) => {
            let kind = names.silent.get(step).copied().unwrap_or_default();
            Some((silent_step(step, kind), 3))
        }
        [] | ["output"] => None,
        ["output", field, ..] => {
            output_field(field, names.outputs.get(step).copied()).map(|finding| (finding, 4))
        }
        [member, ..] => {
            let code = Code::ExpressionUnknownVariable;
            let finding = Finding::error(code, format!("a step has no `{member}`"))
                .hint(format!("what a step answered is `steps.{step}.output`"));
            Some((finding, 3))
        }
    }
}

fn silent_step(step: &str, kind: &str) -> Finding {
    let code = Code::ExpressionUnknownOutputField;
    let finding = Finding::error(code, format!("the step `{step}` answers nothing"));
    match kind {
        "gate" => finding.hint("what the reviewer said is `review`"),
        "compute" => finding.hint("what it computed is in `state`"),
        _ => finding.hint("only tools and signals answer"),
    }
}

/// A closed schema proves that the field can never be there; an open one only makes it unlikely.
fn output_field(field: &str, schema: Option<&Value>) -> Option<Finding> {
    let schema = schema?;
    let known = properties(schema)?;
    if known.contains(&field) {
        return None;
    }
    let code = Code::ExpressionUnknownOutputField;
    let message = format!("the tool's answer lists no field `{field}`");
    let finding = if is_closed(schema) {
        Finding::error(code, message)
    } else {
        Finding::warning(code, message)
    };
    Some(finding.did_you_mean(field, known))
}

fn argument(field: &str, names: &Names<'_>) -> Option<Finding> {
    let known = properties(names.args?).unwrap_or_default();
    if known.contains(&field) {
        return None;
    }
    let code = Code::ExpressionUnknownArgument;
    let finding = Finding::error(code, format!("the tool takes no argument `{field}`"));
    Some(finding.did_you_mean(field, known))
}

fn fixed_member(root: &str, member: &str) -> Option<Finding> {
    let (_, members) = VARIABLES.iter().find(|(name, _)| *name == root)?;
    if members.is_empty() || members.contains(&member) {
        return None;
    }
    let code = Code::ExpressionUnknownVariable;
    let finding = Finding::error(code, format!("`{root}` has no `{member}`"));
    Some(finding.did_you_mean(member, members.iter().copied()))
}

/// The property names that an object schema lists.
pub(crate) fn properties(schema: &Value) -> Option<Vec<&str>> {
    let listed = schema.get("properties")?.as_object()?;
    Some(listed.keys().map(String::as_str).collect())
}

/// Whether an object schema refuses properties that it does not list.
pub(crate) fn is_closed(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(false))
}
