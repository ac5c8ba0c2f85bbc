//! Steps: what each does, and which keys go with what it does.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::limits::{NAME_CHARS_MAX, RUN_STEPS_MAX, STEPS_MAX};
use crate::workflow::check::edges::{self, END, Link};
use crate::workflow::check::expressions::{Place, template};
use crate::workflow::check::literal::literal;
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::Names;
use crate::workflow::check::{gates, tool_steps};
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::source::Span;
use crate::workflow::toolbox::ToolBox;
use crate::workflow::tree::{Data, Entry};

/// The keys that say what a step does; exactly one stands in each.
const KINDS: [&str; 4] = ["compute", "tool", "gate", "wait"];

/// Every key of a step, with the kinds it goes with.
const KEYS: [(&str, &[&str]); 15] = [
    ("compute", &["compute"]),
    ("tool", &["tool"]),
    ("args", &["tool"]),
    ("amount", &["tool"]),
    ("operation", &["tool"]),
    ("cost", &["tool"]),
    ("gate", &["gate"]),
    ("wait", &["wait"]),
    ("save", &["tool", "wait"]),
    ("next", &["compute", "tool", "wait"]),
    ("approved", &["gate"]),
    ("rejected", &["gate", "tool"]),
    ("returned", &["gate"]),
    ("end", &["compute", "tool", "wait"]),
    ("visits", &["compute", "tool", "gate", "wait"]),
];

/// Words that expressions keep for themselves, and the one that ends a run.
const RESERVED: [&str; 5] = [END, "true", "false", "null", "in"];

/// What a step is checked against.
#[derive(Debug)]
pub(super) struct Around<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) tools: &'a ToolBox,
    /// Tools in scope; `None` where the scope is missing.
    pub(super) scope: Option<BTreeSet<&'a str>>,
    /// Writes listed, and whether each has a limit.
    pub(super) effects: BTreeMap<&'a str, bool>,
}

/// What the graph needs to know of a step.
#[derive(Debug)]
pub(super) struct Draft<'n> {
    pub(super) id: &'n str,
    pub(super) span: Span,
    pub(super) links: Vec<Link<'n>>,
    /// Whether `visits` bounds it.
    pub(super) is_bounded: bool,
    pub(super) tool: Option<&'n str>,
    /// Steps that a gate covers.
    pub(super) covers: Vec<(&'n str, Span)>,
    /// Where approval leads.
    pub(super) approved: Option<Link<'n>>,
}

/// Checks every step and answers what the graph needs, in file order.
pub(super) fn read<'n>(
    entry: &'n Entry,
    around: &Around<'n>,
    sink: &mut Sink<'_>,
) -> Vec<Draft<'n>> {
    let entries = reader::open_map(entry, sink);
    if entries.is_empty() && matches!(entry.value.data, Data::Map(_) | Data::Null) {
        let finding = Finding::error(Code::NoSteps, "the workflow has no steps");
        sink.report(&entry.key_span, finding);
    }
    if entries.len() > STEPS_MAX {
        let message = format!("{} steps; at most {STEPS_MAX} are allowed", entries.len());
        sink.report(&entry.key_span, Finding::error(Code::OverLimit, message));
        return Vec::new();
    }
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    for entry in entries {
        check_name(entry, sink);
        if drafts.iter().all(|draft| draft.id != entry.key) {
            drafts.push(step(entry, around, sink));
        }
    }
    drafts
}

/// A step's name is read by expressions as `steps.NAME`, so it has no `-` and no `.`.
fn check_name(entry: &Entry, sink: &mut Sink<'_>) {
    let name = entry.key.as_str();
    let fits = name.len() <= NAME_CHARS_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let finding = if RESERVED.contains(&name) {
        Finding::error(Code::BadName, format!("no step can be called `{name}`"))
            .hint("the word is reserved; choose another")
    } else if fits {
        return;
    } else {
        Finding::error(Code::BadName, format!("`{name}` is no name for a step")).hint(format!(
            "begin with a small letter and use a-z, 0-9 and `_`, at most {NAME_CHARS_MAX} characters"
        ))
    };
    sink.report(&entry.key_span, finding);
}

