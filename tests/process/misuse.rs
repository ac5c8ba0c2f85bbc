//! Wrong command lines and wrong files: exit status 2 or 3, one sentence, the same document.

use std::fs;

use crate::world::{World, bare};

#[test]
fn a_command_line_that_cannot_be_parsed_is_a_usage_error() {
    for args in [
        &["--json", "nonsense"][..],
        &["--json", "packets", "aprove", "x"],
        &[
            "--json",
            "packets",
            "approve",
            "01900000-0000-7000-8000-000000000000",
        ],
        &[
            "--json",
            "packets",
            "approve",
            "not-an-id",
            "--digest",
            "abcdef012345",
        ],
        &["--json", "packets", "show"],
        &["--json", "runs", "list", "--status", "sleeping"],
        &["--json", "runs", "list", "--limit", "0"],
        &[
            "--json",
            "runs",
            "pause",
            "01900000-0000-7000-8000-000000000000",
        ],
        &["--json", "audit", "list", "--since", "yesterday"],
        &["--json", "start", "purchase-order"],
        &["--json", "sandbox", "--listen", "nowhere"],
        &["--json", "completions", "tcsh"],
    ] {
        let told = bare(args);
        assert_eq!(
            (told.status, told.code().as_str()),
            (2, "usage"),
            "{args:?}"
        );
        assert_eq!(told.stderr.lines().count(), 1, "{args:?}: {}", told.stderr);
        let without: Vec<&str> = args[1..].to_vec();
        let told = bare(&without);
        assert_eq!((told.status, told.stdout.as_str()), (2, ""), "{without:?}");
    }
}

#[test]
fn a_digest_too_short_to_bind_is_a_usage_error() {
    let id = "01900000-0000-7000-8000-000000000000";
    for digest in ["", "abcdef01234", "abcdef01234g", &"0".repeat(65)] {
        let told = bare(&["--json", "packets", "approve", id, "--digest", digest]);
        assert_eq!(
            (told.status, told.code().as_str()),
            (2, "usage"),
            "{digest}"
        );
    }
}

#[test]
fn an_edit_that_could_mean_two_things_is_a_usage_error() {
    let id = "01900000-0000-7000-8000-000000000000";
    let amend = |sets: &[&str]| {
        let head = ["--json", "packets", "amend", id, "--digest", "abcdef012345"];
        let sets = sets.iter().flat_map(|set| ["--set", *set]);
        let args = head.into_iter().chain(["--reason", "r"]).chain(sets);
        let told = bare(&args.collect::<Vec<_>>());
        (told.status, told.code())
    };
    for (sets, code) in [
        (&["amount=1", "amount=2"][..], "set_twice"),
        (&["address={\"a\":1,\"a\":2}"], "usage"),
        (&["amount=4999.99999999999999999"], "usage"),
    ] {
        assert_eq!(amend(sets), (2, code.to_owned()), "{sets:?}");
    }
    assert_eq!(amend(&["amount=1"]), (3, "no_store".to_owned()));
    for set in ["amount=1", "address={\"a\":1,\"a\":2}"] {
        let args = ["--json", "runs", "override", id, "--reason", "r"];
        let told = bare(&[&args[..], &["--set", set, "--set", set]].concat());
        assert_eq!((told.status, told.code().as_str()), (2, "usage"), "{set}");
    }
}

#[test]
fn without_a_terminal_the_console_says_so() {
    for args in [&["--json"][..], &["--json", "demo"]] {
        let told = bare(args);
        assert_eq!(
            (told.status, told.code().as_str()),
            (2, "no_terminal"),
            "{args:?}"
        );
    }
}

#[test]
fn help_version_completions_and_man_go_to_stdout() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["help", "packets", "approve"],
        &["start", "--help"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["man"],
        &["man", "packets", "approve"],
    ] {
        let told = bare(args);
        assert_eq!((told.status, told.stderr.as_str()), (0, ""), "{args:?}");
        assert!(told.stdout.len() > 10, "{args:?}");
    }
    assert_eq!(bare(&["man", "packets", "aprove"]).status, 3);
}

