//! The steps as an indented tree.
//!
//! Each step is drawn once, where the first edge reaches it; an edge to a step drawn already only
//! names it, marked `↑` where it leads back to a step on the way here.

use std::collections::BTreeSet;

use crate::domain::StepId;
use crate::workflow::definition::{Definition, Edge, Gate, Step, StepKind, Target, Wait};
use crate::workflow::duration::format_duration;

/// One line of the tree, not yet broken to a width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphLine {
    /// The step that is drawn here; none where an edge ends or only names one.
    pub step: Option<StepId>,
    /// Branches and the label of the edge that leads here.
    pub start: String,
    pub words: String,
    /// Columns that further lines of the same stand in.
    pub indent: usize,
}

/// The steps of a definition as a tree, each once, in the order in which a reader meets them.
pub fn graph(definition: &Definition) -> Vec<GraphLine> {
    let mut drawing = Drawing {
        definition,
        drawn: BTreeSet::new(),
        way: Vec::new(),
        lines: Vec::new(),
    };
    drawing.step(&definition.first, "", "");
    drawing.lines
}

struct Drawing<'d> {
    definition: &'d Definition,
    drawn: BTreeSet<&'d StepId>,
    /// The steps from the first to the one being drawn.
    way: Vec<&'d StepId>,
    lines: Vec<GraphLine>,
}

/// Steps in a row from which the tree no longer stands in further, so that lines stay readable.
const INDENT_LEVELS_MAX: usize = 8;

impl<'d> Drawing<'d> {
    fn step(&mut self, id: &'d StepId, start: &str, indent: &str) {
        let Some(step) = self.definition.steps.get(id) else {
            return;
        };
        self.drawn.insert(id);
        self.way.push(id);
        let words = format!("{id}: {}", self.words(step));
        self.line(Some(id), start, words, indent.chars().count() + 4);
        let edges = edges(step);
        for (index, (label, target)) in edges.iter().enumerate() {
            self.edge(label, target, indent, index + 1 == edges.len());
        }
        self.way.pop();
    }

    fn edge(&mut self, label: &str, target: &'d Target, indent: &str, is_last: bool) {
        let (branch, rest) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let start = format!("{indent}{branch}");
        let arrow = format!("{label} → ");
        let further = indent.chars().count() + 4;
        match target {
            Target::End(status) => {
                self.line(None, &start, format!("{arrow}end, {status}"), further);
            }
            Target::Step(id) if self.way.contains(&id) => {
                self.line(None, &start, format!("{arrow}back to {id} ↑"), further);
            }
            Target::Step(id) if self.drawn.contains(id) => {
                self.line(None, &start, format!("{arrow}{id} (above)"), further);
            }
            Target::Step(id) => {
                let deeper = self.way.len() < INDENT_LEVELS_MAX;
                let inner = if deeper {
                    format!("{indent}{rest}")
                } else {
                    indent.to_owned()
                };
                self.step(id, &format!("{start}{arrow}"), &inner);
            }
        }
    }

    fn line(&mut self, step: Option<&StepId>, start: &str, words: String, indent: usize) {
        self.lines.push(GraphLine {
            step: step.cloned(),
            start: start.to_owned(),
            words,
            indent,
        });
    }

    fn words(&self, step: &Step) -> String {
        let what = match &step.kind {
            StepKind::Compute { set } => format!("set {}", names(set.iter().map(|(name, _)| name))),
            StepKind::Tool(call) => {
                let writes = self
                    .definition
                    .tools
                    .get(&call.tool)
                    .is_some_and(|tool| tool.is_write());
                let verb = if writes { "write with" } else { "read with" };
                format!("{verb} {}", call.tool)
            }
            StepKind::Gate(Gate { covers, .. }) => {
                format!("gate before {}", names(covers.iter()))
            }
            StepKind::Wait(Wait::Timer { duration_ms }) => {
                format!("wait for {}", format_duration(*duration_ms))
            }
            StepKind::Wait(Wait::Signal { name, .. }) => format!("wait for the signal {name}"),
        };
        match step.visits_max {
            Some(1) => format!("{what} (once)"),
            Some(visits) => format!("{what} (at most {visits} times)"),
            None => what,
        }
    }
}

/// Every edge with its label, in the order in which a reader meets them.
fn edges(step: &Step) -> Vec<(String, &Target)> {
    let is_single = step.edges.next.len() == 1;
    let next = step.edges.next.iter().map(|Edge { when, to }| match when {
        Some(when) => (format!("when {}", when.source()), to),
        None if is_single => ("then".to_owned(), to),
        None => ("otherwise".to_owned(), to),
    });
    let named = [
        ("approved", &step.edges.approved),
        ("rejected", &step.edges.rejected),
        ("returned", &step.edges.returned),
    ];
    let named = named
        .into_iter()
        .filter_map(|(label, target)| Some((label.to_owned(), target.as_ref()?)));
    next.chain(named).collect()
}

fn names(names: impl Iterator<Item = impl ToString>) -> String {
    names
        .map(|name| name.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
