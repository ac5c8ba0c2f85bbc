//! A verdict that stands is told, whatever becomes of its run.

use std::process::{Child, Stdio};

use rusqlite::{Connection, OpenFlags};

use crate::world::{World, text, wait_until};

fn spawned(world: &World, args: &[&str]) -> Child {
    let mut command = world.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Status, the one document, and stderr.
fn ended(child: Child) -> (Option<i32>, serde_json::Value, String) {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let document = serde_json::from_slice(&output.stdout);
    (output.status.code(), document.expect(&stderr), stderr)
}

pub(crate) fn wait_for_intent(world: &World, intents: usize) {
    wait_until("the effect is on its way", || {
        let intended = world.one(&["audit", "list", "--kind", "effect_intended"]);
        intended.as_array().unwrap().len() == intents
    });
}

#[test]
fn a_busy_store_after_the_verdict_does_not_hide_it() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    world.fault("delay", 1, 2_000);
    let approve = ["packets", "approve", &packet, "--digest", &digest];
    let child = spawned(&world, &approve);
    wait_for_intent(&world, 1);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let holder = Connection::open_with_flags(world.store(), flags).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (status, verdict, stderr) = ended(child);
    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(
        (&verdict["verdict"], &verdict["run"]),
        (&"approve".into(), &run.clone().into())
    );
    assert_eq!(verdict["run_status"], "running", "as the journal has it");
    let told = "the verdict is recorded, but the store";
    assert!(stderr.contains(told) && stderr.contains("busy"), "{stderr}");
    let again = world.cs(&approve);
    assert_eq!(again.status, 4, "it stands: {}", again.stderr);
}

#[test]
fn a_verdict_waits_for_the_process_that_executes() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-1");
    world.fault("delay", 1, 4_000);
    let row = world.dir.path().join("row.json");
    let slow = r#"{"po_id":"SLOW","vendor":"Alpha Tech Systems","amount":1}"#;
    std::fs::write(&row, slow).unwrap();
    let row = row.to_str().unwrap();
    let slow = spawned(&world, &["start", "purchase-order", "--input", row]);
    wait_for_intent(&world, 1);
    let verdict = world.one(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(verdict["run_status"], "succeeded");
    assert_eq!(slow.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn a_verdict_beside_a_short_lived_executor_is_driven_once_that_has_ended() {
    let world = World::new();
    let (_, first, digest) = world.waiting("PO-1");
    let (run, second, second_digest) = world.waiting("PO-2");
    world.fault("delay", 1, 2_000);
    let slow = spawned(&world, &["packets", "approve", &first, "--digest", &digest]);
    wait_for_intent(&world, 1);
    // The process that executes drives its own run alone, and ends; this one then takes over.
    let other = ["packets", "approve", &second, "--digest", &second_digest];
    let (status, verdict, stderr) = ended(spawned(&world, &other));
    assert_eq!((status, text(&verdict["run"])), (Some(0), run), "{stderr}");
    assert_eq!(verdict["run_status"], "succeeded");
    assert_eq!(ended(slow).0, Some(0));
}

#[test]
fn an_interrupted_verdict_is_told() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    world.fault("delay", 1, 2_000);
    let child = spawned(
        &world,
        &["packets", "approve", &packet, "--digest", &digest],
    );
    wait_for_intent(&world, 1);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let (status, verdict, stderr) = ended(child);
    assert_eq!((status, text(&verdict["packet"])), (Some(1), packet));
    let told = "the verdict is recorded, but SIGINT came";
    let hint = format!("countersign runs show {run}");
    assert!(stderr.contains(told) && stderr.contains(&hint), "{stderr}");
}