#[test]
fn what_is_not_there_is_not_found() {
    let told = bare(&["--json", "runs", "list"]);
    assert_eq!((told.status, told.code().as_str()), (3, "no_store"));
    let world = World::new();
    world.waiting("PO-1");
    let nobody = "01900000-0000-7000-8000-000000000000";
    let key = "0".repeat(64);
    for (args, code) in [
        (&["runs", "show", nobody][..], "no_such_run"),
        (&["runs", "pause", nobody, "--reason", "x"], "no_such_run"),
        (&["packets", "show", nobody], "no_such_packet"),
        (&["runs", "list", "--after", nobody], "no_such_row"),
        (&["packets", "list", "--after", nobody], "no_such_row"),
        (
            &["packets", "list", "--status", "open", "--after", nobody],
            "no_such_row",
        ),
        (
            &["packets", "approve", nobody, "--digest", &key],
            "no_such_packet",
        ),
        (&["effects", "show", &key], "no_such_effect"),
        (&["workflow", "show", "nonsense"], "no_such_workflow"),
        (
            &[
                "start",
                "nonsense",
                "--input",
                "assets/data/purchase_orders.csv",
            ],
            "no_such_workflow",
        ),
        (
            &["start", "purchase-order", "--input", "no-such-file.csv"],
            "no_such_file",
        ),
        (&["workflow", "check", "no-such-file.yaml"], "no_such_file"),
        (
            &["audit", "verify", "--head", "no-such-file"],
            "no_such_file",
        ),
    ] {
        let told = world.cs(args);
        assert_eq!(
            (told.status, told.code().as_str()),
            (3, code),
            "{args:?}: {}",
            told.stderr
        );
    }
}

#[test]
fn a_wrong_configuration_is_told_with_line_and_column() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wrong.toml");
    fs::write(&path, "[connectors.erp]\nbase_ulr = \"http://127.0.0.1\"\n").unwrap();
    let path = path.to_str().unwrap();
    let told = bare(&[
        "--json", "--config", path, "--store", "x.db", "runs", "list",
    ]);
    assert_eq!((told.status, told.code().as_str()), (2, "config_invalid"));
    assert!(told.stderr.contains("wrong.toml:2:1: "), "{}", told.stderr);
    let told = bare(&["--json", "--config", "no-such.toml", "runs", "list"]);
    assert_eq!(
        (told.status, told.code().as_str()),
        (2, "config_unreadable")
    );
}

#[test]
fn a_limit_in_the_environment_beats_the_file_and_is_checked() {
    let world = World::new();
    for (value, status) in [("8", 0), ("0", 2), ("many", 2)] {
        let mut command = world.command(&["doctor"]);
        command.env("COUNTERSIGN_RUNS_DRIVEN", value);
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let failed = i32::from(status != 0);
        assert_eq!(
            output.status.code(),
            Some(failed),
            "doctor tells it: {stderr}"
        );
        let rows = world.dir.path().join("none.json");
        fs::write(&rows, "[]").unwrap();
        let rows = rows.to_str().unwrap();
        let mut command = world.command(&["start", "purchase-order", "--input", rows]);
        let output = command
            .env("COUNTERSIGN_RUNS_DRIVEN", value)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{value}");
    }
}

#[test]
fn a_file_that_is_no_store_is_an_integrity_failure() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    fs::write(&path, "these are notes, thousands of them\n".repeat(1_000)).unwrap();
    for path in [path.to_str().unwrap(), dir.path().to_str().unwrap()] {
        for command in [
            &["runs", "list"][..],
            &["audit", "verify"],
            &["packets", "list"],
        ] {
            let args = [&["--json", "--store", path], command].concat();
            let told = bare(&args);
            assert_eq!(told.status, 5, "{args:?}: {}", told.stderr);
        }
    }
    let untouched = fs::read_to_string(&path).unwrap();
    assert!(untouched.starts_with("these are notes"));
}

#[test]
fn on_a_new_account_the_default_store_is_made() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(crate::world::BINARY);
        command.env_clear().env("HOME", home.path()).args(args);
        command.output().unwrap().status.code()
    };
    assert_eq!(run(&["runs", "list"]), Some(3));
    let rows = home.path().join("none.json");
    fs::write(&rows, "[]").unwrap();
    let rows = rows.to_str().unwrap();
    assert_eq!(run(&["start", "purchase-order", "--input", rows]), Some(0));
    assert_eq!(run(&["runs", "list"]), Some(0));
    let store = home.path().join(".local/share/countersign/store.db");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(store).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
}
