//! Supervision: pause, override, resume.

use serde_json::json;

use crate::world::{World, text};

#[test]
fn an_amount_overridden_under_a_packet_opens_a_new_one() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    let held = [
        "runs",
        "override",
        &run,
        "--set",
        "amount=9000.00",
        "--reason",
        "typo",
    ];
    let told = world.cs(&held);
    assert_eq!(
        (told.status, told.code().as_str()),
        (4, "not_held"),
        "only a paused run is edited"
    );
    world.one(&["runs", "pause", &run, "--reason", "typo"]);
    let again = world.cs(&["runs", "pause", &run, "--reason", "typo"]);
    assert_eq!((again.status, again.code().as_str()), (4, "already_paused"));
    let bad = world.cs(&[
        "runs",
        "override",
        &run,
        "--set",
        "amount=-1",
        "--reason",
        "x",
    ]);
    assert_eq!((bad.status, bad.code().as_str()), (4, "invalid_edit"));
    let changed = world.one(&held);
    assert_eq!(changed["run"], run.as_str());
    assert!(changed["state_version"].as_u64().unwrap() > 1);
    let resumed = world.one(&["runs", "resume", &run, "--reason", "corrected"]);
    assert_eq!(resumed["status"], "waiting");
    let old = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(old.status, 4, "the old digest no longer binds");
    let open = world.one(&["packets", "list", "--status", "open"]);
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert_eq!(
        open[0]["amount"],
        json!({"minor": 900_000, "currency": "USD"})
    );
    let (packet, digest) = (text(&open[0]["packet"]), text(&open[0]["digest"]));
    assert_eq!(
        world
            .cs(&["packets", "approve", &packet, "--digest", &digest])
            .status,
        0
    );
    assert_eq!(world.orders()[0]["minor"], 900_000);
}

#[test]
fn nothing_is_sent_for_a_paused_run_that_was_approved() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-2");
    world.one(&["runs", "pause", &run, "--reason", "stop"]);
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!(world.orders().len(), 0, "{}{}", told.stdout, told.stderr);
    world.one(&["runs", "resume", &run, "--reason", "go on"]);
    if told.status != 0 {
        assert_eq!(
            world
                .cs(&["packets", "approve", &packet, "--digest", &digest])
                .status,
            0
        );
    }
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn a_run_that_ended_cannot_be_changed() {
    let world = World::new();
    let line = world.order("PO-3", "Alpha Tech Systems", 10.0);
    let run = text(&line["run"]);
    for args in [
        &["runs", "pause", &run, "--reason", "x"][..],
        &["runs", "resume", &run, "--reason", "x"],
        &[
            "runs", "override", &run, "--set", "amount=1", "--reason", "x",
        ],
    ] {
        let told = world.cs(args);
        assert_eq!(
            (told.status, told.code().as_str()),
            (4, "run_ended"),
            "{args:?}"
        );
    }
}

#[test]
fn a_reason_has_a_limit() {
    let world = World::new();
    let (run, _, _) = world.waiting("PO-4");
    let told = world.cs(&["runs", "pause", &run, "--reason", &"x".repeat(5_000)]);
    assert_eq!((told.status, told.code().as_str()), (4, "too_large"));
}

#[test]
fn only_a_run_that_goes_on_stands_at_a_step() {
    let world = World::new();
    let (waiting, _, _) = world.waiting("PO-5");
    let ended = text(&world.order("PO-6", "Alpha Tech Systems", 10.0)["run"]);
    let status = |run: &str| {
        let told = world.human(&["runs", "show", run]).output().unwrap();
        let page = String::from_utf8(told.stdout).unwrap();
        let line = page.lines().find(|line| line.starts_with("status"));
        line.unwrap().to_owned()
    };
    assert!(
        status(&waiting).starts_with("status    waiting at "),
        "{}",
        status(&waiting)
    );
    assert_eq!(status(&ended), "status    succeeded");
}
