//! kill -9 of the process that acts, after its INTENT and after the target acted: a purchase order,
//! a refund and a deal end as if nobody had.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::outside;
use crate::world::{World, text, wait_until};

/// One effect that a person decides.
struct Job {
    workflow: &'static str,
    write: (&'static str, &'static str),
    row: Value,
    subject: &'static str,
}

fn jobs() -> [Job; 3] {
    let fields: serde_json::Map<String, Value> = (0..21)
        .map(|field| (format!("field_{field}"), json!(field)))
        .collect();
    [
        Job {
            workflow: "purchase-order",
            write: ("erp", "commit_order"),
            row: json!({"po_id": "PO-1", "vendor": "Alpha Tech Systems", "amount": 7850}),
            subject: "PO-1",
        },
        Job {
            workflow: "refund",
            write: ("payments", "refund"),
            row: json!({
                "customer_id": "cust_usr_8829", "transaction_id": "ch_stripe_9921",
                "amount_cents": 12_500, "max_steps": 5,
            }),
            subject: "ch_stripe_9921",
        },
        Job {
            workflow: "crm-update",
            write: ("crm", "update_deal"),
            // More than twenty properties are a person's to decide.
            row: json!({"deal_id": "deal-1", "fields": fields}),
            subject: "deal-1",
        },
    ]
}

fn acts(world: &World) -> Vec<Value> {
    let ledger = outside::get(&world.sandbox.url, "/_ledger");
    serde_json::from_str(&ledger).unwrap()
}

fn is_intended(world: &World) -> bool {
    let intended = world.one(&["audit", "list", "--kind", "effect_intended"]);
    !intended.as_array().unwrap().is_empty()
}

/// Approves, and kills the process once `reached` holds.
fn killed(world: &World, job: &Job, mut reached: impl FnMut() -> bool) -> String {
    let row = job.row.to_string();
    let started = world.fed(&["start", job.workflow, "--input", "-"], row.as_bytes());
    let line = started.lines().remove(0);
    assert_eq!(line["status"], "waiting", "{line}");
    let packet = text(&line["packet"]);
    let digest = text(&world.one(&["packets", "show", &packet])["digest"]);
    let mut command = world.command(&["packets", "approve", &packet, "--digest", &digest]);
    let mut approve = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the place to kill it at is reached", &mut reached);
    approve.kill().unwrap();
    let status = approve.wait().unwrap();
    assert_eq!(status.code(), None, "it ended before it could be killed");
    text(&line["run"])
}

/// Another process drives what is left.
fn ends_once(world: &World, job: &Job, run: &str) {
    wait_until("the run has ended", || {
        world.fed(&["start", "purchase-order", "--input", "-"], b"[]");
        world.one(&["runs", "show", run])["status"] != "running"
    });
    let shown = world.one(&["runs", "show", run]);
    assert_eq!(shown["status"], "succeeded", "{shown}");
    let acts = acts(world);
    assert_eq!(acts.len(), 1, "{acts:?}");
    assert_eq!(acts[0]["subject"], job.subject);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn killed_after_its_intent_before_the_target_acts() {
    for job in jobs() {
        let world = World::new();
        // Nothing is done, and nothing is said for longer than the process lives.
        outside::set_fault(&world.sandbox.url, job.write, "reset_before", (1, 60_000));
        let run = killed(&world, &job, || is_intended(&world));
        assert_eq!(acts(&world), Vec::<Value>::new());
        ends_once(&world, &job, &run);
    }
}

#[test]
fn killed_after_the_target_acted_before_it_is_told() {
    for job in jobs() {
        let world = World::new();
        outside::set_fault(&world.sandbox.url, job.write, "delay", (1, 60_000));
        let run = killed(&world, &job, || {
            is_intended(&world) && !acts(&world).is_empty()
        });
        ends_once(&world, &job, &run);
    }
}
