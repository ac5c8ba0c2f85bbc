//! What rules refuse: exit status 4, and nothing changes but the journal.

use crate::world::World;

#[test]
fn a_verdict_on_something_else_than_was_shown_is_refused() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-1");
    for verdict in ["approve", "reject", "return"] {
        let told = world.cs(&["packets", verdict, &packet, "--digest", &"0".repeat(64)]);
        assert_eq!(
            (told.status, told.code().as_str()),
            (4, "stale_digest"),
            "{verdict}"
        );
        assert!(
            told.stderr.contains("changed since you looked"),
            "{}",
            told.stderr
        );
    }
    assert_eq!(world.orders().len(), 0);
    assert_eq!(
        world.one(&["packets", "show", &packet])["digest"],
        digest.as_str()
    );
}

#[test]
fn the_second_verdict_is_told_who_won() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-2");
    let first = world.cs(&[
        "--as", "ANA", "packets", "approve", &packet, "--digest", &digest,
    ]);
    assert_eq!(first.status, 0, "{}", first.stderr);
    for verdict in ["approve", "reject"] {
        let told = world.cs(&[
            "--as", "BOB", "packets", verdict, &packet, "--digest", &digest,
        ]);
        assert_eq!((told.status, told.code().as_str()), (4, "already_decided"));
        assert!(told.stderr.contains("by ANA at 20"), "{}", told.stderr);
    }
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn two_verdicts_at_once_have_one_winner() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-3");
    let race = ["approve", "reject", "approve", "reject"].map(|verdict| {
        let mut command = world.command(&["packets", verdict, &packet, "--digest", &digest]);
        command
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    });
    let mut statuses = race.map(|mut child| child.wait().unwrap().code());
    statuses.sort_unstable();
    assert_eq!(statuses, [Some(0), Some(4), Some(4), Some(4)]);
    let decided = world.one(&["packets", "show", &packet]);
    let orders = world.orders().len();
    assert_eq!(
        orders,
        usize::from(decided["status"] == "approved"),
        "{decided}"
    );
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}

#[test]
fn resume_is_no_approval() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-4");
    let told = world.cs(&["runs", "resume", &run, "--reason", "go on"]);
    assert_eq!((told.status, told.code().as_str()), (4, "not_paused"));
    let paused = world.one(&["runs", "pause", &run, "--reason", "wait"]);
    assert_eq!(paused["status"], "paused");
    let resumed = world.one(&["runs", "resume", &run, "--reason", "go on"]);
    assert_eq!(resumed["status"], "waiting", "it waits again");
    assert_eq!(world.orders().len(), 0);
    assert_eq!(
        world
            .cs(&["packets", "approve", &packet, "--digest", &digest])
            .status,
        0
    );
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn a_refusal_stands_in_the_journal() {
    let world = World::new();
    let (run, packet, _) = world.waiting("PO-5");
    let told = world.cs(&[
        "--as",
        "EVE",
        "packets",
        "approve",
        &packet,
        "--digest",
        &"0".repeat(64),
    ]);
    assert_eq!(told.status, 4);
    let events = world.one(&["audit", "list", "--run", &run, "--actor", "EVE"]);
    assert_eq!(events[0]["kind"], "command_refused", "{events}");
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}
