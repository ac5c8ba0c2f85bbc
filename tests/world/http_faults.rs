//! Each fault of the sandbox, seen through the adapter: the class it gets and what was done.

use countersign::domain::Request;
use countersign::engine::FailureClass;
use countersign::sandbox::{Sandbox, SandboxOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::calls::{adapter, call, failure, get, keyed_write, post, read, with_timeout};
use crate::raw::{ledger, order, set_fault};

fn commit(sandbox: &Sandbox, po_id: &str) -> Request {
    let url = format!("{}/erp/orders", sandbox.url());
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", po_id),
    ];
    post(&url, &headers, &order(po_id))
}

#[tokio::test]
async fn a_write_without_fault_is_answered_and_its_resend_is_replayed() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let (tools, tool) = (adapter(), keyed_write());
    let request = commit(&sandbox, "PO-1");
    let first = call(&tools, &tool, &request).await.unwrap();
    assert_eq!(
        (first.status, &first.output["po_id"]),
        (201, &json!("PO-1"))
    );
    let again = call(&tools, &tool, &request).await.unwrap();
    assert_eq!((again.status, again.output), (200, first.output));
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let (tools, tool) = (adapter(), keyed_write());
    call(&tools, &tool, &commit(&sandbox, "PO-1"))
        .await
        .unwrap();
    let mut other = commit(&sandbox, "PO-1");
    other.body = Some(order("PO-2"));
    let refused = failure(&tools, &tool, &other).await;
    assert_eq!(
        (refused.class, refused.code.as_str()),
        (FailureClass::Refused, "status_422")
    );
    assert!(
        refused.message.contains("idempotency_key_reused"),
        "{}",
        refused.message
    );
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[tokio::test]
async fn every_fault_of_a_write_has_its_class_and_a_resend_ends_with_one_effect() {
    let cases = [
        // kind, class, code, effects before the resend
        ("status_429", FailureClass::Safe, "status_429", 0),
        ("status_503", FailureClass::Safe, "status_503", 0),
        ("status_500", FailureClass::Unknown, "status_500", 0),
        ("reset_before", FailureClass::Unknown, "reset", 0),
        ("reset_after", FailureClass::Unknown, "reset", 1),
        ("truncated", FailureClass::Unknown, "truncated", 1),
        ("delay", FailureClass::Unknown, "timeout", 1),
    ];
    for (kind, class, code, done) in cases {
        let dir = TempDir::new().unwrap();
        let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
        let delay_ms = if kind == "delay" { 60_000 } else { 0 };
        set_fault(
            &sandbox,
            &json!({
                "service": "erp", "operation": "commit_order", "kind": kind, "times": 1,
                "delay_ms": delay_ms
            }),
        );
        let (tools, tool) = (adapter(), with_timeout(keyed_write(), 500));
        let request = commit(&sandbox, "PO-1");
        let failed = failure(&tools, &tool, &request).await;
        assert_eq!(
            (failed.class, failed.code.as_str()),
            (class, code),
            "{kind}: {failed:?}"
        );
        assert!(
            failed.message.starts_with("POST 127.0.0.1:"),
            "{}",
            failed.message
        );
        let wish = matches!(kind, "status_429" | "status_503").then_some(1_000);
        assert_eq!(failed.retry_after_ms, wish, "{kind}");
        assert_eq!(ledger(&sandbox).len(), done, "{kind}");
        let resent = call(&tools, &with_timeout(tool, 5_000), &request)
            .await
            .unwrap();
        assert_eq!(resent.status, if done == 1 { 200 } else { 201 }, "{kind}");
        assert_eq!(ledger(&sandbox).len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_write_after_a_sandbox_that_left_is_safe() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let request = commit(&sandbox, "PO-1");
    sandbox.stop().await;
    let failed = failure(&adapter(), &keyed_write(), &request).await;
    assert_eq!(
        (failed.class, failed.code.as_str()),
        (FailureClass::Safe, "connect")
    );
}

#[tokio::test]
async fn a_vendor_is_looked_up() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let url = format!(
        "{}/register/vendors?name=Alpha%20Tech%20Systems",
        sandbox.url()
    );
    let answer = call(&adapter(), &read(), &get(&url)).await.unwrap();
    assert_eq!(answer.output["validated"], json!(true));
}
