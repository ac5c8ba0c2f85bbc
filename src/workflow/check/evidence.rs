//! Evidence: what every packet must carry, and where it comes from.

use std::collections::BTreeSet;

use crate::workflow::check::contract::unique_id;
use crate::workflow::check::expressions::{Place, template};
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::tree::Entry;

/// Sources of evidence that are no tool: the row the run started from, and the agent's own words.
const PLAIN_SOURCES: [&str; 2] = ["input", "agent"];

pub(super) fn items(
    entry: &Entry,
    scope: Option<&BTreeSet<&str>>,
    names: &Names<'_>,
    sink: &mut Sink<'_>,
) {
    let mut seen = BTreeSet::new();
    for node in reader::list(entry, sink).unwrap_or_default() {
        let opened = MapReader::open(node, "this evidence item", &node.head(), sink);
        let Some(mut map) = opened else { continue };
        if let Some(entry) = map.required("id") {
            unique_id(entry, "evidence item", &mut seen, sink);
        }
        if let Some(entry) = map.required("title") {
            reader::text(entry, sink);
        }
        if let Some(entry) = map.required("value") {
            template(&entry.value, Place::Run, names, sink);
        }
        if let Some(entry) = map.required("source") {
            source(entry, scope, sink);
        }
        if let Some(entry) = map.optional("required") {
            reader::flag(entry, sink);
        }
        map.finish(sink);
    }
}

fn source(entry: &Entry, scope: Option<&BTreeSet<&str>>, sink: &mut Sink<'_>) {
    let Some(source) = reader::text(entry, sink) else {
        return;
    };
    let Some(scope) = scope else { return };
    if !scope.contains(source) && !PLAIN_SOURCES.contains(&source) {
        let message = format!("evidence cannot come from `{source}`");
        let known = scope.iter().copied().chain(PLAIN_SOURCES);
        let finding =
            Finding::error(Code::EvidenceSourceUnknown, message).did_you_mean(source, known);
        sink.report(&entry.value.span, finding);
    }
}
