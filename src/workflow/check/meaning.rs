//! What the words and the state mean: the state schema, the terms, and the names that follow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::limits::STEPS_MAX;
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::{Names, properties};
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::schema::StateSchema;
use crate::workflow::toolbox::ToolBox;
use crate::workflow::tree::{Entry, Node};

/// Checks `meaning` and gathers the names that every expression may read.
pub(super) fn names<'a>(
    meaning: Option<&'a Entry>,
    steps: Option<&'a Entry>,
    tools: &'a ToolBox,
    sink: &mut Sink<'_>,
) -> Names<'a> {
    let mut names = Names::default();
    if let Some(entry) = meaning {
        read(entry, &mut names, sink);
    }
    let entries = steps.map_or(&[][..], |entry| entry.value.entries());
    // More steps than that are refused as a whole.
    for step in entries.iter().take(STEPS_MAX) {
        names.steps.insert(step.key.as_str());
        if let Some(kind) = silent_kind(&step.value) {
            names.silent.insert(step.key.as_str(), kind);
        }
        let tool = step
            .value
            .entry("tool")
            .and_then(|entry| entry.value.text());
        if let Some(tool) = tool.and_then(|name| tools.get(name)) {
            names
                .outputs
                .insert(step.key.as_str(), &tool.manifest.output);
        }
    }
    names
}

/// What a step does that has no answer to record.
fn silent_kind(step: &Node) -> Option<&'static str> {
    let wait = step.entry("wait").map(|entry| &entry.value);
    match wait {
        Some(wait) => (wait.entry("signal").is_none()).then_some("wait"),
        None => ["compute", "gate"]
            .into_iter()
            .find(|kind| step.entry(kind).is_some() && step.entry("tool").is_none()),
    }
}

fn read(entry: &Entry, names: &mut Names<'_>, sink: &mut Sink<'_>) {
    let opened = MapReader::open(&entry.value, "`meaning`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    if let Some(entry) = map.required("state") {
        state(entry, names, sink);
    }
    if let Some(entry) = map.optional("terms") {
        for term in reader::open_map(entry, sink) {
            reader::text(term, sink);
        }
    }
    map.finish(sink);
}

fn state(entry: &Entry, names: &mut Names<'_>, sink: &mut Sink<'_>) {
    let schema = entry.value.to_json();
    duplicates_below(&entry.value, sink);
    match StateSchema::compile(&schema) {
        Ok(compiled) => names.state = Some(compiled),
        Err(problems) => {
            for problem in problems {
                let span = entry.value.at(&problem.pointer).head();
                let message = format!("the state schema is not valid: {}", problem.message);
                sink.report(&span, Finding::error(Code::SchemaInvalid, message));
            }
        }
    }
    field_names(&entry.value, sink);
    let listed = properties(&schema);
    names.fields = listed.map(|fields| {
        fields
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    });
    names.aliases = aliases(&schema);
}

/// A field that is no identifier can be set, but CEL reads `state.due-date` as a subtraction.
fn field_names(schema: &Node, sink: &mut Sink<'_>) {
    let listed = schema.entry("properties");
    for field in listed.map_or(&[][..], |entry| entry.value.entries()) {
        let name = &field.key;
        let fits = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !fits {
            let message = format!("no expression can read the field `{name}` as `state.{name}`");
            let finding = Finding::warning(Code::BadName, message).hint(format!(
                "use letters, digits and `_`, or write `state[\"{name}\"]`"
            ));
            sink.report(&field.key_span, finding);
        }
    }
}

fn duplicates_below(node: &Node, sink: &mut Sink<'_>) {
    reader::report_duplicates(node, sink);
    for entry in node.entries() {
        duplicates_below(&entry.value, sink);
    }
}

fn aliases(schema: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let listed = schema.get("properties").and_then(Value::as_object);
    for (field, property) in listed.into_iter().flatten() {
        let aliases = property.get("x-aliases").and_then(Value::as_array);
        for alias in aliases.into_iter().flatten().filter_map(Value::as_str) {
            found.insert(alias.to_owned(), field.clone());
        }
    }
    found
}
