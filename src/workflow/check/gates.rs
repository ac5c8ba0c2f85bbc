//! Gates: what each covers, what a reviewer is shown, and where the verdicts lead.

use std::collections::BTreeMap;

use crate::domain::limits::PACKET_EFFECTS_MAX;
use crate::workflow::check::expressions::{Place, scalar_template};
use crate::workflow::check::literal;
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::steps::{Draft, set};
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::source::Span;
use crate::workflow::toolbox::ToolBox;
use crate::workflow::tree::{Data, Entry};

/// Checks a gate; answers the steps it covers.
pub(super) fn read<'n>(
    step: &Entry,
    keys: &BTreeMap<&'static str, &'n Entry>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) -> Vec<(&'n str, Span)> {
    if !keys.contains_key("approved") {
        let message = format!("the gate `{}` does not say where approval leads", step.key);
        let finding = Finding::error(Code::GateEdgeMissing, message)
            .hint("add `approved: STEP`; without `rejected` a rejection ends the run");
        sink.report(&step.key_span, finding);
    }
    let Some(entry) = keys.get("gate") else {
        return Vec::new();
    };
    let opened = MapReader::open(&entry.value, "`gate`", &entry.key_span, sink);
    let Some(mut map) = opened else {
        return Vec::new();
    };
    let covers = map.required("covers");
    for key in ["confidence", "note", "title"] {
        if let Some(entry) = map.optional(key) {
            scalar_template(entry, Place::Step, names, sink);
            if key == "confidence" {
                literal::confidence(entry, sink);
            }
        }
    }
    set(map.optional("ask"), Place::Step, names, sink);
    map.finish(sink);
    covers.map_or_else(Vec::new, |entry| covered(entry, sink))
}

fn covered<'n>(entry: &'n Entry, sink: &mut Sink<'_>) -> Vec<(&'n str, Span)> {
    if matches!(&entry.value.data, Data::List(items) if items.is_empty()) {
        let finding = Finding::error(Code::MissingKey, "the gate covers nothing")
            .hint("name the write steps whose effects are decided here");
        sink.report(&entry.key_span, finding);
    }
    let named = reader::names(entry, sink).into_iter();
    let steps: Vec<_> = named
        .map(|(name, node)| (name, node.span.clone()))
        .collect();
    if let Some((_, first_over)) = steps.get(PACKET_EFFECTS_MAX) {
        let count = steps.len();
        let message = format!(
            "the gate covers {count} steps, more than the {PACKET_EFFECTS_MAX} of a packet"
        );
        let finding = Finding::error(Code::TooManyCovers, message)
            .hint("let several gates follow one another, each with some of the steps");
        sink.report(first_over, finding);
    }
    steps
}

/// Reports covered steps that do not exist, or that write nothing.
pub(super) fn check_covers(drafts: &[Draft<'_>], tools: &ToolBox, sink: &mut Sink<'_>) {
    for (name, span) in drafts.iter().flat_map(|draft| &draft.covers) {
        let Some(step) = drafts.iter().find(|draft| draft.id == *name) else {
            let message = format!("the gate covers `{name}`, which is no step");
            let finding = Finding::error(Code::GateCoversUnknown, message)
                .did_you_mean(name, drafts.iter().map(|draft| draft.id));
            sink.report(span, finding);
            continue;
        };
        let tool = step.tool.map(|tool| tools.get(tool));
        // A tool that is unknown has been reported where the step names it.
        let writes = match tool {
            None => false,
            Some(None) => true,
            Some(Some(tool)) => tool.is_write(),
        };
        if !writes {
            let message = format!("the gate covers `{name}`, which writes nothing");
            let finding = Finding::error(Code::GateCoversRead, message)
                .hint("a gate covers tool steps that call a write tool");
            sink.report(span, finding);
        }
    }
}