fn step<'n>(entry: &'n Entry, around: &Around<'n>, sink: &mut Sink<'_>) -> Draft<'n> {
    let mut draft = Draft {
        id: &entry.key,
        span: entry.key_span.clone(),
        links: Vec::new(),
        is_bounded: false,
        tool: None,
        covers: Vec::new(),
        approved: None,
    };
    let what = format!("the step `{}`", entry.key);
    let Some(mut map) = MapReader::open(&entry.value, what, &entry.key_span, sink) else {
        draft.links.push(Link::Broken);
        return draft;
    };
    let keys: BTreeMap<&'static str, &'n Entry> = KEYS
        .iter()
        .filter_map(|(key, _)| map.optional(key).map(|entry| (*key, entry)))
        .collect();
    map.finish(sink);
    let kind = kind(entry, &keys, sink);
    misplaced(kind, &keys, sink);
    if let Some(entry) = keys.get("visits") {
        draft.is_bounded = reader::number(entry, 1..=u64::from(RUN_STEPS_MAX), sink).is_some();
    }
    match kind {
        Some("compute") => {
            let fields = keys.get("compute").copied();
            set(fields, Place::Step, around.names, sink);
        }
        Some("tool") => draft.tool = tool_steps::read(&entry.key, &keys, around, sink),
        Some("gate") => draft.covers = gates::read(entry, &keys, around.names, sink),
        Some("wait") => wait(&entry.key, &keys, around.names, sink),
        _ => {}
    }
    leads(&mut draft, kind, &keys, around.names, sink);
    draft
}

/// What the step does; `None` where it says nothing.
fn kind(
    entry: &Entry,
    keys: &BTreeMap<&'static str, &Entry>,
    sink: &mut Sink<'_>,
) -> Option<&'static str> {
    let mut kinds = KINDS.iter().filter_map(|kind| keys.get_key_value(kind));
    let Some((kind, first)) = kinds.next() else {
        let message = format!("the step `{}` does nothing", entry.key);
        let finding = Finding::error(Code::MissingKey, message)
            .hint(format!("add one of: {}", KINDS.join(", ")));
        sink.report(&entry.key_span, finding);
        return None;
    };
    for (other, second) in kinds {
        let later = std::cmp::max_by_key(first, second, |entry| entry.key_span.start);
        let message = format!("a step does one thing, but this one has `{kind}` and `{other}`");
        let finding = Finding::error(Code::MisplacedKey, message).hint("make two steps of it");
        sink.report(&later.key_span, finding);
    }
    Some(kind)
}

/// Reports keys that mean nothing for this kind of step.
fn misplaced(
    kind: Option<&'static str>,
    keys: &BTreeMap<&'static str, &Entry>,
    sink: &mut Sink<'_>,
) {
    let Some(kind) = kind else { return };
    for (key, goes_with) in KEYS {
        // What goes with a second kind is no further mistake than the second kind itself.
        let fits = goes_with.iter().any(|with| keys.contains_key(with));
        if KINDS.contains(&key) || fits {
            continue;
        }
        if let Some(entry) = keys.get(key) {
            let message = format!("`{key}` means nothing beside `{kind}`");
            let taken = KEYS.iter().filter(|(_, with)| with.contains(&kind));
            let taken: Vec<&str> = taken.map(|(key, _)| *key).collect();
            let finding = Finding::error(Code::MisplacedKey, message)
                .hint(format!("`{kind}` takes: {}", taken.join(", ")));
            sink.report(&entry.key_span, finding);
        }
    }
}

