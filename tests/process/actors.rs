//! Who may act under which name.

use std::fs;

use crate::world::World;

/// The sandbox's configuration with a list of actors.
fn with_actors(world: &World, os_user: &str, roles: &str) {
    let config = fs::read_to_string(&world.sandbox.config).unwrap();
    let config = format!(
        "{config}\n[[actors]]\nname = \"MGR_JANE_DOE\"\nos_user = \"{os_user}\"\nroles = [{roles}]\n"
    );
    fs::write(&world.sandbox.config, config).unwrap();
}

fn me() -> String {
    format!("uid:{}", rustix::process::getuid().as_raw())
}

#[test]
fn without_a_list_any_name_is_recorded_as_claimed() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    world.one(&[
        "--as", "ANYBODY", "packets", "approve", &packet, "--digest", &digest,
    ]);
    let events = world.one(&["audit", "list", "--run", &run, "--actor", "ANYBODY"]);
    let authority = &events[0]["body"]["authority"];
    assert_eq!(authority["claimed"], true, "{events}");
    assert!(authority["os_user"].is_string(), "{events}");
}

#[test]
fn a_name_that_misleads_or_is_the_programs_own_is_a_usage_error() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-6");
    let approve = ["packets", "approve", packet.as_str(), "--digest", &digest];
    let refused = || {
        for (name, code) in [
            ("SYSTEM", "reserved_actor_name"),
            ("SYSTEM_AUTO_APPROVE", "reserved_actor_name"),
            ("MGR\u{202e}EOD", "bad_actor_name"),
            ("MGR\u{200b}", "bad_actor_name"),
            (" MGR", "bad_actor_name"),
        ] {
            for command in [&approve[..], &["runs", "list"]] {
                let told = world.cs(&[&["--as", name], command].concat());
                assert_eq!((told.status, told.code().as_str()), (2, code), "{name:?}");
                let plain = !told.stderr.contains(['\u{202e}', '\u{200b}']);
                assert!(plain && told.stderr.contains("--as"), "{}", told.stderr);
            }
        }
    };
    refused();
    with_actors(&world, &me(), "\"finance-reviewer\"");
    refused();
    assert_eq!(world.orders().len(), 0);
    let config = fs::read_to_string(&world.sandbox.config).unwrap();
    let config = config.replace("MGR_JANE_DOE", "SYSTEM_AUTO_APPROVE");
    fs::write(&world.sandbox.config, config).unwrap();
    let told = world.cs(&["runs", "list"]);
    assert_eq!((told.status, told.code().as_str()), (2, "config_invalid"));
    assert!(
        told.stderr.contains("SYSTEM_AUTO_APPROVE"),
        "{}",
        told.stderr
    );
}

#[test]
fn with_a_list_only_mapped_names_act() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-2");
    with_actors(&world, &me(), "\"finance-reviewer\"");
    let approve = ["packets", "approve", packet.as_str(), "--digest", &digest];
    let refused = world.cs(&[&["--as", "SOMEBODY_ELSE"], &approve[..]].concat());
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (4, "actor_not_mapped")
    );
    let reading = world.cs(&["--as", "SOMEBODY_ELSE", "runs", "list"]);
    assert_eq!(
        reading.status, 4,
        "a name that is not the caller's is refused for reading too"
    );
    let verdict = world.one(&approve);
    assert_eq!(
        verdict["by"], "MGR_JANE_DOE",
        "the caller's own name is the default"
    );
    let events = world.one(&["audit", "list", "--run", &run, "--actor", "MGR_JANE_DOE"]);
    assert_ne!(events[0]["body"]["authority"]["claimed"], true);
}

#[test]
fn a_caller_who_is_nobody_reads_and_cannot_act() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-3");
    with_actors(&world, "uid:4294967294", "\"finance-reviewer\"");
    assert_eq!(world.cs(&["packets", "show", &packet]).status, 0);
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!((told.status, told.code().as_str()), (4, "actor_not_mapped"));
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn a_verdict_needs_the_role() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-4");
    with_actors(&world, &me(), "\"clerk\"");
    let told = world.cs(&["packets", "approve", &packet, "--digest", &digest]);
    assert_eq!((told.status, told.code().as_str()), (4, "not_permitted"));
    assert!(told.stderr.contains("finance-reviewer"), "{}", told.stderr);
    assert_eq!(world.orders().len(), 0);
}

#[test]
fn the_environment_does_not_say_who_calls() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-5");
    with_actors(&world, "jane", "\"finance-reviewer\"");
    let mut command = world.command(&["packets", "approve", &packet, "--digest", &digest]);
    let output = command
        .env("USER", "jane")
        .env("LOGNAME", "jane")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
}
