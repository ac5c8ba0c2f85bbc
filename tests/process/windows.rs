//! Review windows that end while the process that would pass them is stopped.

use std::fs;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::world::{World, text, wait_until};

const WORKFLOW: &str = include_str!("window.yaml");
/// Seconds; the file says two for each.
const LONGER_THAN_BOTH: &str = "5";

fn signal(child: &Child, name: &str) {
    let mut kill = Command::new("kill");
    let sent = kill.args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A process that executes until it is killed: its target takes its time.
fn executor(world: &World) -> Child {
    world.fault("delay", 1, 600_000);
    let row = world.dir.path().join("row.json");
    fs::write(
        &row,
        r#"{"po_id":"SLOW","vendor":"Alpha Tech Systems","amount":1}"#,
    )
    .unwrap();
    let mut command = world.command(&["start", "purchase-order", "--input", row.to_str().unwrap()]);
    let holder = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("the order is on its way", || {
        !events(world, "effect_intended").is_empty()
    });
    holder
}

fn events(world: &World, kind: &str) -> Vec<Value> {
    let told = world.cs(&["audit", "list", "--kind", kind]);
    if told.status == 3 {
        // There is no store yet.
        return Vec::new();
    }
    told.json().as_array().unwrap().clone()
}

#[test]
fn a_process_stopped_across_a_windows_end_escalates_once_and_approves_nothing() {
    let world = World::new();
    let file = world.dir.path().join("window.yaml");
    fs::write(&file, WORKFLOW).unwrap();
    let input = world.dir.path().join("asked.json");
    fs::write(&input, r#"{"po_id":"ASKED"}"#).unwrap();
    // An executor first, so that nobody else is left to pass the window.
    let mut holder = executor(&world);
    let words = [file.to_str().unwrap(), input.to_str().unwrap()];
    world.cs(&["start", words[0], "--detach", "--input", words[1]]);
    wait_until("a person is asked", || {
        !events(&world, "packet_opened").is_empty()
    });
    signal(&holder, "-STOP");
    // Both windows end while it is stopped, were the second to begin with the end of the first.
    let slept = Command::new("sleep")
        .arg(LONGER_THAN_BOTH)
        .status()
        .unwrap();
    assert!(slept.success());
    let before = events(&world, "packet_escalated").len();
    signal(&holder, "-CONT");
    wait_until("it is escalated", || {
        !events(&world, "packet_escalated").is_empty()
    });
    wait_until("silence has rejected", || {
        !events(&world, "packet_closed").is_empty()
    });
    holder.kill().unwrap();
    holder.wait().unwrap();

    assert!(before <= 1, "{before}");
    let [escalated] = events(&world, "packet_escalated").try_into().unwrap();
    let [closed] = events(&world, "packet_closed").try_into().unwrap();
    assert_eq!(closed["body"]["status"], "expired", "{closed}");
    assert!(
        text(&closed["at"]) >= text(&escalated["body"]["due_at"]),
        "the second window is as long as the first: {escalated} {closed}"
    );
    assert!(events(&world, "vote_cast").is_empty());
    let asked: Vec<Value> = world
        .orders()
        .into_iter()
        .filter(|order| order["subject"] == "ASKED")
        .collect();
    assert_eq!(asked, Vec::<Value>::new());
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}
