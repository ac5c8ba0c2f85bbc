//! The payment API refunds a charge once a key, never more than it holds, in Stripe's shapes.

use countersign::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::raw::{Answer, get, ledger, once};

const REFUNDS: &str = "/payments/v1/refunds";

fn sandbox() -> (TempDir, Sandbox) {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    (dir, sandbox)
}

fn refund(sandbox: &Sandbox, key: Option<&str>, body: &str) -> Answer {
    once(sandbox, "POST", REFUNDS, key, body).unwrap()
}

fn error(answer: &Answer) -> (u16, Value, Value) {
    let error = &answer.json()["error"];
    (answer.status, error["type"].clone(), error["code"].clone())
}

#[test]
fn a_refund_is_performed_found_and_stands_in_the_ledger() {
    let (_dir, sandbox) = sandbox();
    let body = "charge=ch_1&amount=12500&reason=requested_by_customer&metadata%5Bnumber%5D=1";
    let answer = refund(&sandbox, Some("k1"), body);
    assert_eq!(answer.status, 200);
    let made = answer.json();
    assert_eq!(
        made,
        json!({
            "id": "re_1", "object": "refund", "amount": 12500, "charge": "ch_1",
            "currency": "usd", "reason": "requested_by_customer", "metadata": {"number": "1"},
            "status": "succeeded", "created": made["created"]
        })
    );
    assert!(made["created"].as_i64().unwrap() > 1_700_000_000);
    assert_eq!(get(&sandbox, "/payments/v1/refunds/re_1"), made);
    assert_eq!(
        get(&sandbox, "/payments/v1/refunds?charge=ch_1"),
        json!({"object": "list", "data": [made], "has_more": false})
    );
    let charge = get(&sandbox, "/payments/v1/charges/ch_1");
    assert_eq!(charge["amount_refunded"], 12500);
    assert_eq!(charge["refunded"], false);
    let entry = &ledger(&sandbox)[0];
    assert_eq!(
        (&entry["service"], &entry["operation"], &entry["subject"]),
        (&json!("payments"), &json!("refund"), &json!("ch_1"))
    );
    assert_eq!(entry["minor"], 12500);
}

#[test]
fn a_known_key_replays_its_first_answer_a_no_as_well_as_a_yes() {
    let (_dir, sandbox) = sandbox();
    let first = refund(&sandbox, Some("yes"), "charge=ch_1&amount=100");
    // The same parameters in another order.
    let again = refund(&sandbox, Some("yes"), "amount=100&charge=ch_1");
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    let too_much = "charge=ch_1&amount=100000000";
    let no = refund(&sandbox, Some("no"), too_much);
    assert_eq!(
        error(&no),
        (
            400,
            json!("invalid_request_error"),
            json!("amount_too_large")
        )
    );
    let again = refund(&sandbox, Some("no"), too_much);
    assert_eq!((again.status, &again.body), (400, &no.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[test]
fn a_key_with_other_parameters_is_an_error() {
    let (_dir, sandbox) = sandbox();
    refund(&sandbox, Some("k"), "charge=ch_1&amount=100");
    let other = refund(&sandbox, Some("k"), "charge=ch_1&amount=101");
    assert_eq!(
        error(&other),
        (400, json!("idempotency_error"), Value::Null)
    );
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[test]
fn two_refunds_under_two_keys_are_two_until_nothing_is_left() {
    let (_dir, sandbox) = sandbox();
    for key in ["a", "b"] {
        assert_eq!(
            refund(&sandbox, Some(key), "charge=ch_1&amount=100").status,
            200
        );
    }
    let rest = refund(&sandbox, Some("c"), "charge=ch_1");
    assert_eq!(rest.json()["amount"], 99_999_800);
    let none = refund(&sandbox, Some("d"), "charge=ch_1&amount=1");
    assert_eq!(error(&none).2, "charge_already_refunded");
    assert_eq!(get(&sandbox, "/payments/v1/charges/ch_1")["refunded"], true);
    assert_eq!(ledger(&sandbox).len(), 3);
}

#[test]
fn what_is_malformed_is_refused_and_kept_under_no_key() {
    let (_dir, sandbox) = sandbox();
    for (body, param) in [
        ("amount=100", "charge"),
        ("charge=ch_1&amount=0", "amount"),
        ("charge=ch_1&amount=-5", "amount"),
        ("charge=ch_1&amount=1.5", "amount"),
        ("charge=ch_1&reason=bored", "reason"),
        ("charge=ch_1&amonut=100", "amonut"),
        ("charge=ch_1&metadata%5B%5D=x", "metadata[]"),
    ] {
        let no = refund(&sandbox, Some("k"), body);
        assert_eq!(
            (no.status, &no.json()["error"]["param"]),
            (400, &json!(param)),
            "{body}"
        );
    }
    assert_eq!(
        refund(&sandbox, Some("k"), "charge=ch_1&amount=100").status,
        200
    );
    let missing = once(&sandbox, "GET", "/payments/v1/refunds/re_99", None, "").unwrap();
    assert_eq!(error(&missing).2, "resource_missing");
}
