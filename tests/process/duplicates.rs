//! The same act in two runs, against the sandbox's own ledger.

use serde_json::{Value, json};

use crate::world::{World, text};

fn refund(world: &World, charge: &str, number: u32) -> Value {
    let row = json!({
        "customer_id": "cust_usr_8829", "transaction_id": charge, "amount_cents": 12_500,
        "max_steps": 5, "refund_number": number,
    });
    let told = world.fed(
        &["start", "refund", "--input", "-"],
        row.to_string().as_bytes(),
    );
    assert_eq!(told.status, 0, "{}", told.stderr);
    told.lines().remove(0)
}

fn decide(world: &World, verb: &str, packet: &str) -> Value {
    let shown = world.one(&["packets", "show", packet]);
    let digest = text(&shown["digest"]);
    let told = world.one(&[
        "--as",
        "MGR_JANE_DOE",
        "packets",
        verb,
        packet,
        "--digest",
        &digest,
        "--reason",
        "checked",
    ]);
    told["run_status"].clone()
}

fn has_flag(shown: &Value, code: &str) -> bool {
    let flags = shown["flags"].as_array().unwrap();
    flags.iter().any(|flag| flag["code"] == code)
}

#[test]
fn the_same_refund_started_twice_pays_once_and_asks() {
    let world = World::new();
    let first = refund(&world, "ch_stripe_9921", 1);
    assert_eq!(
        decide(&world, "approve", &text(&first["packet"])),
        "succeeded"
    );
    let second = refund(&world, "ch_stripe_9921", 1);
    let packet = text(&second["packet"]);
    let shown = world.one(&["packets", "show", &packet]);
    assert!(has_flag(&shown, "duplicate"), "{shown}");
    assert_eq!(shown["duplicates"][0]["run"], first["run"]);
    assert_eq!(shown["duplicates"][0]["state"], "confirmed");
    assert_ne!(shown["tier"], "routine");
    let page = world.human(&["packets", "show", &packet]).output().unwrap();
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains(&text(&first["run"])), "{page}");
    assert_eq!(
        world.one(&["packets", "list", "--flag", "duplicate"])[0]["packet"],
        *packet
    );
    assert_eq!(world.refunds().len(), 1);
    assert_eq!(decide(&world, "reject", &packet), "rejected");
    assert_eq!(world.refunds().len(), 1);
    let run = world.one(&["runs", "show", &text(&second["run"])]);
    assert_eq!(run["state"]["status"], "refund_rejected");
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn numbered_refunds_are_two_and_a_person_may_name_a_third() {
    let world = World::new();
    for number in [1, 2] {
        let line = refund(&world, "ch_stripe_9922", number);
        let shown = world.one(&["packets", "show", &text(&line["packet"])]);
        assert!(!has_flag(&shown, "duplicate"), "{shown}");
        assert_eq!(
            decide(&world, "approve", &text(&line["packet"])),
            "succeeded"
        );
    }
    assert_eq!(world.refunds().len(), 2);
    let third = refund(&world, "ch_stripe_9922", 2);
    assert_eq!(
        decide(&world, "approve", &text(&third["packet"])),
        "succeeded"
    );
    let refunds = world.refunds();
    assert_eq!(refunds.len(), 3);
    let keys: std::collections::BTreeSet<_> = refunds
        .iter()
        .map(|refund| text(&refund["idempotency_key"]))
        .collect();
    assert_eq!(keys.len(), 3);
    let fourth = refund(&world, "ch_stripe_9922", 2);
    let shown = world.one(&["packets", "show", &text(&fourth["packet"])]);
    assert_eq!(shown["duplicates"].as_array().unwrap().len(), 2);
    let effects = world.one(&["effects", "list", "--run", &text(&third["run"])]);
    assert_eq!(effects[0]["identity"]["number"], 2);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn two_approved_before_either_was_sent_pay_once() {
    let world = World::new();
    let [first, second] = [1, 1].map(|number| refund(&world, "ch_stripe_9923", number));
    assert_eq!(
        decide(&world, "approve", &text(&first["packet"])),
        "succeeded"
    );
    // It was asked about before the other one began; its approval falls.
    assert_eq!(
        decide(&world, "approve", &text(&second["packet"])),
        "waiting"
    );
    assert_eq!(world.refunds().len(), 1);
    let open = world.one(&["packets", "list", "--status", "open"]);
    assert_eq!(open[0]["run"], second["run"]);
    assert!(has_flag(&open[0], "duplicate") && has_flag(&open[0], "approval_void"));
}

#[test]
fn an_order_number_is_committed_once_without_start_keys_too() {
    let world = World::new();
    assert_eq!(
        world.order("PO-1", "Alpha Tech Systems", 10.0)["status"],
        "succeeded"
    );
    assert_eq!(
        world.order("PO-1", "Alpha Tech Systems", 10.0)["status"],
        "waiting"
    );
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn an_equal_order_of_another_run_confirms_nothing() {
    let world = World::new();
    let row = json!({ "po_id": "PO-1", "vendor": "Alpha Tech Systems", "amount": "100.00" });
    let start = || {
        let told = world.fed(
            &["start", "purchase-order", "--input", "-"],
            row.to_string().as_bytes(),
        );
        told.lines().remove(0)
    };
    assert_eq!(start()["status"], "succeeded");
    let second = start();
    // Each try of the second order is lost before the ERP does anything.
    world.fault_on("erp", "commit_order", "reset_before", 20);
    let status = decide(&world, "approve", &text(&second["packet"]));
    assert_eq!(status, "waiting", "a person is asked");
    let effects = world.one(&["effects", "list", "--run", &text(&second["run"])]);
    assert_eq!(effects[0]["state"], "unknown");
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn what_the_same_run_did_in_that_instant_is_told_as_done() {
    let world = World::new();
    let row = json!({ "po_id": "PO-7", "vendor": "Alpha Tech Systems", "amount": "100.00" });
    let args = ["start", "tests/process/twice.yaml", "--input", "-"];
    let line = world
        .fed(&args, row.to_string().as_bytes())
        .lines()
        .remove(0);
    assert_eq!(decide(&world, "approve", &text(&line["packet"])), "waiting");
    let open = world.one(&["packets", "list", "--status", "open"]);
    let shown = world.one(&["packets", "show", &text(&open[0]["packet"])]);
    assert!(has_flag(&shown, "duplicate"), "{shown}");
    let told = shown["flags"].to_string();
    assert!(told.contains("is confirmed since"), "{told}");
    assert!(!told.contains("is intent since"), "{told}");
    assert_eq!(shown["duplicates"][0]["state"], "confirmed", "{shown}");
    assert_eq!(world.orders().len(), 1);
}
