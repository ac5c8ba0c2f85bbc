//! Beside a process that hangs: every wait ends, and says who is waited for.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::world::{World, text, wait_until};

fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let sent = kill.args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

fn order(po_id: &str) -> String {
    format!(r#"{{"po_id":"{po_id}","vendor":"Alpha Tech Systems","amount":1}}"#)
}

#[test]
fn a_stopped_holder_is_named_and_nothing_is_lost_or_done_twice() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("ASKED");
    world.fault("delay", 1, 2_000);
    let row = world.dir.path().join("row.json");
    fs::write(&row, order("FIRST")).unwrap();
    let mut command = world.command(&["start", "purchase-order", "--input", row.to_str().unwrap()]);
    let mut holder = command.stdout(Stdio::piped()).spawn().unwrap();
    wait_until("the first order is on its way", || {
        let told = world.cs(&["audit", "list", "--kind", "effect_intended"]);
        !told.json().as_array().unwrap().is_empty()
    });
    signal(&holder, "-STOP");

    let pid = holder.id().to_string();
    let started = world.fed(
        &["start", "purchase-order", "--input", "-", "--key", "po_id"],
        order("SECOND").as_bytes(),
    );
    assert_eq!(
        (started.status, started.code()),
        (6, "executor_hangs".to_owned())
    );
    let named = format!("process {pid} on ");
    assert!(started.stderr.contains(&named), "{}", started.stderr);
    assert!(started.stderr.contains("kill -CONT"), "{}", started.stderr);
    let approved = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(
        approved.status, 0,
        "the verdict stands: {}",
        approved.stderr
    );
    assert!(approved.stderr.contains(&named), "{}", approved.stderr);
    assert_eq!(world.one(&["runs", "show", &run])["status"], "running");
    assert_eq!(world.one(&["runs", "list"]).as_array().unwrap().len(), 3);

    signal(&holder, "-CONT");
    assert_eq!(holder.wait().unwrap().code(), Some(0));
    let rest = world.fed(&["start", "purchase-order", "--input", "-"], b"[]");
    assert_eq!(rest.status, 0, "{}", rest.stderr);
    let orders = world.orders();
    let mut subjects: Vec<_> = orders.iter().map(|order| text(&order["subject"])).collect();
    subjects.sort();
    assert_eq!(subjects, ["ASKED", "FIRST", "SECOND"]);
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}

#[test]
fn a_killed_holder_is_taken_over_from_at_once() {
    let world = World::new();
    world.fault("delay", 1, 600_000);
    let row = world.dir.path().join("row.json");
    fs::write(&row, order("FIRST")).unwrap();
    let mut command = world.command(&["start", "purchase-order", "--input", row.to_str().unwrap()]);
    let mut holder = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("the order is on its way", || {
        let told = world.cs(&["audit", "list", "--kind", "effect_intended"]);
        told.status == 0 && !told.json().as_array().unwrap().is_empty()
    });
    signal(&holder, "-STOP");
    holder.kill().unwrap();
    holder.wait().unwrap();
    let rest = world.fed(&["start", "purchase-order", "--input", "-"], b"[]");
    assert_eq!(rest.status, 0, "{}", rest.stderr);
    let runs = world.one(&["runs", "list"]);
    assert_eq!(runs[0]["status"], "succeeded");
    assert_eq!(world.orders().len(), 1);
}

/// What a process that was stopped in the middle of a transaction does to the others.
#[test]
fn a_store_that_stays_locked_is_busy_for_writers_and_open_for_readers() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = Connection::open_with_flags(world.store(), flags).unwrap();
    conn.busy_timeout(Duration::from_secs(5)).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE").unwrap();

    let shown = ["packets", "show", &packet];
    let read: [&[&str]; 8] = [
        &["runs", "list"],
        &["runs", "show", &run],
        &["packets", "list"],
        &shown,
        &["effects", "list"],
        &["dead-letters", "list"],
        &["audit", "verify"],
        &["audit", "head"],
    ];
    for args in read {
        assert_eq!(world.cs(args).status, 0, "{args:?}");
    }
    let row = world.dir.path().join("row.json");
    fs::write(&row, order("PO-2")).unwrap();
    let written: [&[&str]; 4] = [
        &["start", "purchase-order", "--input", row.to_str().unwrap()],
        &[
            "start",
            "purchase-order",
            "--detach",
            "--input",
            row.to_str().unwrap(),
        ],
        &["packets", "approve", &packet, "--digest", &digest],
        &["runs", "pause", &run, "--reason", "look"],
    ];
    let children = written.map(|args| {
        let mut command = world.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        (args, command.spawn().unwrap())
    });
    for (args, child) in children {
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(6), "{args:?}: {stderr}");
        assert!(stderr.contains("is busy"), "{stderr}");
    }
    conn.execute_batch("ROLLBACK").unwrap();
    drop(conn);
    assert_eq!(world.one(&["packets", "show", &packet])["status"], "open");
    assert_eq!(world.one(&["runs", "list"]).as_array().unwrap().len(), 1);
    let approve = ["packets", "approve", &packet, "--digest", &digest];
    assert_eq!(world.cs(&approve).status, 0);
    assert_eq!(world.orders().len(), 1);
}