/// Checks a map of state fields to values.
pub(super) fn set(
    fields: Option<&Entry>,
    place: Place<'_>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    let Some(entry) = fields else { return };
    for field in reader::open_map(entry, sink) {
        template(&field.value, place, names, sink);
        match &names.fields {
            Some(known) if !known.contains(&field.key) => {
                let message = format!("the state has no field `{}`", field.key);
                let finding = Finding::error(Code::SaveUnknownField, message)
                    .did_you_mean(&field.key, known.iter().map(String::as_str));
                sink.report(&field.key_span, finding);
            }
            _ => set_literal(field, names, sink),
        }
    }
}

/// A value without expressions that the state would refuse in every run.
fn set_literal(field: &Entry, names: &Names<'_>, sink: &mut Sink<'_>) {
    if let (Some(state), Some(value)) = (&names.state, literal(&field.value))
        && let Err(problems) = state.coerce_saved(&field.key, value)
    {
        for problem in problems {
            let message = format!("the state refuses this value: {}", problem.message);
            sink.report(
                &field.value.head(),
                Finding::error(Code::SaveInvalidValue, message),
            );
        }
    }
}

/// A wait is for a time, or for a signal.
fn wait(id: &str, keys: &BTreeMap<&'static str, &Entry>, names: &Names<'_>, sink: &mut Sink<'_>) {
    let Some(entry) = keys.get("wait") else {
        return;
    };
    let opened = MapReader::open(&entry.value, "`wait`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    let (time, signal) = (map.optional("for"), map.optional("signal"));
    map.finish(sink);
    if let Some(entry) = time {
        reader::duration(entry, sink);
    }
    if let Some(entry) = signal {
        reader::name(entry, sink);
    }
    match (time, signal) {
        (None, None) => {
            let finding = Finding::error(Code::MissingKey, "`wait` does not say for what")
                .hint("write `for: 1h` or `signal: NAME`");
            sink.report(&entry.key_span, finding);
        }
        (Some(_), Some(signal)) => {
            let message = "a step waits for a time or for a signal, not for both";
            sink.report(
                &signal.key_span,
                Finding::error(Code::MisplacedKey, message),
            );
        }
        (Some(_), None) => {
            if let Some(save) = keys.get("save") {
                let message = "a timer brings nothing that could be saved";
                let finding = Finding::error(Code::MisplacedKey, message)
                    .hint("only `wait: {signal: NAME}` has a payload to save");
                sink.report(&save.key_span, finding);
            }
        }
        (None, Some(_)) => set(keys.get("save").copied(), Place::Save(id), names, sink),
    }
}

/// Reads every edge of a step, and reports a step that leads nowhere.
fn leads<'n>(
    draft: &mut Draft<'n>,
    kind: Option<&str>,
    keys: &BTreeMap<&'static str, &'n Entry>,
    names: &Names<'n>,
    sink: &mut Sink<'_>,
) {
    if let Some(entry) = keys.get("next") {
        draft.links.extend(edges::next(entry, names, sink));
    }
    for key in ["approved", "rejected", "returned"] {
        if let Some(entry) = keys.get(key) {
            let link = edges::target(&entry.value, &entry.key_span, names, sink);
            draft.links.push(link);
            if key == "approved" {
                draft.approved = Some(link);
            }
        }
    }
    if let Some(end) = keys.get("end") {
        draft.links.push(edges::end(end, sink));
        if keys.contains_key("next") {
            let message = "a step cannot both end the run and go on";
            let finding =
                Finding::error(Code::MisplacedKey, message).hint("keep `next` or `end`, not both");
            sink.report(&end.key_span, finding);
        }
    }
    match kind {
        None => draft.links.push(Link::Broken),
        Some("gate") => {}
        Some(_) if keys.contains_key("next") || keys.contains_key("end") => {}
        Some(_) => {
            let message = format!("the step `{}` does not say where it leads", draft.id);
            let finding = Finding::error(Code::MissingKey, message)
                .hint("add `next: STEP`, or `end: succeeded`, `end: rejected` or `end: failed`");
            sink.report(&draft.span, finding);
            draft.links.push(Link::Broken);
        }
    }
}
