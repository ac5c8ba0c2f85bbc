//! Policy rules: when, then, and what a reviewer is told.

use std::collections::BTreeSet;

use crate::domain::limits::POLICY_RULES_MAX;
use crate::domain::{PolicyVerdict, Tier};
use crate::workflow::check::contract::unique_id;
use crate::workflow::check::expressions::{Place, condition};
use crate::workflow::check::reader::{self, MapReader};
use crate::workflow::check::sink::Sink;
use crate::workflow::check::variables::Names;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::tree::{Entry, Node};

/// Checks every rule. An empty list is allowed: where no rule allows, a person is asked.
pub(super) fn rules(entry: &Entry, names: &Names<'_>, sink: &mut Sink<'_>) {
    let rules = reader::list(entry, sink).unwrap_or_default();
    if rules.len() > POLICY_RULES_MAX {
        let message = format!(
            "{} rules; at most {POLICY_RULES_MAX} are allowed",
            rules.len()
        );
        sink.report(&entry.key_span, Finding::error(Code::OverLimit, message));
    }
    let mut seen = BTreeSet::new();
    for node in rules.iter().take(POLICY_RULES_MAX) {
        rule(node, names, &mut seen, sink);
    }
}

fn rule<'n>(node: &'n Node, names: &Names<'_>, seen: &mut BTreeSet<&'n str>, sink: &mut Sink<'_>) {
    let Some(mut map) = MapReader::open(node, "this rule", &node.head(), sink) else {
        return;
    };
    if let Some(entry) = map.required("id") {
        unique_id(entry, "rule", seen, sink);
    }
    if let Some(entry) = map.required("when") {
        condition(entry, Place::Policy, names, sink);
    }
    if let Some(entry) = map.required("then") {
        reader::word::<PolicyVerdict>(entry, sink);
    }
    if let Some(entry) = map.optional("flag") {
        reader::name(entry, sink);
    }
    if let Some(entry) = map.optional("tier") {
        reader::word::<Tier>(entry, sink);
    }
    if let Some(entry) = map.optional("reason") {
        reader::text(entry, sink);
    }
    map.finish(sink);
}
