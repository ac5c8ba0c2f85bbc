//! Edges: where a step leads.
//!
//! A target is a step's name, or `end` (the run succeeded), `end succeeded`, `end rejected` or
//! `end failed`. No step can be called `end`.

use crate::domain::RunStatus;
use crate::workflow::check::expressions::{Place, condition};
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding, nearest};
use crate::workflow::source::Span;
use crate::workflow::tree::{Data, Entry, Node};

/// The word that ends a run.
pub(crate) const END: &str = "end";

/// Where an edge leads, as far as the graph is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link<'n> {
    Step(&'n str),
    End,
    /// A mistyped step, reported already; what follows from the mistake is not reported again.
    Meant(&'n str),
    /// The target could not be read, or does not exist; reported already.
    Broken,
}

/// How a run may end by an edge.
pub(crate) fn end_status(word: &str) -> Option<RunStatus> {
    match word {
        "succeeded" => Some(RunStatus::Succeeded),
        "rejected" => Some(RunStatus::Rejected),
        "failed" => Some(RunStatus::Failed),
        _ => None,
    }
}

/// Reads `next`: one target, or a list of targets with conditions.
pub(super) fn next<'n>(entry: &'n Entry, names: &Names<'n>, sink: &mut Sink<'_>) -> Vec<Link<'n>> {
    let Data::List(items) = &entry.value.data else {
        return vec![target(&entry.value, &entry.key_span, names, sink)];
    };
    let mut links = Vec::new();
    let mut always: Option<()> = None;
    for node in items {
        let at = &node.head();
        if always.is_some() {
            let message = "this edge is never taken: the one before it always holds";
            let finding = Finding::warning(Code::UnreachableEdge, message)
                .hint("put the edge without `when` last");
            sink.report(at, finding);
        }
        let Some(mut map) = MapReader::open(node, "this edge", at, sink) else {
            links.push(Link::Broken);
            continue;
        };
        match map.optional("when") {
            Some(entry) => condition(entry, Place::Step, names, sink),
            None => always = Some(()),
        }
        let to = map.required("to");
        links.push(to.map_or(Link::Broken, |entry| {
            target(&entry.value, &entry.key_span, names, sink)
        }));
        map.finish(sink);
    }
    if always.is_none() {
        let message = "a run may find no edge that holds, and then it fails";
        let finding = Finding::warning(Code::NoDefaultEdge, message)
            .hint("end the list with an edge that has no `when`");
        sink.report(&entry.key_span, finding);
    }
    links
}

/// Reads a single target.
pub(super) fn target<'n>(
    node: &'n Node,
    at: &Span,
    names: &Names<'n>,
    sink: &mut Sink<'_>,
) -> Link<'n> {
    let Some(text) = reader::text_of(node, "a target", at, sink) else {
        return Link::Broken;
    };
    match text.split_once(' ') {
        None if text == END => Link::End,
        Some((END, status)) if end_status(status).is_some() => Link::End,
        Some((END, status)) => {
            let message = format!("a run cannot end as `{status}`");
            let finding = Finding::error(Code::BadEnumValue, message)
                .hint("write `end`, `end succeeded`, `end rejected` or `end failed`");
            sink.report(&node.span, finding);
            Link::Broken
        }
        _ if names.steps.contains(text) => Link::Step(text),
        _ => {
            let finding = Finding::error(Code::UnknownStep, format!("there is no step `{text}`"))
                .did_you_mean(text, names.steps.iter().copied().chain([END]));
            sink.report(&node.span, finding);
            let known: Vec<&'n str> = names.steps.iter().copied().collect();
            nearest(text, &known).map_or(Link::Broken, Link::Meant)
        }
    }
}

/// Reads the `end` key of a step.
pub(super) fn end(entry: &Entry, sink: &mut Sink<'_>) -> Link<'static> {
    let word = reader::text(entry, sink);
    if let Some(word) = word
        && end_status(word).is_none()
    {
        let message = format!("a run cannot end as `{word}`");
        let finding = Finding::error(Code::BadEnumValue, message)
            .hint("write one of: succeeded, rejected, failed");
        sink.report(&entry.value.span, finding);
    }
    Link::End
}
