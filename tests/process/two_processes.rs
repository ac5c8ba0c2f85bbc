//! Two processes on one store: one executes, the other attaches.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;

use crate::world::{ORDERS, World, text, wait_until};

#[test]
fn two_starts_of_the_same_rows_share_the_work() {
    let world = World::new();
    let orders = fs::read_to_string(ORDERS).unwrap();
    let rows = world.dir.path().join("rows.csv");
    fs::write(
        &rows,
        orders.lines().take(301).collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
    let args = [
        "start",
        "purchase-order",
        "--key",
        "po_number",
        "--input",
        rows.to_str().unwrap(),
    ];
    let children = [(); 2].map(|()| {
        let mut command = world.command(&args);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let mut started = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<serde_json::Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 301);
        started += lines[300]["summary"]["started"].as_u64().unwrap();
        let settled = lines[..300]
            .iter()
            .all(|line| line["status"] == "waiting" || line["status"] == "succeeded");
        assert!(settled, "each start waits for every run");
    }
    assert_eq!(started, 300);
    let committed = world.orders();
    let subjects: BTreeSet<String> = committed
        .iter()
        .map(|order| text(&order["subject"]))
        .collect();
    assert_eq!(committed.len(), subjects.len());
    assert_eq!(world.one(&["runs", "list"]).as_array().unwrap().len(), 300);
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}

#[test]
fn a_verdict_given_beside_an_executing_process_is_driven_by_it() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    world.fault("delay", 1, 2_000);
    let row = world.dir.path().join("row.json");
    fs::write(
        &row,
        r#"{"po_id":"SLOW","vendor":"Alpha Tech Systems","amount":1}"#,
    )
    .unwrap();
    let mut command = world.command(&["start", "purchase-order", "--input", row.to_str().unwrap()]);
    let mut slow = command.stdout(Stdio::piped()).spawn().unwrap();
    wait_until("the slow request is on its way", || {
        let intended = world.one(&["audit", "list", "--kind", "effect_intended"]);
        !intended.as_array().unwrap().is_empty()
    });
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert_eq!(slow.wait().unwrap().code(), Some(0));
    // The executing process may have ended before it saw the verdict; then the next one drives.
    let row = r#"{"po_id":"NEXT","vendor":"Alpha Tech Systems","amount":1}"#;
    world.fed(&["start", "purchase-order", "--input", "-"], row.as_bytes());
    let status = || world.one(&["runs", "show", &run])["status"].clone();
    wait_until("the approved run goes on", || {
        world.fed(&["start", "purchase-order", "--input", "-"], b"[]");
        status() != "running" && status() != "ready"
    });
    assert_eq!(status(), "succeeded");
    let mut subjects: Vec<String> = world
        .orders()
        .iter()
        .map(|order| text(&order["subject"]))
        .collect();
    subjects.sort();
    assert_eq!(subjects, ["NEXT", "PO-1", "SLOW"]);
}

#[test]
fn a_start_that_waits_for_another_process_names_it_once() {
    let world = World::new();
    let start = |po_id: &str| {
        let row = world.dir.path().join(format!("{po_id}.json"));
        let fields =
            serde_json::json!({"po_id": po_id, "vendor": "Alpha Tech Systems", "amount": 1});
        fs::write(&row, fields.to_string()).unwrap();
        let args = ["start", "purchase-order", "--input", row.to_str().unwrap()];
        let mut command = world.command(&args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    world.fault("delay", 2, 5_000);
    let first = start("FIRST");
    wait_until("the first process executes", || {
        let told = world.cs(&["audit", "list", "--kind", "effect_intended"]);
        told.status == 0 && !told.json().as_array().unwrap().is_empty()
    });
    let executor = format!("process {} executes for this store", first.id());
    let told = [start("SECOND"), first].map(|child| {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    });
    assert_eq!(told[0].matches(&executor).count(), 1, "{}", told[0]);
    assert!(!told[1].contains("executes for this store"), "{}", told[1]);
}

#[test]
fn a_waiting_process_takes_over_from_a_killed_one() {
    let world = World::new();
    let orders = fs::read_to_string(ORDERS).unwrap();
    let rows = world.dir.path().join("rows.csv");
    let some: Vec<&str> = orders.lines().take(301).collect();
    fs::write(&rows, some.join("\n")).unwrap();
    let rows = rows.to_str().unwrap();
    let args = [
        "start",
        "purchase-order",
        "--key",
        "po_number",
        "--input",
        rows,
    ];
    let start = || {
        let mut command = world.command(&args);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    world.fault("delay", 1, 3_000);
    let mut first = start();
    wait_until("the first process executes", || {
        let told = world.cs(&["audit", "list", "--kind", "effect_intended"]);
        told.status == 0 && !told.json().as_array().unwrap().is_empty()
    });
    let second = start();
    wait_until("the second process has started runs or found them", || {
        let told = world.cs(&["audit", "list", "--kind", "run_started"]);
        told.json().as_array().unwrap().len() >= 250
    });
    first.kill().unwrap();
    first.wait().unwrap();
    let output = second.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 301, "every run has settled");
    let committed = world.orders();
    let subjects: BTreeSet<String> = committed
        .iter()
        .map(|order| text(&order["subject"]))
        .collect();
    assert_eq!(committed.len(), subjects.len(), "nothing is done twice");
    let succeeded = world.one(&["runs", "list", "--status", "succeeded"]);
    assert_eq!(
        succeeded.as_array().unwrap().len(),
        committed.len(),
        "nothing is lost"
    );
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}
