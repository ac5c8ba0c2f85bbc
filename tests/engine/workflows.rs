//! Definitions compiled from files: the shipped purchase order, and small ones made of parts.

use std::sync::{Arc, LazyLock};

use countersign::workflow::{Definition, Palette, SourceFile, ToolBox, check, render, shipped};
use serde_json::{Value, json};

use crate::story::Story;

/// Parts of a small workflow. What is left out has a harmless default.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sheet<'a> {
    pub(crate) authority: &'a str,
    pub(crate) policy: &'a str,
    pub(crate) evidence: &'a str,
    pub(crate) limit: &'a str,
    pub(crate) budget: &'a str,
    pub(crate) done_when: &'a str,
    pub(crate) steps: &'a str,
    /// The contract lists what undoes its writes.
    pub(crate) undo: bool,
}

pub(crate) const ALLOW: &str = "[{ id: all, when: 'true', then: allow }]";
pub(crate) const ASK: &str = "[{ id: all, when: 'true', then: ask }]";

/// One write step, named `act`, that calls `TOOL`.
pub(crate) const ACT: &str = "
  act:
    tool: TOOL
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    operation: '${ state.operation }'
    save: { done: true }
    next: end";

/// A gate before the write step.
pub(crate) const GATED: &str = "
  review:
    gate: { covers: [act], ask: { note: asked } }
    approved: act
    rejected: refuse
  refuse: { compute: { note: refused }, end: rejected }
  act:
    tool: TOOL
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    operation: '${ state.operation }'
    save: { done: true }
    rejected: refuse
    next: end";

/// A gate before two writes.
pub(crate) const TWO: &str = "
  review:
    gate: { covers: [first, second] }
    approved: first
    rejected: refuse
  refuse: { compute: { note: refused }, end: rejected }
  first:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: first done }
    next: second
  second:
    tool: bank.transfer
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: second done }
    next: end";

/// What a small workflow may call to act.
const WRITES: [&str; 6] = [
    "bank.pay",
    "bank.refund",
    "bank.transfer",
    "bank.wire",
    "bank.draft",
    "mail.send",
];

impl Default for Sheet<'_> {
    fn default() -> Self {
        Self {
            authority: "{ decide: [reviewer] }",
            policy: ALLOW,
            evidence: "[]",
            limit: "1000000.00 USD",
            budget: "{ steps: 50 }",
            done_when: "true",
            steps: ACT,
            undo: false,
        }
    }
}

impl Sheet<'_> {
    /// Compiles it, with `TOOL` replaced by `tool`.
    pub(crate) fn compile(&self, tool: &str) -> Arc<Definition> {
        compile(&SourceFile::new("small.yaml", self.text(tool)))
    }

    fn text(&self, tool: &str) -> String {
        let Self {
            authority,
            policy,
            evidence,
            limit,
            budget,
            done_when,
            steps,
            undo,
        } = self;
        let steps = steps.replace("TOOL", tool);
        let tools = WRITES.join(", ");
        let effects: Vec<String> = WRITES
            .iter()
            .filter(|write| {
                let calls = [format!("tool: {write}\n"), format!("tool: {write},")];
                calls.iter().any(|call| steps.contains(call))
            })
            .chain(["bank.take_back", "bank.recall"].iter().filter(|_| *undo))
            .map(|write| format!("\n  {write}: {{ limit: '{limit}' }}"))
            .collect();
        let effects = match effects.concat() {
            none if none.is_empty() => " {}".to_owned(),
            some => some,
        };
        format!(
            "workflow: small
intent: {{ purpose: Do one small thing., owner: desk-owner, done_when: '{done_when}' }}
authority: {authority}
policy: {policy}
scope: {{ agent: desk-agent, tools: [{tools}, desk.look] }}
meaning:
  state:
    type: object
    required: [payee, amount]
    properties:
      payee: {{ type: string, minLength: 1 }}
      amount: {{ x-money: USD, exclusiveMinimum: 0 }}
      operation: {{ type: string, default: op }}
      note: {{ type: string, default: '' }}
      passes: {{ type: integer, default: 0 }}
      done: {{ type: boolean, default: false }}
      gone: {{ type: string }}
evidence: {evidence}
effects:{effects}
budget: {budget}
steps:{steps}
"
        )
    }
}

/// The shipped purchase order.
pub(crate) fn purchase_order() -> Arc<Definition> {
    static COMPILED: LazyLock<Arc<Definition>> =
        LazyLock::new(|| compile(shipped().workflow("purchase-order").unwrap()));
    Arc::clone(&COMPILED)
}

/// A run of one write by `tool` that the rules let through: its INTENT is durable.
pub(crate) fn sending(tool: &str) -> Story {
    let mut story = Story::of(&Sheet::default().compile(tool));
    story.start(row());
    story
}

/// A run of one gated write by `tool` that waits for a person.
pub(crate) fn asking(tool: &str) -> Story {
    let sheet = Sheet {
        policy: "[{ id: all, when: 'true', then: allow }, { id: people, when: 'true', then: ask }]",
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(tool));
    story.start(row());
    story
}

