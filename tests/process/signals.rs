//! An interrupt ends work in order, and the next command goes on.

use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::world::{World, wait_until};

/// Sends SIGTERM.
pub(crate) fn terminate(child: &Child) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
}

#[test]
fn an_interrupted_start_ends_with_one_sentence_and_goes_on_later() {
    let world = World::new();
    world.fault("delay", 1, 1_500);
    let rows = world.dir.path().join("rows.csv");
    std::fs::write(&rows, "po_id,vendor,amount\nS-1,Alpha Tech Systems,10.00\n").unwrap();
    let args = [
        "start",
        "purchase-order",
        "--key",
        "po_id",
        "--input",
        rows.to_str().unwrap(),
    ];
    let mut command = world.command(&args);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the request is on its way", || intended(&world));
    terminate(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("countersign: SIGTERM came") && stderr.lines().count() == 1,
        "{stderr}"
    );
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("\"interrupted\"")
    );
    let again = world.cs(&args);
    assert_eq!(again.status, 0, "{}", again.stderr);
    assert_eq!(again.lines()[0]["status"], "succeeded");
    assert_eq!(world.orders().len(), 1);
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}

/// Tells whether the request is on its way: INTENT is durable.
fn intended(world: &World) -> bool {
    let told = world.cs(&["audit", "list", "--kind", "effect_intended"]);
    told.status == 0
        && told
            .json()
            .as_array()
            .is_some_and(|events| !events.is_empty())
}
