//! The graph of steps: whether each can be reached, can end, and cannot run for ever.

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, Reversed};

use crate::workflow::check::edges::Link;
use crate::workflow::check::sink::Sink;
use crate::workflow::check::steps::Draft;
use crate::workflow::diagnostic::{Code, Finding};

type Graph<'d, 'n> = DiGraph<&'d Draft<'n>, ()>;

/// Checks the whole graph. `has_step_limit` says that the budget bounds every cycle.
pub(super) fn check(drafts: &[Draft<'_>], has_step_limit: bool, sink: &mut Sink<'_>) {
    let graph = graph(drafts);
    unreachable(&graph, sink);
    no_way_out(&graph, sink);
    covered_in_vain(&graph, sink);
    if !has_step_limit {
        unbounded(&graph, sink);
    }
}

fn graph<'d, 'n>(drafts: &'d [Draft<'n>]) -> Graph<'d, 'n> {
    let mut graph = DiGraph::new();
    let nodes: BTreeMap<&str, NodeIndex> = drafts
        .iter()
        .map(|draft| (draft.id, graph.add_node(draft)))
        .collect();
    for draft in drafts {
        for link in &draft.links {
            if let Link::Step(to) | Link::Meant(to) = link
                && let (Some(from), Some(to)) = (nodes.get(draft.id), nodes.get(to))
            {
                graph.update_edge(*from, *to, ());
            }
        }
    }
    graph
}

fn unreachable(graph: &Graph<'_, '_>, sink: &mut Sink<'_>) {
    let Some(first) = graph.node_indices().next() else {
        return;
    };
    let mut walk = Dfs::new(graph, first);
    while walk.next(graph).is_some() {}
    for node in graph.node_indices() {
        if let Some(draft) = graph.node_weight(node)
            && !walk.discovered.contains(node.index())
        {
            let message = format!("the step `{}` can never be reached", draft.id);
            let start = graph.node_weight(first).map_or("", |draft| draft.id);
            let finding = Finding::error(Code::UnreachableStep, message).hint(format!(
                "a run begins at `{start}`, the first step of the file"
            ));
            sink.report(&draft.span, finding);
        }
    }
}

/// A rejection can end a run at any write, so it is no way out that an author planned.
fn no_way_out(graph: &Graph<'_, '_>, sink: &mut Sink<'_>) {
    let reversed = Reversed(graph);
    let mut walk = Dfs::empty(reversed);
    for node in graph.node_indices() {
        let ends = graph.node_weight(node).is_some_and(|draft| {
            let out = |link: &Link<'_>| matches!(link, Link::End | Link::Meant(_) | Link::Broken);
            draft.links.iter().any(out) || draft.links.is_empty()
        });
        if ends {
            walk.move_to(node);
            while walk.next(reversed).is_some() {}
        }
    }
    for node in graph.node_indices() {
        if let Some(draft) = graph.node_weight(node)
            && !walk.discovered.contains(node.index())
        {
            let message = format!("from the step `{}` no end can be reached", draft.id);
            let finding = Finding::error(Code::NoWayOut, message)
                .hint("let an edge of the cycle lead to `end`");
            sink.report(&draft.span, finding);
        }
    }
}

/// An approval that never leads to what it approves was meant for something else.
fn covered_in_vain(graph: &Graph<'_, '_>, sink: &mut Sink<'_>) {
    let place = |id: &str| {
        let mut nodes = graph.node_indices();
        nodes.find(|node| graph.node_weight(*node).is_some_and(|draft| draft.id == id))
    };
    for draft in graph.node_weights() {
        let mut walk = match draft.approved {
            Some(Link::Step(to) | Link::Meant(to)) => match place(to) {
                Some(start) => Dfs::new(graph, start),
                None => continue,
            },
            Some(Link::End) => Dfs::empty(graph),
            Some(Link::Broken) | None => continue,
        };
        while walk.next(graph).is_some() {}
        for (name, span) in &draft.covers {
            if place(name).is_some_and(|node| !walk.discovered.contains(node.index())) {
                let message = format!("approval at `{}` never leads to `{name}`", draft.id);
                let finding = Finding::error(Code::GateCoversInVain, message)
                    .hint("let `approved` lead to the covered step, or cover another one");
                sink.report(span, finding);
            }
        }
    }
}

/// Without the steps that `visits` bounds, no cycle may be left.
fn unbounded(graph: &Graph<'_, '_>, sink: &mut Sink<'_>) {
    let free = graph.filter_map(
        |_, draft| (!draft.is_bounded).then_some(*draft),
        |_, ()| Some(()),
    );
    for cycle in tarjan_scc(&free) {
        let mut steps: Vec<&Draft<'_>> = cycle
            .iter()
            .filter_map(|node| free.node_weight(*node).copied())
            .collect();
        steps.sort_by_key(|draft| draft.span.start);
        let Some(first) = steps.first() else { continue };
        let is_loop = cycle.iter().any(|node| free.contains_edge(*node, *node));
        if steps.len() == 1 && !is_loop {
            continue;
        }
        let names: Vec<String> = steps.iter().map(|step| format!("`{}`", step.id)).collect();
        let message = match names.as_slice() {
            [one] => format!("the step {one} leads to itself, and nothing bounds that"),
            [most @ .., last] => format!(
                "the steps {} and {last} form a cycle that nothing bounds",
                most.join(", ")
            ),
            [] => continue,
        };
        let finding = Finding::error(Code::UnboundedCycle, message)
            .hint("add `visits: N` to one of them, or `steps: N` to `budget`");
        sink.report(&first.span, finding);
    }
}