/// One write, done twice.
pub(crate) fn two_passes() -> Arc<Definition> {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: 1 }
    amount: '${ state.amount }'
    save: { passes: '${ state.passes + 1 }' }
    next: [{ when: 'state.passes < 2', to: act }, { to: end }]
    visits: 3";
    let sheet = Sheet {
        steps,
        ..Sheet::default()
    };
    sheet.compile("")
}

/// A run of one gated write that two people must approve.
pub(crate) fn two_approvals() -> Story {
    let sheet = Sheet {
        authority: "{ decide: [reviewer], approvals: 2 }",
        policy: ASK,
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story
}

/// A purchase order over `amount`, looked up and judged.
pub(crate) fn order(amount: &str, validated: bool, confidence: f64) -> Story {
    let mut story = Story::of(&purchase_order());
    story.start(order_row(amount));
    story.answer(registered(validated, confidence));
    story
}

pub(crate) fn row() -> Value {
    json!({ "payee": "Alpha", "amount": "120.00" })
}

pub(crate) fn order_row(amount: &str) -> Value {
    json!({ "po_id": "PO-2026-9901", "vendor": "Alpha Tech Systems", "amount": amount })
}

/// What the register answers.
pub(crate) fn registered(validated: bool, confidence: f64) -> Value {
    json!({
        "vendor": "Alpha Tech Systems",
        "validated": validated,
        "match": confidence,
        "registration": { "number": "R-1", "name": "Alpha Tech Systems", "status": "active" },
    })
}

/// What the ERP answers.
pub(crate) fn committed() -> Value {
    json!({
        "order_id": "O-1", "po_id": "PO-2026-9901", "vendor": "Alpha Tech Systems",
        "amount": "7850.00", "currency": "USD",
    })
}

pub(crate) fn compile(file: &SourceFile) -> Arc<Definition> {
    let checked = check(file, tools());
    let found = render(&checked.diagnostics, file, Palette::Plain);
    checked.definition.unwrap_or_else(|| panic!("{found}"))
}

/// The shipped tools, and one for each way a write can be made safe or not.
pub(crate) fn tools() -> &'static ToolBox {
    static TOOLS: LazyLock<ToolBox> = LazyLock::new(|| {
        let mut files = shipped().tools.clone();
        files.extend([
            write("bank.pay", "key: { header: idempotency-key, kept: 24h }
compensate: { tool: bank.take_back, args: { payee: '${ args.payee }', cents: '${ args.cents }' } }"),
            write("bank.take_back", "key: { header: idempotency-key, kept: 24h }"),
            write("bank.recall", "probe: { tool: bank.find, args: { payee: '${ args.payee }' }, found: output.found }"),
            write(
                "bank.transfer",
                "probe: { tool: bank.find, args: { payee: '${ args.payee }' }, found: output.found }
compensate: { tool: bank.recall, args: { payee: '${ args.payee }', cents: '${ args.cents }' } }",
            ),
            write(
                "bank.refund",
                "key: { header: idempotency-key, kept: 24h }
identity: ['${ args.payee }', '${ args.cents }']",
            ),
            write(
                "bank.wire",
                "probe: { tool: bank.find, args: { payee: '${ args.payee }' }, found: output.found }
identity: ['${ args.payee }']",
            ),
            write(
                "bank.draft",
                "probe: { tool: bank.find, args: { payee: '${ key }' }, found: output.found }
identity: ['${ args.payee }']",
            ),
            write("mail.send", "unverifiable: true"),
            read("bank.find", "payee", "found: { type: boolean }"),
            read("desk.look", "payee", "ready: { type: boolean }"),
        ]);
        let (tools, mistakes) = ToolBox::load(&files);
        assert_eq!(mistakes, []);
        tools
    });
    &TOOLS
}

fn write(name: &str, safety: &str) -> SourceFile {
    let (connector, operation) = name.split_once('.').unwrap();
    let text = format!(
        "tool: {name}
connector: {connector}
effect: write
method: POST
path: /{operation}
body: {{ json: '${{ args }}' }}
args:
  type: object
  required: [payee, cents]
  additionalProperties: false
  properties: {{ payee: {{ type: string }}, cents: {{ type: integer, maximum: 900000 }} }}
output: {{ type: object }}
nothing_done: [429, 503]
{safety}
"
    );
    SourceFile::new(format!("{name}.yaml"), text)
}

fn read(name: &str, arg: &str, output: &str) -> SourceFile {
    let (connector, operation) = name.split_once('.').unwrap();
    let text = format!(
        "tool: {name}
connector: {connector}
effect: read
method: GET
path: '/{operation}/${{ args.{arg} }}'
args: {{ type: object, required: [{arg}], properties: {{ {arg}: {{ type: string }} }} }}
output: {{ type: object, properties: {{ {output} }} }}
"
    );
    SourceFile::new(format!("{name}.yaml"), text)
}
