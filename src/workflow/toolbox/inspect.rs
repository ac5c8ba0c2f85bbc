//! Reports every mistake of a tool file.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::limits::{ANSWER_BYTES_MAX, CALL_TIMEOUT_MS_MAX};
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::{Names, Place, properties, template};
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::format_duration;
use crate::workflow::schema::Schema;
use crate::workflow::toolbox::{request, safety};
use crate::workflow::tree::{Data, Entry, Node};

/// What other tools need to know of a tool, read before its file is known to be sound.
#[derive(Clone, Debug)]
pub(crate) struct Outline {
    pub(crate) is_write: bool,
    pub(crate) args: Value,
    pub(crate) output: Value,
}

impl Outline {
    pub(crate) fn of(root: &Node) -> Option<(&str, Self)> {
        let name = root.entry("tool")?.value.text()?;
        let schema = |key| {
            root.entry(key)
                .map_or(Value::Null, |entry| entry.value.to_json())
        };
        let effect = root.entry("effect").and_then(|entry| entry.value.text());
        let outline = Self {
            is_write: effect == Some("write"),
            args: schema("args"),
            output: schema("output"),
        };
        Some((name, outline))
    }
}

/// What the parts of one tool file are checked against.
#[derive(Debug)]
pub(super) struct Around<'a> {
    pub(super) names: Names<'a>,
    pub(super) is_write: bool,
    pub(super) tools: &'a BTreeMap<String, Outline>,
}

impl Around<'_> {
    /// What the parts of the request may read.
    pub(super) fn place(&self) -> Place<'static> {
        if self.is_write {
            Place::Write
        } else {
            Place::Args
        }
    }
}

pub(super) fn tool(root: &Node, tools: &BTreeMap<String, Outline>, sink: &mut Sink<'_>) {
    let Some(mut map) = MapReader::open(root, "the tool", &(0..0), sink) else {
        return;
    };
    let own = Outline::of(root).map(|(_, own)| own);
    let around = Around {
        names: Names {
            args: own.as_ref().map(|own| &own.args),
            answer: own.as_ref().map(|own| &own.output),
            ..Names::default()
        },
        is_write: own.as_ref().is_some_and(|own| own.is_write),
        tools,
    };
    if let Some(entry) = map.required("tool") {
        tool_name(entry, sink);
    }
    if let Some(entry) = map.required("connector") {
        reader::name(entry, sink);
    }
    if let Some(entry) = map.optional("purpose") {
        reader::text(entry, sink);
    }
    for key in ["args", "output"] {
        if let Some(entry) = map.required(key) {
            schema(entry, sink);
        }
    }
    request::parts(&mut map, &around, sink);
    safety::parts(&mut map, &around, sink);
    settings(&mut map, &around, sink);
    map.finish(sink);
}

fn tool_name(entry: &Entry, sink: &mut Sink<'_>) {
    if let Some(name) = reader::name(entry, sink)
        && !name.contains('.')
    {
        let message = format!("`{name}` is no name for a tool");
        let finding = Finding::error(Code::BadName, message)
            .hint("write the connector and the operation, as in `erp.commit_order`");
        sink.report(&entry.value.span, finding);
    }
}

fn schema(entry: &Entry, sink: &mut Sink<'_>) {
    if let Err(problem) = Schema::compile(&entry.value.to_json()) {
        let node = entry.value.at(&problem.pointer);
        let message = format!(
            "the schema of `{}` is not valid: {}",
            entry.key, problem.message
        );
        let span = if node.span.is_empty() {
            &entry.key_span
        } else {
            &node.span
        };
        sink.report(span, Finding::error(Code::SchemaInvalid, message));
    }
}

/// Timeout, answer size, volatile arguments and trust.
fn settings(map: &mut MapReader<'_>, around: &Around<'_>, sink: &mut Sink<'_>) {
    if let Some(entry) = map.optional("timeout")
        && let Some(ms) = reader::duration(entry, sink)
        && ms > CALL_TIMEOUT_MS_MAX
    {
        let most = format_duration(CALL_TIMEOUT_MS_MAX);
        let message = format!("a call may take {most} at most");
        sink.report(&entry.value.span, Finding::error(Code::OverLimit, message));
    }
    if let Some(entry) = map.optional("answer_bytes_max") {
        reader::number(entry, 1..=ANSWER_BYTES_MAX as u64, sink);
    }
    if let Some(entry) = map.optional("volatile") {
        let known = around.names.args.and_then(properties).unwrap_or_default();
        for (name, node) in reader::names(entry, sink) {
            if !known.contains(&name) {
                let message = format!("the tool takes no argument `{name}`");
                let finding = Finding::error(Code::ArgsUnknown, message)
                    .did_you_mean(name, known.iter().copied());
                sink.report(&node.span, finding);
            }
        }
    }
    if let Some(entry) = map.optional("trust") {
        request::one_of(entry, &["untrusted", "trusted"], sink);
    }
    if let Some(entry) = map.optional("identity") {
        safety::only_for_writes(entry, around, sink);
        for node in reader::list(entry, sink).unwrap_or_default() {
            template(node, Place::Args, &around.names, sink);
        }
    }
    if let Some(entry) = map.optional("nothing_done") {
        for node in reader::list(entry, sink).unwrap_or_default() {
            status(node, entry, around, sink);
        }
    }
}

/// Statuses after which a write may well have happened.
const AMBIGUOUS: [u64; 4] = [408, 500, 502, 504];

fn status(node: &Node, entry: &Entry, around: &Around<'_>, sink: &mut Sink<'_>) {
    let Data::Number(number) = &node.data else {
        let message = "an item of `nothing_done` must be a status";
        reader::wrong_type(node, &entry.key_span, message, sink);
        return;
    };
    let finding = match number.as_u64() {
        Some(400..=599) if !around.is_write => return,
        Some(status @ 400..=599) if !AMBIGUOUS.contains(&status) => return,
        Some(status @ 400..=599) => {
            let message = format!("after {status} a write may have happened");
            Finding::error(Code::BadStatus, message)
                .hint("leave it out; the outcome is then unknown, and a probe or a key settles it")
        }
        _ => Finding::error(
            Code::BadStatus,
            format!("{number} is no status of a failure"),
        )
        .hint("list statuses from 400 to 599, as in [429, 503]"),
    };
    sink.report(&node.span, finding);
}
