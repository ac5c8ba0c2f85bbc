//! Checks a workflow file, reporting every mistake at once, and compiles it where there is none.

pub(crate) mod arguments;
mod contract;
pub(crate) mod edges;
mod evidence;
mod expressions;
mod gates;
mod graph;
mod literal;
mod meaning;
mod policy;
pub(crate) mod reader;
pub(crate) mod sink;
mod steps;
mod tool_steps;
mod types;
mod variables;

pub(crate) use expressions::{Place, condition, template};
pub(crate) use variables::{Names, properties};

use std::sync::Arc;

use crate::domain::limits::DEFINITION_BYTES_MAX;
use crate::workflow::build;
use crate::workflow::check::reader::MapReader;
use crate::workflow::check::sink::Sink;
use crate::workflow::definition::Definition;
use crate::workflow::diagnostic::{Code, Diagnostic, Finding};
use crate::workflow::source::SourceFile;
use crate::workflow::toolbox::ToolBox;
use crate::workflow::tree::{self, Entry, Node};

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    /// In the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// Present where no diagnostic is an error.
    pub definition: Option<Arc<Definition>>,
}

/// Checks a workflow file against the tools there are.
pub fn check(workflow: &SourceFile, tools: &ToolBox) -> Checked {
    let mut sink = Sink::new(workflow);
    let root = read(workflow, &mut sink);
    if let Some(root) = &root {
        inspect(root, tools, &mut sink);
    }
    let definition = match root {
        Some(root) if sink.errors() == 0 => match build::of_tree(&root, tools) {
            Ok(definition) => Some(Arc::new(definition)),
            Err(error) => {
                let message = format!("every check passed, yet it does not compile: {error}");
                sink.report(&(0..0), Finding::error(Code::WrongType, message));
                None
            }
        },
        _ => None,
    };
    Checked {
        diagnostics: sink.finish(),
        definition,
    }
}

/// Reads a file into a tree; a file that is too large or no YAML is reported.
pub(crate) fn read(file: &SourceFile, sink: &mut Sink<'_>) -> Option<Node> {
    if file.text.len() > DEFINITION_BYTES_MAX {
        let message = format!(
            "the file has {} bytes; at most {DEFINITION_BYTES_MAX} are read",
            file.text.len()
        );
        sink.report(&(0..0), Finding::error(Code::OverLimit, message));
        return None;
    }
    match tree::parse(&file.text) {
        Ok(root) => Some(root),
        Err(error) => {
            let finding = Finding::error(Code::YamlSyntax, error.message);
            sink.report(&error.span, syntax_hint(finding));
            None
        }
    }
}

/// Hints at the usual causes: an expression that stands unquoted, something left open, a tab.
fn syntax_hint(finding: Finding) -> Finding {
    let hints = [
        (
            "mapping values are not allowed",
            "put a value that holds `: `, `,`, braces or brackets in quotes",
        ),
        (
            "did not find expected ','",
            "put a value that holds `: `, `,`, braces or brackets in quotes",
        ),
        (
            "illegal placement of ':'",
            "is a bracket, a brace or a quote before this place left open?",
        ),
        ("quoted scalar", "is the quote closed?"),
        ("tabs disallowed", "indent with spaces"),
        (
            "merge key",
            "write the keys out: a definition says what it means where it says it",
        ),
    ];
    let known = hints
        .iter()
        .find(|(part, _)| finding.message.contains(part));
    match known {
        Some((_, hint)) => finding.hint(*hint),
        None => finding,
    }
}

/// Reports every mistake of a workflow's tree.
pub(crate) fn inspect(root: &Node, tools: &ToolBox, sink: &mut Sink<'_>) {
    let Some(mut map) = MapReader::open(root, "the workflow", &(0..0), sink) else {
        return;
    };
    let parts = Parts::of(&mut map);
    map.finish(sink);
    if let Some(entry) = parts.workflow {
        reader::name(entry, sink);
    }
    let names = meaning::names(parts.meaning, parts.steps, tools, sink);
    if let Some(entry) = parts.intent {
        contract::intent(entry, &names, sink);
    }
    if let Some(entry) = parts.authority {
        contract::authority(entry, sink);
    }
    if let Some(entry) = parts.policy {
        policy::rules(entry, &names, sink);
    }
    let scope = parts.scope.map(|entry| contract::scope(entry, tools, sink));
    if let Some(entry) = parts.evidence {
        evidence::items(entry, scope.as_ref(), &names, sink);
    }
    let effects = parts
        .effects
        .map(|entry| contract::effects(entry, tools, sink));
    let has_step_limit = parts
        .budget
        .is_some_and(|entry| contract::budget(entry, &names, sink));
    if let Some(entry) = parts.steps {
        let around = steps::Around {
            names: &names,
            tools,
            scope,
            effects: effects.unwrap_or_default(),
        };
        let drafts = steps::read(entry, &around, sink);
        gates::check_covers(&drafts, tools, sink);
        graph::check(&drafts, has_step_limit, sink);
    }
}

/// The top-level keys, in the order in which a contract is read.
struct Parts<'n> {
    workflow: Option<&'n Entry>,
    intent: Option<&'n Entry>,
    authority: Option<&'n Entry>,
    policy: Option<&'n Entry>,
    scope: Option<&'n Entry>,
    meaning: Option<&'n Entry>,
    evidence: Option<&'n Entry>,
    effects: Option<&'n Entry>,
    budget: Option<&'n Entry>,
    steps: Option<&'n Entry>,
}

impl<'n> Parts<'n> {
    fn of(map: &mut MapReader<'n>) -> Self {
        Self {
            workflow: map.required("workflow"),
            intent: map.required("intent"),
            authority: map.required("authority"),
            policy: map.required("policy"),
            scope: map.required("scope"),
            meaning: map.required("meaning"),
            evidence: map.optional("evidence"),
            effects: map.optional("effects"),
            budget: map.optional("budget"),
            steps: map.required("steps"),
        }
    }
}
