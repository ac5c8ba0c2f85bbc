//! The ERP performs an order once a key, and its ledger says what it did.

use countersign::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::raw::{Client, get, ledger, once, order};

fn sandbox() -> (TempDir, Sandbox) {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    (dir, sandbox)
}

#[test]
fn an_order_is_performed_and_found_and_stands_in_the_ledger() {
    let (_dir, sandbox) = sandbox();
    assert_eq!(
        get(&sandbox, "/erp/orders/PO-1"),
        json!({"found": false, "order": null, "orders": [], "has_more": false})
    );
    let answer = once(&sandbox, "POST", "/erp/orders", Some("k1"), &order("PO-1")).unwrap();
    assert_eq!(answer.status, 201);
    let made = answer.json();
    assert_eq!(made["po_id"], "PO-1");
    assert_eq!(made["vendor"], "Alpha Tech Systems");
    assert_eq!(made["amount"], "7850.00");
    assert_eq!(made["currency"], "USD");
    assert_eq!(made["reference"], "k1");
    assert!(made["order_id"].is_string() && made["created_at"].is_string());
    assert_eq!(
        get(&sandbox, "/erp/orders/PO-1"),
        json!({"found": true, "order": made, "orders": [made], "has_more": false})
    );
    let entries = ledger(&sandbox);
    assert_eq!(
        entries,
        [json!({
            "seq": 1, "at": made["created_at"], "service": "erp", "operation": "commit_order",
            "idempotency_key": "k1", "subject": "PO-1", "minor": 785_000, "currency": "USD"
        })]
    );
    assert_eq!(get(&sandbox, "/_ledger?after=1"), json!([]));
}

#[test]
fn a_known_key_replays_the_first_answer_and_performs_nothing() {
    let (_dir, sandbox) = sandbox();
    let mut client = Client::to(sandbox.url());
    let first = client
        .send("POST", "/erp/orders", Some("k"), &order("PO-1"))
        .unwrap();
    // The same document, spaced and ordered otherwise.
    let respelled = "{ \"currency\": \"USD\", \"amount\": \"7850.00\",
        \"vendor\": \"Alpha Tech Systems\", \"po_id\": \"PO-1\" }";
    for body in [order("PO-1").as_str(), respelled] {
        let again = client.send("POST", "/erp/orders", Some("k"), body).unwrap();
        assert_eq!((again.status, &again.body), (200, &first.body));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[test]
fn a_key_used_for_another_order_is_refused() {
    let (_dir, sandbox) = sandbox();
    once(&sandbox, "POST", "/erp/orders", Some("k"), &order("PO-1")).unwrap();
    let other = once(&sandbox, "POST", "/erp/orders", Some("k"), &order("PO-2")).unwrap();
    assert_eq!(other.status, 422);
    assert_eq!(other.json()["error"]["code"], "idempotency_key_reused");
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[test]
fn without_a_key_every_request_is_another_order() {
    let (_dir, sandbox) = sandbox();
    for _ in 0..2 {
        let answer = once(&sandbox, "POST", "/erp/orders", None, &order("PO-1")).unwrap();
        assert_eq!(answer.status, 201);
    }
    let entries = ledger(&sandbox);
    assert_eq!(entries.len(), 2);
    assert!(
        entries
            .iter()
            .all(|entry| entry["idempotency_key"].is_null())
    );
}

#[test]
fn bad_input_is_refused_and_not_kept_under_the_key() {
    let (_dir, sandbox) = sandbox();
    let order = |po_id: &str, vendor: &str, amount: serde_json::Value, currency: &str| {
        json!({"po_id": po_id, "vendor": vendor, "amount": amount, "currency": currency})
            .to_string()
    };
    let bad = [
        "not json".to_owned(),
        "[]".to_owned(),
        json!({"po_id": "PO-1"}).to_string(),
        order("", "V", json!("1.00"), "USD"),
        order("PO-1", " ", json!("1.00"), "USD"),
        order("PO-1", "V", json!("0.00"), "USD"),
        order("PO-1", "V", json!("-1.00"), "USD"),
        order("PO-1", "V", json!("1.001"), "USD"),
        order("PO-1", "V", json!(1), "USD"),
        order("PO-1", "V", json!("1.00"), "usd"),
        order(&"x".repeat(600), "V", json!("1.00"), "USD"),
    ];
    for body in &bad {
        let answer = once(&sandbox, "POST", "/erp/orders", Some("k"), body).unwrap();
        assert_eq!(answer.status, 422, "{body}");
        assert!(answer.json()["error"]["message"].is_string(), "{body}");
    }
    assert_eq!(ledger(&sandbox).len(), 0);
    let good = order("PO-1", "V", json!("0.01"), "EUR");
    let answer = once(&sandbox, "POST", "/erp/orders", Some("k"), &good).unwrap();
    assert_eq!(answer.status, 201);
}

#[test]
fn equal_requests_at_one_time_are_performed_once() {
    let (_dir, sandbox) = sandbox();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    once(&sandbox, "POST", "/erp/orders", Some("k"), &order("PO-1"))
                        .unwrap()
                        .status
                })
            })
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().unwrap())
            .collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 15);
    assert_eq!(ledger(&sandbox).len(), 1);
}
