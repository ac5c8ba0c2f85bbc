//! E2's ceilings at exactly their edges, against the sandbox's own ledger.

use std::fs;

use serde_json::{Value, json};

use crate::world::{World, text};

/// A cent is given back at each pass, under the pass's own number.
const PASSES: &str = "workflow: refund-passes
intent: { purpose: Give back a cent at a time., owner: customer-care, done_when: 'false' }
authority: { decide: [finance-reviewer] }
policy: [{ id: all, when: 'true', then: allow }]
scope: { agent: refund-agent, tools: [payments.refund] }
meaning:
  state:
    type: object
    required: [customer_id, transaction_id]
    properties:
      customer_id: { type: string }
      transaction_id: { type: string }
      max_steps: { type: integer, minimum: 2, default: 5 }
      # The counter begins at 1, so that max_steps 5 lets four passes.
      current_step: { type: integer, default: 1 }
effects: { payments.refund: { limit: '1.00 USD' } }
budget: { steps: '${ state.max_steps - 1 }', cost: 2.00 USD, on_breach: BREACH }
steps:
  pass:
    tool: payments.refund
    args: { customer: '${ state.customer_id }', charge: '${ state.transaction_id }', amount_cents: 1, number: '${ state.current_step }' }
    amount: 0.01 USD
    operation: '${ state.current_step }'
    cost: 0.08 USD
    save: { current_step: '${ state.current_step + 1 }' }
    next: [{ when: 'state.current_step > 1000', to: end }, { to: pass }]
";

fn start(world: &World, breach: &str, max_steps: u32) -> Value {
    let file = world.dir.path().join("passes.yaml");
    fs::write(&file, PASSES.replace("BREACH", breach)).unwrap();
    let row = json!({
        "customer_id": "cust_usr_8829", "transaction_id": "ch_stripe_9921", "max_steps": max_steps,
    });
    let file = file.to_str().unwrap();
    let told = world.fed(&["start", file, "--input", "-"], row.to_string().as_bytes());
    assert_eq!(told.status, 0, "{}", told.stderr);
    let line = told.lines().remove(0);
    world.one(&["runs", "show", &crate::world::text(&line["run"])])
}

#[test]
fn twenty_five_passes_are_paid_and_the_next_is_refused_before_the_call() {
    let world = World::new();
    let run = start(&world, "fail", 100);
    assert_eq!(
        (&run["status"], &run["error"]["code"]),
        (&json!("failed"), &json!("budget_exhausted"))
    );
    assert_eq!(run["cost_micro_usd"], 2_000_000);
    assert_eq!(world.refunds().len(), 25);
    let kinds = world.one(&["audit", "list", "--kind", "effect_intended"]);
    assert_eq!(kinds.as_array().unwrap().len(), 25);
}

#[test]
fn a_counter_from_one_takes_four_passes_below_five() {
    let world = World::new();
    let run = start(&world, "fail", 5);
    assert_eq!(
        (&run["status"], &run["error"]["code"]),
        (&json!("failed"), &json!("max_steps_exceeded"))
    );
    assert_eq!(run["state"]["current_step"], 5);
    assert_eq!(world.refunds().len(), 4);
    assert_eq!(run["cost_micro_usd"], 320_000);
}

fn resolve(world: &World, packet: &str, how: &[&str]) -> crate::world::Told {
    let digest = text(&world.one(&["packets", "show", packet])["digest"]);
    let mut args = vec![
        "packets", "resolve", packet, "--digest", &digest, "--reason", "go on",
    ];
    args.extend(how);
    world.cs(&args)
}

