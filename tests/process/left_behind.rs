//! What a killed process left under way: who carries it on, and what is said of it meanwhile.

use std::fs;
use std::process::Stdio;

use crate::world::{World, text, wait_until};

/// The advice wherever nobody drives a run that goes on by itself.
const WORK_OFF: &str = "echo '[]' | countersign start purchase-order --input -";

/// An order that the ERP committed, and whose process died before it heard so; answers the run.
fn killed(world: &World, po_id: &str) -> String {
    world.fault("delay", 1, 8_000);
    let row = world.dir.path().join(format!("{po_id}.json"));
    let order = serde_json::json!({"po_id": po_id, "vendor": "Alpha Tech Systems", "amount": 10});
    fs::write(&row, order.to_string()).unwrap();
    let args = ["start", "purchase-order", "--input", row.to_str().unwrap()];
    let mut child = world
        .command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the ERP has the order", || {
        // A look that takes the time of a process.
        drop(world.cs(&["completions", "bash"]));
        !world.orders().is_empty()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let runs = world.one(&["runs", "list"]);
    assert_eq!(runs[0]["status"], "running", "{runs}");
    text(&runs[0]["run"])
}

fn key(world: &World) -> String {
    let effects = world.one(&["effects", "list"]);
    text(&effects[0]["idempotency_key"])
}

fn no_rows(world: &World) -> crate::world::Told {
    world.fed(&["start", "purchase-order", "--input", "-"], b"[]")
}

#[test]
fn a_start_without_rows_works_off_what_is_under_way_through_every_retry() {
    let world = World::new();
    let run = killed(&world, "PO-1");
    world.fault("status_503", 2, 0);
    world.fault_on("erp", "find_order", "status_503", 2);
    let told = no_rows(&world);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert!(
        told.stderr.contains("1 run is under way"),
        "{}",
        told.stderr
    );
    assert_eq!(told.summary()["unfinished"], 0);
    assert_eq!(told.summary()["started"], 0);
    let shown = world.one(&["runs", "show", &run]);
    assert_eq!(shown["status"], "succeeded", "{shown}");
    assert_eq!(shown["effects"][0]["state"], "confirmed");
    assert_eq!(world.orders().len(), 1);
    let again = no_rows(&world);
    assert!(!again.stderr.contains("under way"), "{}", again.stderr);
}

#[test]
fn who_asks_about_an_effect_that_goes_on_by_itself_is_told_what_carries_it_on() {
    let world = World::new();
    let run = killed(&world, "PO-2");
    let key = key(&world);
    let calls: [&[&str]; 3] = [
        &["effects", "probe", &key],
        &[
            "effects",
            "resolve",
            &key,
            "--outcome",
            "happened",
            "--reason",
            "seen",
        ],
        &["runs", "resume", &run, "--reason", "go on"],
    ];
    for call in calls {
        let told = world.cs(call);
        assert_eq!(told.status, 4, "{}", told.stderr);
        assert!(told.stderr.contains(WORK_OFF), "{}", told.stderr);
        let hint = text(&told.json()["error"]["hint"]);
        assert!(hint.contains(WORK_OFF), "{hint}");
    }
    let doctor = world.cs(&["doctor"]);
    assert!(doctor.stdout.contains(WORK_OFF), "{}", doctor.stdout);
    assert_eq!(no_rows(&world).status, 0);
    assert_eq!(world.one(&["effects", "show", &key])["state"], "confirmed");
}

#[test]
fn a_start_of_other_rows_says_what_it_leaves_and_what_works_it_off() {
    let world = World::new();
    let run = killed(&world, "PO-3");
    world.fault("status_503", 1, 0);
    world.fault_on("erp", "find_order", "status_503", 1);
    let row = br#"{"po_id":"PO-4","vendor":"Alpha Tech Systems","amount":7850}"#;
    let told = world.fed(&["start", "purchase-order", "--input", "-"], row);
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert_eq!(told.summary()["waiting"], 1);
    assert!(told.stderr.contains(WORK_OFF), "{}", told.stderr);
    assert_eq!(world.one(&["runs", "show", &run])["status"], "running");
    assert_eq!(no_rows(&world).status, 0);
    assert_eq!(world.one(&["runs", "show", &run])["status"], "succeeded");
}

#[test]
fn a_resumed_run_tells_its_effects_as_they_are_once_it_was_driven() {
    let world = World::new();
    let run = killed(&world, "PO-5");
    let paused = world.one(&["runs", "pause", &run, "--reason", "look at it"]);
    assert_eq!(paused["effects"][0]["fate"], "unknown", "{paused}");
    let resumed = world.one(&["runs", "resume", &run, "--reason", "go on"]);
    assert_eq!(resumed["status"], "succeeded", "{resumed}");
    assert_eq!(resumed["effects"][0]["fate"], "confirmed", "{resumed}");
    assert_eq!(resumed["effects"][0]["state"], "confirmed");
}
