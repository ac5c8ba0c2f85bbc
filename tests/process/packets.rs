//! E1 by hand: what waits, what is bound, who wins.

use serde_json::{Value, json};

use crate::world::{World, text};

#[test]
fn an_order_over_the_limit_waits_and_is_committed_once_when_approved() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-2026-9901");
    assert_eq!(world.orders().len(), 0, "the ERP has no row while it waits");
    let shown = world.one(&["packets", "show", &packet]);
    assert_eq!(
        shown["amount"],
        json!({"minor": 785_000, "currency": "USD"})
    );
    assert_eq!(
        (&shown["tier"], &shown["status"]),
        (&json!("critical"), &json!("open"))
    );
    assert_eq!(shown["flags"][0]["code"], "over_limit");
    assert_eq!(shown["confidence"].as_f64(), Some(1.0));
    let verdict = world.one(&[
        "--as",
        "MGR_JANE_DOE",
        "packets",
        "approve",
        &packet,
        "--digest",
        &digest,
    ]);
    assert_eq!(
        verdict,
        json!({"packet": packet, "verdict": "approve", "by": "MGR_JANE_DOE", "run": run, "run_status": "succeeded"})
    );
    let orders = world.orders();
    assert_eq!(orders.len(), 1);
    assert_eq!(
        (&orders[0]["subject"], &orders[0]["minor"]),
        (&json!("PO-2026-9901"), &json!(785_000))
    );
    let state = world.one(&["runs", "show", &run])["state"].clone();
    assert_eq!(
        state["audit_notes"],
        "Upfront risk evaluation completed. Escalating to human. Approved by human reviewer: MGR_JANE_DOE."
    );
    assert_eq!(
        (&state["status"], &state["reviewer_id"]),
        (&json!("Approved"), &json!("MGR_JANE_DOE"))
    );
    let effects = world.one(&["effects", "list", "--run", &run]);
    assert_eq!(
        (&effects[0]["state"], &effects[0]["tool"]),
        (&json!("confirmed"), &json!("erp.commit_order"))
    );
    let key = text(&effects[0]["idempotency_key"]);
    assert_eq!(orders[0]["idempotency_key"], key);
    assert_eq!(world.one(&["effects", "show", &key])["state"], "confirmed");
}

#[test]
fn the_limit_and_the_register_decide_what_passes_alone() {
    let world = World::new();
    for (id, vendor, amount, status) in [
        ("b1", "Alpha Tech Systems", 4999.99, "succeeded"),
        ("b2", "Alpha Tech Systems", 5000.00, "waiting"),
        ("b3", "Nobody Knows Ltd", 10.00, "waiting"),
    ] {
        let line = world.order(id, vendor, amount);
        assert_eq!(line["status"], status, "{id}");
        let state = world.one(&["runs", "show", &text(&line["run"])])["state"].clone();
        if status == "succeeded" {
            assert_eq!(state["reviewer_id"], "SYSTEM_AUTO_APPROVE");
            assert_eq!(
                state["audit_notes"],
                "Upfront risk evaluation completed. Approved autonomously."
            );
        }
    }
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn the_documents_have_the_keys_that_scripts_read() {
    let world = World::new();
    let (run, packet, _) = world.waiting("PO-3");
    let list = world.one(&["packets", "list"]);
    has_keys(
        &list[0],
        "packet version digest run workflow step title status tier flags confidence amount opened_at due_at",
    );
    let shown = world.one(&["packets", "show", &packet]);
    has_keys(
        &shown,
        "packet version digest effects evidence reasons agent_note state votes",
    );
    has_keys(
        &shown["effects"][0],
        "index tool target arguments amount digest idempotency_key request",
    );
    let runs = world.one(&["runs", "list"]);
    has_keys(
        &runs[0],
        "run workflow key status step started_at updated_at cost_micro_usd tokens",
    );
    let detail = world.one(&["runs", "show", &run]);
    has_keys(
        &detail,
        "run workflow key status step error state steps effects",
    );
    has_keys(
        &detail["steps"][0],
        "step attempt status output error started_at finished_at",
    );
    let events = world.one(&["audit", "list", "--run", &run]);
    has_keys(
        &events[0],
        "seq run run_seq at actor kind body prev_hash hash",
    );
    let doctor = world.one(&["doctor"]);
    has_keys(&doctor[0], "check ok detail");
}

fn has_keys(value: &Value, keys: &str) {
    for key in keys.split_whitespace() {
        assert!(value.get(key).is_some(), "{key} is missing in {value}");
    }
}

#[test]
fn a_prefix_of_twelve_digits_is_enough() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-4");
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest[..12]]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn rejecting_commits_nothing_and_records_the_blocked_write() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-5");
    let verdict = world.one(&[
        "packets", "reject", &packet, "--digest", &digest, "--reason", "no",
    ]);
    assert_eq!(
        (&verdict["verdict"], &verdict["run_status"]),
        (&json!("reject"), &json!("rejected"))
    );
    assert_eq!(world.orders().len(), 0);
    let detail = world.one(&["runs", "show", &run]);
    assert_eq!(detail["state"]["status"], "Rejected");
    assert_eq!(detail["effects"][0]["state"], "blocked", "{detail}");
}

