//! Each fault does to the connection what it says, and to the ledger too.

use std::fs;
use std::time::{Duration, Instant};

use countersign::sandbox::{Sandbox, SandboxError, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::raw::{Answer, Broken, Client, get, ledger, once, order, set_fault};

fn strike(kind: &str) -> (TempDir, Sandbox, Result<Answer, Broken>) {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    set_fault(
        &sandbox,
        &json!({
            "service": "erp", "operation": "commit_order", "kind": kind, "times": 1, "delay_ms": 0
        }),
    );
    let struck = once(&sandbox, "POST", "/erp/orders", Some("k"), &order("PO-1"));
    (dir, sandbox, struck)
}

/// The second try under the same key, which no fault strikes.
fn retried(sandbox: &Sandbox) -> u16 {
    once(sandbox, "POST", "/erp/orders", Some("k"), &order("PO-1"))
        .unwrap()
        .status
}

#[test]
fn statuses_do_nothing_and_are_not_remembered() {
    for (kind, status, waits) in [
        ("status_429", 429, true),
        ("status_500", 500, false),
        ("status_503", 503, true),
    ] {
        let (_dir, sandbox, struck) = strike(kind);
        let answer = struck.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("retry-after").is_some(), waits, "{kind}");
        assert_eq!(ledger(&sandbox).len(), 0, "{kind}");
        assert_eq!(retried(&sandbox), 201, "{kind}");
    }
}

#[test]
fn reset_before_does_nothing_and_resets() {
    let (_dir, sandbox, struck) = strike("reset_before");
    assert_eq!(struck.unwrap_err(), Broken::Reset);
    assert_eq!(ledger(&sandbox).len(), 0);
    assert_eq!(retried(&sandbox), 201);
}

#[test]
fn reset_after_does_it_and_resets() {
    let (_dir, sandbox, struck) = strike("reset_after");
    assert_eq!(struck.unwrap_err(), Broken::Reset);
    assert_eq!(ledger(&sandbox).len(), 1);
    assert_eq!(retried(&sandbox), 200);
    assert_eq!(ledger(&sandbox).len(), 1);
}

#[test]
fn truncated_does_it_and_stops_within_the_body() {
    let (_dir, sandbox, struck) = strike("truncated");
    let Err(Broken::Closed { got, announced }) = struck else {
        panic!("{struck:?}");
    };
    assert!(got > 0 && got < announced, "{got} of {announced}");
    assert_eq!(ledger(&sandbox).len(), 1);
    assert_eq!(retried(&sandbox), 200);
}

#[test]
fn delay_does_it_at_once_and_answers_late() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    set_fault(
        &sandbox,
        &json!({
            "service": "erp", "operation": "*", "kind": "delay", "times": 1, "delay_ms": 400
        }),
    );
    std::thread::scope(|scope| {
        let late = scope.spawn(|| {
            let start = Instant::now();
            let answer = once(&sandbox, "POST", "/erp/orders", Some("k"), &order("PO-1"));
            (answer.unwrap().status, start.elapsed())
        });
        while ledger(&sandbox).is_empty() && !late.is_finished() {}
        assert!(!late.is_finished(), "the effect shows before its answer");
        let (status, took) = late.join().unwrap();
        assert_eq!(status, 201);
        assert!(took >= Duration::from_millis(400), "{took:?}");
    });
}

#[test]
fn a_connection_outlives_faults_that_answer() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    set_fault(
        &sandbox,
        &json!({
            "service": "erp", "operation": "*", "kind": "status_503", "times": 2
        }),
    );
    let mut client = Client::to(sandbox.url());
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = client.send("POST", "/erp/orders", None, &order("PO-1"));
        statuses.push(answer.unwrap().status);
    }
    assert_eq!(statuses, [503, 503, 201]);
}

#[test]
fn faults_are_listed_and_cleared() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let fault = json!({
        "service": "register", "operation": "lookup", "kind": "status_500", "times": 7,
        "delay_ms": 0
    });
    set_fault(&sandbox, &fault);
    assert_eq!(get(&sandbox, "/_faults"), json!([fault]));
    let struck = once(&sandbox, "GET", "/register/vendors?name=x", None, "").unwrap();
    assert_eq!(struck.status, 500);
    assert_eq!(get(&sandbox, "/_faults")[0]["times"], 6);
    let cleared = once(&sandbox, "DELETE", "/_faults", None, "").unwrap();
    assert_eq!(cleared.status, 204);
    assert_eq!(get(&sandbox, "/_faults"), json!([]));
}

#[test]
fn a_document_that_is_no_fault_is_refused_with_a_sentence() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let fault = |service: &str, operation: &str, kind: &str| json!({"service": service, "operation": operation, "kind": kind, "times": 1, "delay_ms": 1});
    let bad: [Value; 6] = [
        json!([]),
        json!({"service": "erp"}),
        fault("erq", "*", "delay"),
        fault("erp", "commit_ordr", "delay"),
        fault("erp", "*", "explode"),
        json!({"service": "erp", "operation": "*", "kind": "delay", "times": 0, "delay_ms": 1}),
    ];
    for document in bad {
        let answer = once(&sandbox, "POST", "/_faults", None, &document.to_string()).unwrap();
        assert_eq!(answer.status, 400, "{document}");
        let message = answer.json()["error"]["message"].clone();
        assert!(
            message.as_str().is_some_and(|text| text.len() > 20),
            "{message}"
        );
    }
    assert_eq!(get(&sandbox, "/_faults"), json!([]));
}

#[test]
fn a_file_of_faults_holds_from_the_start() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("faults.json");
    let options = SandboxOptions {
        faults: Some(file.clone()),
        ..SandboxOptions::new(dir.path().join("box"))
    };
    fs::write(
        &file,
        r#"[{"service":"erp","operation":"*","kind":"status_503"}]"#,
    )
    .unwrap();
    let sandbox = Sandbox::start(&options).unwrap();
    let struck = once(&sandbox, "POST", "/erp/orders", None, &order("PO-1")).unwrap();
    assert_eq!(struck.status, 503);
    drop(sandbox);
    fs::write(&file, r#"[{"service":"erp"}]"#).unwrap();
    let refused = Sandbox::start(&options).unwrap_err();
    assert!(
        matches!(refused, SandboxError::FaultFile { .. }),
        "{refused}"
    );
}
