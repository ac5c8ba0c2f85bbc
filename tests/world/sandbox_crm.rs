//! The CRM counts every update, whatever key it bears, and its history names each.

use countersign::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::raw::{get, ledger, once};

fn sandbox() -> (TempDir, Sandbox) {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    (dir, sandbox)
}

#[test]
fn a_repeated_update_is_a_second_one_even_under_the_same_key() {
    let (_dir, sandbox) = sandbox();
    let body = json!({"properties": {"stage": "won"}, "reference": "r1"}).to_string();
    for revision in [1, 2] {
        let answer = once(&sandbox, "PATCH", "/crm/deals/d1", Some("k"), &body).unwrap();
        assert_eq!(
            (answer.status, &answer.json()["revision"]),
            (200, &json!(revision))
        );
    }
    assert_eq!(ledger(&sandbox).len(), 2);
}

#[test]
fn a_deal_shows_its_properties_and_the_references_of_its_updates() {
    let (_dir, sandbox) = sandbox();
    let empty = get(&sandbox, "/crm/deals/d1");
    assert_eq!(
        (&empty["properties"], &empty["history"]),
        (&json!({}), &json!([]))
    );
    for (properties, reference) in [
        (json!({"stage": "won", "owner": "ana"}), "r1"),
        (json!({"owner": null, "value": 12}), "r2"),
    ] {
        let body = json!({"properties": properties, "reference": reference}).to_string();
        once(&sandbox, "PATCH", "/crm/deals/d1", None, &body).unwrap();
    }
    let deal = get(&sandbox, "/crm/deals/d1");
    assert_eq!(deal["properties"], json!({"stage": "won", "value": 12}));
    assert_eq!(deal["history"][0]["reference"], "r2");
    assert_eq!(deal["history"][1]["reference"], "r1");
    assert_eq!(deal["has_more"], false);
    assert_eq!(get(&sandbox, "/crm/deals/d2")["history"], json!([]));
}

#[test]
fn an_update_without_properties_is_refused() {
    let (_dir, sandbox) = sandbox();
    for body in [r#"{"properties":{}}"#, r#"{"fields":{"a":1}}"#, "stage=won"] {
        let answer = once(&sandbox, "PATCH", "/crm/deals/d1", None, body).unwrap();
        assert_eq!(answer.status, 422, "{body}");
    }
    assert_eq!(ledger(&sandbox).len(), 0);
}
