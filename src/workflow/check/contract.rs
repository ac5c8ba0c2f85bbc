//! The parts of the contract that are short: intent, authority, scope, effects and budget.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::OnBreach;
use crate::domain::limits::RUN_STEPS_MAX;
use crate::workflow::check::expressions::{Place, condition, template};
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::source::Span;
use crate::workflow::toolbox::ToolBox;
use crate::workflow::tree::{Data, Entry};

/// People who may be asked to agree on one packet.
const APPROVALS_MAX: u64 = 20;

pub(super) fn intent(entry: &Entry, names: &Names<'_>, sink: &mut Sink<'_>) {
    let opened = MapReader::open(&entry.value, "`intent`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    for key in ["purpose", "owner"] {
        if let Some(entry) = map.required(key) {
            reader::text(entry, sink);
        }
    }
    if let Some(entry) = map.required("done_when") {
        condition(entry, Place::Run, names, sink);
    }
    map.finish(sink);
}

pub(super) fn authority(entry: &Entry, sink: &mut Sink<'_>) {
    let opened = MapReader::open(&entry.value, "`authority`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    if let Some(entry) = map.required("decide") {
        let roles = reader::names(entry, sink);
        if roles.is_empty() && matches!(&entry.value.data, Data::List(items) if items.is_empty()) {
            let finding = Finding::error(Code::MissingKey, "`decide` names no role")
                .hint("name the roles that may decide, as in [finance-reviewer]");
            sink.report(&entry.key_span, finding);
        }
    }
    if let Some(entry) = map.optional("escalate") {
        reader::names(entry, sink);
    }
    if let Some(entry) = map.optional("approvals") {
        reader::number(entry, 1..=APPROVALS_MAX, sink);
    }
    for key in ["window", "valid"] {
        if let Some(entry) = map.optional(key) {
            reader::duration(entry, sink);
        }
    }
    if let Some(entry) = map.optional("silence") {
        silence(entry, sink);
    }
    if let Some(entry) = map.optional("separation") {
        reader::flag(entry, sink);
    }
    map.finish(sink);
}

/// Silence never approves.
fn silence(entry: &Entry, sink: &mut Sink<'_>) {
    match reader::text(entry, sink) {
        None | Some("reject") => {}
        Some(other) => {
            let message = format!("`silence` cannot be `{other}`");
            let finding = Finding::error(Code::BadEnumValue, message)
                .hint("write `reject`: nobody's silence ever approves");
            sink.report(&entry.value.span, finding);
        }
    }
}

/// Answers the tools that the scope lists.
pub(super) fn scope<'n>(
    entry: &'n Entry,
    tools: &ToolBox,
    sink: &mut Sink<'_>,
) -> BTreeSet<&'n str> {
    let opened = MapReader::open(&entry.value, "`scope`", &entry.key_span, sink);
    let Some(mut map) = opened else {
        return BTreeSet::new();
    };
    if let Some(entry) = map.required("agent") {
        reader::name(entry, sink);
    }
    let mut listed = BTreeSet::new();
    if let Some(entry) = map.required("tools") {
        for (name, node) in reader::names(entry, sink) {
            known_tool(name, &node.span, tools, sink);
            listed.insert(name);
        }
    }
    if let Some(entry) = map.optional("data") {
        for node in reader::list(entry, sink).unwrap_or_default() {
            reader::text_of(node, "an item of `data`", &entry.key_span, sink);
        }
    }
    map.finish(sink);
    listed
}

/// Reports a tool that does not exist, or whose file has errors; answers whether it can be used.
pub(super) fn known_tool(name: &str, span: &Span, tools: &ToolBox, sink: &mut Sink<'_>) -> bool {
    if tools.get(name).is_some() {
        return true;
    }
    let finding = match tools.broken_file(name) {
        Some(file) => {
            let message = format!("the file of the tool `{name}` has errors");
            Finding::error(Code::BrokenTool, message).hint(format!("see {file}"))
        }
        None => Finding::error(Code::UnknownTool, format!("there is no tool `{name}`"))
            .did_you_mean(name, tools.names()),
    };
    sink.report(span, finding);
    false
}

/// Reads an `id` and reports one that was used before.
pub(super) fn unique_id<'n>(
    entry: &'n Entry,
    what: &str,
    seen: &mut BTreeSet<&'n str>,
    sink: &mut Sink<'_>,
) {
    if let Some(id) = reader::name(entry, sink)
        && !seen.insert(id)
    {
        let message = format!("another {what} is called `{id}` already");
        sink.report(
            &entry.value.span,
            Finding::error(Code::DuplicateId, message),
        );
    }
}

/// Answers the tools that `effects` lists, and whether each has a limit.
pub(super) fn effects<'n>(
    entry: &'n Entry,
    tools: &ToolBox,
    sink: &mut Sink<'_>,
) -> BTreeMap<&'n str, bool> {
    let mut listed = BTreeMap::new();
    for entry in reader::open_map(entry, sink) {
        let known = known_tool(&entry.key, &entry.key_span, tools, sink);
        if known && tools.get(&entry.key).is_some_and(|tool| !tool.is_write()) {
            let message = format!("`{}` only reads, so it has no effect to limit", entry.key);
            let finding = Finding::error(Code::EffectsListsRead, message)
                .hint("leave it out: only writes are listed here");
            sink.report(&entry.key_span, finding);
        }
        let what = format!("`{}`", entry.key);
        let opened = MapReader::open(&entry.value, what, &entry.key_span, sink);
        let Some(mut map) = opened else { continue };
        let limit = map.optional("limit");
        if let Some(entry) = limit {
            reader::money(entry, sink);
        }
        map.finish(sink);
        listed.insert(entry.key.as_str(), limit.is_some());
    }
    listed
}

/// Answers whether the budget limits steps.
pub(super) fn budget(entry: &Entry, names: &Names<'_>, sink: &mut Sink<'_>) -> bool {
    let opened = MapReader::open(&entry.value, "`budget`", &entry.key_span, sink);
    let Some(mut map) = opened else { return false };
    let steps = map.optional("steps");
    if let Some(entry) = steps {
        step_limit(entry, names, sink);
    }
    if let Some(entry) = map.optional("cost") {
        reader::cost(entry, sink);
    }
    if let Some(entry) = map.optional("on_breach") {
        reader::word::<OnBreach>(entry, sink);
    }
    if let Some(entry) = map.optional("wall") {
        reader::duration(entry, sink);
    }
    map.finish(sink);
    steps.is_some()
}

/// A number, or one expression that gives it.
fn step_limit(entry: &Entry, names: &Names<'_>, sink: &mut Sink<'_>) {
    match entry.value.text().map(str::trim) {
        Some(text) if text.starts_with("${") && text.ends_with('}') => {
            template(&entry.value, Place::Run, names, sink);
        }
        Some(text) => {
            let message = format!("`{}` cannot be `{text}`", entry.key);
            let finding = Finding::error(Code::BadNumber, message)
                .hint("write a whole number, or one expression, as in '${ input.max_steps }'");
            sink.report(&entry.value.span, finding);
        }
        None => {
            reader::number(entry, 1..=u64::from(RUN_STEPS_MAX), sink);
        }
    }
}