#[test]
fn returning_runs_the_agent_again_and_asks_anew() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-6");
    let verdict = world.one(&[
        "packets",
        "return",
        &packet,
        "--digest",
        &digest,
        "--reason",
        "which vendor?",
    ]);
    assert_eq!(verdict["run_status"], "waiting");
    let open = world.one(&["packets", "list", "--status", "open"]);
    assert_eq!(open[0]["run"], run.as_str());
    assert_ne!(open[0]["packet"], packet.as_str(), "a new packet opens");
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn an_amended_packet_takes_only_its_new_digest() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-7");
    let amend = |set: &str, digest: &str| {
        world.cs(&[
            "packets", "amend", &packet, "--digest", digest, "--set", set, "--reason", "typo",
        ])
    };
    let told = amend("amount=78500.00", &digest);
    assert_eq!(told.status, 0, "{}", told.stderr);
    let amended = told.json();
    assert_eq!(
        (&amended["packet"], &amended["version"]),
        (&json!(packet), &json!(2))
    );
    let new = text(&amended["digest"]);
    assert_ne!(new, digest);
    let stale = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!((stale.status, stale.code().as_str()), (4, "stale_digest"));
    assert_eq!(amend("amount=1", &digest).code(), "stale_digest");
    assert_eq!(amend("amount=-1", &new).code(), "invalid_edit");
    assert_eq!(amend("nonsense=1", &new).code(), "invalid_edit");
    assert_eq!(amend("amount=many", &new).status, 2, "no JSON");
    let told = world.cs(&["packets", "approve", &packet, "--digest", &new]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert_eq!(world.orders()[0]["minor"], 7_850_000);
}

#[test]
fn lists_are_filtered() {
    let world = World::new();
    world.order("f1", "Alpha Tech Systems", 9000.0);
    world.order("f2", "Nobody Knows Ltd", 10.0);
    world.order("f3", "Alpha Tech Systems", 10.0);
    let count = |args: &[&str]| world.one(args).as_array().unwrap().len();
    assert_eq!(count(&["packets", "list"]), 2);
    assert_eq!(count(&["packets", "list", "--flag", "over_limit"]), 1);
    assert_eq!(count(&["packets", "list", "--status", "approved"]), 0);
    assert_eq!(count(&["packets", "list", "--workflow", "other"]), 0);
    assert_eq!(count(&["packets", "list", "--limit", "1"]), 1);
    assert_eq!(count(&["runs", "list"]), 3);
    assert_eq!(count(&["runs", "list", "--status", "waiting"]), 2);
    assert_eq!(count(&["runs", "list", "--workflow", "purchase-order"]), 3);
    assert_eq!(count(&["effects", "list", "--state", "confirmed"]), 1);
    let first = world.one(&["packets", "list", "--limit", "1"]);
    let rest = world.one(&["packets", "list", "--after", &text(&first[0]["packet"])]);
    assert_eq!(rest.as_array().unwrap().len(), 1);
    assert_ne!(rest[0]["packet"], first[0]["packet"]);
}

#[test]
fn the_deadline_promises_only_what_happens() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-8");
    let due = || {
        let told = world.human(&["packets", "show", &packet]).output().unwrap();
        let page = String::from_utf8(told.stdout).unwrap();
        let line = page.lines().find(|line| line.starts_with("  due "));
        line.unwrap().to_owned()
    };
    let open = due();
    assert!(
        open.ends_with("h, then escalated once, or rejected where nobody is named)"),
        "{open}"
    );
    world.one(&["packets", "escalate", &packet, "--reason", "I am away"]);
    let escalated = due();
    assert!(
        escalated.ends_with("h, then rejected, for it was escalated before)"),
        "{escalated}"
    );
    world.one(&["packets", "reject", &packet, "--digest", &digest]);
    let closed = due();
    assert!(closed.ends_with('Z'), "{closed}");
}

#[test]
fn a_packet_is_escalated_once_and_extended_under_the_same_digest() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    let before = world.one(&["packets", "show", &packet]);
    let moved = world.one(&[
        "packets",
        "escalate",
        &packet,
        "--reason",
        "the lead should see it",
    ]);
    assert_eq!(moved["verdict"], "escalate");
    assert_eq!(
        (&moved["run"], &moved["run_status"]),
        (&json!(run), &json!("waiting"))
    );
    let again = world.cs(&["packets", "escalate", &packet, "--reason", "once more"]);
    assert_eq!(
        (again.status, again.code().as_str()),
        (4, "already_escalated")
    );
    let moved = world.one(&[
        "packets",
        "extend",
        &packet,
        "--reason",
        "the vendor is asked",
    ]);
    let after = world.one(&["packets", "show", &packet]);
    assert_eq!(after["due_at"], moved["due_at"]);
    assert!(text(&after["due_at"]) > text(&before["due_at"]));
    assert_eq!(after["digest"], before["digest"]);
    world.one(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(world.orders().len(), 1);
    let late = world.cs(&["packets", "extend", &packet, "--reason", "too late"]);
    assert_eq!((late.status, late.code().as_str()), (4, "already_decided"));
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}
