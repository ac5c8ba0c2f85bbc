//! The targets: which workflow writes to them, and what a request of theirs is about.

use serde_json::{Value, json};

use crate::faults::go_between::Exchange;
use crate::faults::scene::Scene;
use crate::support::Outcome;

pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) service: &'static str,
    /// The operation that is struck.
    pub(super) write: &'static str,
    pub(super) probe: Option<&'static str>,
    /// The field under whose value a run starts once.
    pub(super) key: &'static str,
    files: &'static [(&'static str, &'static str)],
    workflow: &'static str,
    pub(super) row: fn(&str) -> Value,
    /// The order, charge or deal that a request is about.
    pub(super) subject: fn(&Exchange) -> Option<String>,
}

impl Target {
    /// The workflow as `start` takes it; its files are written where it is none of the shipped.
    pub(super) fn workflow(&self, scene: &Scene) -> Outcome<String> {
        let mut first = None;
        for (name, text) in self.files {
            let path = scene.file(name, text)?;
            first.get_or_insert(path);
        }
        Ok(first.map_or_else(
            || self.workflow.to_owned(),
            |path| path.display().to_string(),
        ))
    }
}

pub(super) const ERP: Target = Target {
    name: "erp",
    service: "erp",
    write: "commit_order",
    probe: Some("find_order"),
    key: "po_id",
    files: &[],
    workflow: "purchase-order",
    row: |subject| json!({"po_id": subject, "vendor": "Alpha Tech Systems", "amount": 10}),
    subject: |exchange| {
        if exchange.is_write() {
            let order: Value = serde_json::from_str(&exchange.body).ok()?;
            return Some(order.get("po_id")?.as_str()?.to_owned());
        }
        Some(exchange.path.strip_prefix("/erp/orders/")?.to_owned())
    },
};

/// Refunds that no person decides: the policy allows them all.
pub(super) const PAYMENTS: Target = Target {
    name: "charge",
    service: "payments",
    write: "refund",
    probe: Some("list_refunds"),
    key: "charge",
    files: &[(
        "give-back.yaml",
        "workflow: give-back
intent: { purpose: Give back a dollar., owner: customer-care, done_when: 'true' }
authority: { decide: [finance-reviewer] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: refund-agent, tools: [payments.refund] }
meaning: { state: { type: object, required: [charge], properties: { charge: { type: string } } } }
effects: { payments.refund: {} }
budget: { steps: 5 }
steps:
  issue:
    tool: payments.refund
    args: { customer: cust_1, charge: '${ state.charge }', amount_cents: 100, number: 1 }
    operation: '${ state.charge }'
    next: end
",
    )],
    workflow: "give-back",
    row: |subject| json!({"charge": subject}),
    subject: |exchange| {
        let fields = if exchange.is_write() {
            &exchange.body
        } else {
            exchange.path.strip_prefix("/payments/v1/refunds?")?
        };
        let mut fields = fields.split('&');
        Some(
            fields
                .find_map(|field| field.strip_prefix("charge="))?
                .to_owned(),
        )
    },
};

pub(super) const CRM: Target = Target {
    name: "deal",
    service: "crm",
    write: "update_deal",
    probe: Some("find_deal"),
    key: "deal_id",
    files: &[],
    workflow: "crm-update",
    row: |subject| json!({"deal_id": subject, "fields": {"stage": "won"}}),
    subject: |exchange| Some(exchange.path.strip_prefix("/crm/deals/")?.to_owned()),
};

/// The same CRM through a tool that says that nobody can ask.
pub(super) const UNVERIFIABLE: Target = Target {
    name: "note",
    service: "crm",
    write: "update_deal",
    probe: None,
    key: "deal",
    files: &[
        (
            "note.yaml",
            "workflow: note
intent: { purpose: Write a note into a deal., owner: sales, done_when: 'true' }
authority: { decide: [sales-reviewer] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: crm-agent, tools: [crm.note] }
meaning: { state: { type: object, required: [deal], properties: { deal: { type: string } } } }
effects: { crm.note: {} }
budget: { steps: 5 }
steps:
  note: { tool: crm.note, args: { deal: '${ state.deal }' }, next: end }
",
        ),
        (
            "tools/crm.note.yaml",
            "tool: crm.note
connector: crm
purpose: Writes a note into a deal.
effect: write
method: PATCH
path: '/crm/deals/${ args.deal }'
body: { json: { properties: { note: called } } }
args: { type: object, required: [deal], properties: { deal: { type: string } } }
output: { type: object }
nothing_done: [429, 503]
unverifiable: true
timeout: 10s
",
        ),
    ],
    workflow: "note",
    row: |subject| json!({"deal": subject}),
    subject: CRM.subject,
};
