//! The part of a tool file that makes a write safe: its key, its probe, its undo.

use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::{Names, Place, arguments, condition, template};
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::toolbox::inspect::{Around, Outline};
use crate::workflow::toolbox::request::header_text;
use crate::workflow::tree::Entry;

/// Key, probe, undo, and the word for a write that has neither key nor probe.
pub(super) fn parts(map: &mut MapReader<'_>, around: &Around<'_>, sink: &mut Sink<'_>) {
    let key = map.optional("key");
    if let Some(entry) = key {
        only_for_writes(entry, around, sink);
        key_support(entry, sink);
    }
    let probe = map.optional("probe");
    if let Some(entry) = probe {
        only_for_writes(entry, around, sink);
        other_tool(entry, Other::Probe, around, sink);
    }
    if let Some(entry) = map.optional("compensate") {
        only_for_writes(entry, around, sink);
        other_tool(entry, Other::Undo, around, sink);
    }
    let unverifiable = map.optional("unverifiable");
    let accepted = unverifiable.and_then(|entry| reader::flag(entry, sink)) == Some(true);
    if around.is_write && key.is_none() && probe.is_none() && !accepted {
        let message = "this write can be neither repeated safely nor asked about";
        let finding = Finding::error(Code::WriteWithoutKeyOrProbe, message).hint(
            "add `key`, add `probe`, or accept with `unverifiable: true` that an unknown outcome waits for a person",
        );
        sink.report(&map.place_of("effect"), finding);
    }
}

pub(super) fn only_for_writes(entry: &Entry, around: &Around<'_>, sink: &mut Sink<'_>) {
    if !around.is_write {
        let message = format!("`{}` means nothing for a tool that only reads", entry.key);
        sink.report(&entry.key_span, Finding::error(Code::MisplacedKey, message));
    }
}

fn key_support(entry: &Entry, sink: &mut Sink<'_>) {
    let opened = MapReader::open(&entry.value, "`key`", &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    if let Some(entry) = map.required("header") {
        header_text(entry, sink);
    }
    if let Some(entry) = map.required("kept") {
        reader::duration(entry, sink);
    }
    map.finish(sink);
}

/// How a tool names another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Other {
    /// A read that tells whether the write happened.
    Probe,
    /// A write that undoes it.
    Undo,
}

fn other_tool(entry: &Entry, other: Other, around: &Around<'_>, sink: &mut Sink<'_>) {
    let what = format!("`{}`", entry.key);
    let opened = MapReader::open(&entry.value, what, &entry.key_span, sink);
    let Some(mut map) = opened else { return };
    let target = map.required("tool");
    let name = target.and_then(|entry| reader::name(entry, sink).map(|name| (entry, name)));
    let outline = name.and_then(|(entry, name)| known(entry, name, other, around, sink));
    let name = name.map(|(_, name)| name);
    let place = match other {
        Other::Probe => Place::Write,
        Other::Undo => Place::Answer,
    };
    if let Some(entry) = map.required("args") {
        for arg in reader::open_map(entry, sink) {
            template(&arg.value, place, &around.names, sink);
        }
        if let (Some(outline), Some(name)) = (outline, name) {
            arguments::check(name, &outline.args, Some(entry), &entry.key_span, sink);
        }
    }
    if other == Other::Probe
        && let Some(entry) = map.required("found")
    {
        let names = Names {
            args: around.names.args,
            answer: outline.map(|outline| &outline.output),
            ..Names::default()
        };
        condition(entry, Place::Answer, &names, sink);
        if let Some(entry) = map.optional("output") {
            template(&entry.value, Place::Answer, &names, sink);
        }
    }
    map.finish(sink);
}

/// The tool that is named, if it exists; one of the wrong sort is reported.
fn known<'a>(
    entry: &Entry,
    name: &str,
    other: Other,
    around: &Around<'a>,
    sink: &mut Sink<'_>,
) -> Option<&'a Outline> {
    let outline = around.tools.get(name);
    let finding = match (other, outline.map(|outline| outline.is_write)) {
        (Other::Probe, Some(false)) | (Other::Undo, Some(true)) => return outline,
        (Other::Probe, Some(true)) => Finding::error(
            Code::ProbeNotRead,
            format!("`{name}` writes, so it cannot be a probe"),
        )
        .hint("a probe asks a tool with `effect: read`"),
        (Other::Undo, Some(false)) => Finding::error(
            Code::CompensateNotWrite,
            format!("`{name}` only reads, so it undoes nothing"),
        ),
        (_, None) => {
            let code = match other {
                Other::Probe => Code::ProbeUnknown,
                Other::Undo => Code::CompensateUnknown,
            };
            Finding::error(code, format!("there is no tool `{name}`"))
                .did_you_mean(name, around.tools.keys().map(String::as_str))
        }
    };
    sink.report(&entry.value.span, finding);
    outline
}