#[test]
fn a_person_tops_up_and_stops() {
    let world = World::new();
    let run = start(&world, "ask", 100);
    let id = text(&run["run"]);
    assert_eq!(run["status"], "waiting");
    assert_eq!(world.refunds().len(), 25);
    let packet = text(&run["packet"]);
    let shown = world.one(&["packets", "show", &packet]);
    assert_eq!(shown["question"]["is"], "budget");
    assert_eq!(shown["question"]["limit"], "cost");
    let page = world.human(&["packets", "show", &packet]).output().unwrap();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(
        page.contains("packets resolve") && page.contains("--top-up '1.00 USD'"),
        "{page}"
    );
    let told = resolve(&world, &packet, &["--top-up", "0.16 USD"]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    let answered = told.json();
    assert_eq!(
        (
            &answered["verdict"],
            &answered["run"],
            &answered["run_status"]
        ),
        (&json!("top_up"), &json!(id), &json!("waiting"))
    );
    assert_eq!(world.refunds().len(), 27);
    let open = world.one(&["packets", "list", "--status", "open"]);
    let told = resolve(&world, &text(&open[0]["packet"]), &["--stop"]);
    assert_eq!(told.json()["run_status"], "failed");
    let run = world.one(&["runs", "show", &id]);
    assert_eq!(run["error"]["code"], "budget_exhausted");
    assert_eq!(world.refunds().len(), 27);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn nothing_else_answers_and_resuming_spends_nothing() {
    let world = World::new();
    let run = start(&world, "ask", 100);
    let packet = text(&run["packet"]);
    // Resuming, or driving the store again, is no answer.
    assert_eq!(
        world
            .cs(&["runs", "resume", &text(&run["run"]), "--reason", "x"])
            .status,
        4
    );
    assert_eq!(world.refunds().len(), 25);
    for (how, status, code) in [
        (&["--top-up", "5"][..], 4, "bad_top_up"),
        (&["--top-up", "0.00 USD"], 4, "bad_top_up"),
        (&["--compensate"], 4, "cannot_compensate"),
        (&["--top-up", "a lot"], 2, "usage"),
        (&["--top-up", "1.00 USD", "--stop"], 2, "usage"),
        (&[], 2, "usage"),
    ] {
        let told = resolve(&world, &packet, how);
        assert_eq!(told.status, status, "{how:?}: {}", told.stderr);
        if code != "usage" {
            assert_eq!(told.code(), code);
        }
    }
    let digest = text(&world.one(&["packets", "show", &packet])["digest"]);
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!((told.status, told.code().as_str()), (4, "asks_budget"));
    assert_eq!(world.refunds().len(), 25);
}

/// The orders of the saga, with a budget that ends before the CRM is told.
fn out_of_steps(world: &World) -> Value {
    let saga = fs::read_to_string("tests/process/saga.yaml").unwrap();
    let file = world.dir.path().join("saga.yaml");
    fs::write(&file, saga.replace("{ steps: 10 }", "{ steps: 3 }")).unwrap();
    let row = json!({ "po_id": "PO-8" }).to_string();
    let file = file.to_str().unwrap();
    let told = world.fed(&["start", file, "--input", "-"], row.as_bytes());
    assert_eq!(told.status, 0, "{}", told.stderr);
    told.lines().remove(0)
}

/// What the ERP did, in order.
fn ordered(world: &World) -> Vec<String> {
    let ledger = crate::outside::done_by(&world.sandbox.url, "erp");
    let said = |line: &Value| format!("{} {}", text(&line["operation"]), text(&line["subject"]));
    ledger.iter().map(said).collect()
}

#[test]
fn a_run_out_of_budget_is_undone_or_left_as_it_is() {
    let done = [
        "commit_order PO-8-1",
        "commit_order PO-8-2",
        "commit_order PO-8-3",
    ];
    let undone = [
        "cancel_order PO-8-3",
        "cancel_order PO-8-2",
        "cancel_order PO-8-1",
    ];
    for (how, after) in [("--stop", &[][..]), ("--compensate", &undone)] {
        let world = World::new();
        let line = out_of_steps(&world);
        assert_eq!(line["status"], "waiting", "{line}");
        assert_eq!(ordered(&world), done);
        let told = resolve(&world, &text(&line["packet"]), &[how]);
        assert_eq!(told.status, 0, "{how}: {}", told.stderr);
        let verb = how.trim_start_matches('-');
        assert_eq!(told.json()["verdict"], verb);
        assert_eq!(told.json()["run_status"], "failed", "{how}");
        assert_eq!(ordered(&world), [&done[..], after].concat(), "{how}");
        let run = world.one(&["runs", "show", &text(&line["run"])]);
        assert_eq!(run["error"]["code"], "max_steps_exceeded");
        let left = run["effects"].as_array().unwrap().iter();
        let left = left.filter(|effect| effect["state"] == "confirmed").count();
        assert_eq!(left, 3, "three orders, or the three that cancelled them");
        assert_eq!(world.one(&["audit", "verify"])["ok"], true);
    }
}

#[test]
fn the_shipped_refund_counts_its_steps_and_what_it_spent() {
    let world = World::new();
    let row = json!({
        "customer_id": "cust_usr_8829", "transaction_id": "ch_stripe_9921", "amount_cents": 12_500,
        "max_steps": 5,
    });
    let told = world.fed(
        &["start", "refund", "--input", "-"],
        row.to_string().as_bytes(),
    );
    let line = told.lines().remove(0);
    let run = text(&line["run"]);
    let list = world.one(&["runs", "list"]);
    assert_eq!(
        (&list[0]["cost_micro_usd"], &list[0]["status"]),
        (&json!(80_000), &json!("waiting"))
    );
    let mut packet = text(&line["packet"]);
    let verdict = |verb: &str, packet: &str| {
        let digest = text(&world.one(&["packets", "show", packet])["digest"]);
        world.one(&[
            "packets",
            verb,
            packet,
            "--digest",
            &digest,
            "--reason",
            "look again",
        ])
    };
    // Assess and review, twice: four steps.
    assert_eq!(verdict("return", &packet)["run_status"], "waiting");
    packet = text(&world.one(&["packets", "list", "--status", "open"])[0]["packet"]);
    assert_eq!(
        verdict("approve", &packet)["run_status"],
        "waiting",
        "the fifth is asked about"
    );
    assert_eq!(world.refunds().len(), 0);
    packet = text(&world.one(&["packets", "list", "--status", "open"])[0]["packet"]);
    assert_eq!(
        world.one(&["packets", "show", &packet])["flags"][0]["code"],
        "max_steps_exceeded"
    );
    let told = resolve(&world, &packet, &["--top-up", "1"]);
    assert_eq!(told.json()["run_status"], "succeeded", "{}", told.stderr);
    assert_eq!(world.refunds().len(), 1);
    assert_eq!(
        world.one(&["runs", "show", &run])["cost_micro_usd"],
        160_000
    );
}
