//! A store that was put back from an older copy, cut off, or moved from another machine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags};

use crate::verdicts::wait_for_intent;
use crate::world::{Told, World, text};

/// Changes the file behind the program's back.
fn shell(world: &World, sql: &str) {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = Connection::open_with_flags(world.store(), flags).unwrap();
    conn.execute_batch(sql).unwrap();
    assert!(conn.changes() > 0, "{sql}");
}

fn start(world: &World, po_id: &str) -> Told {
    let row = format!(r#"{{"po_id":"{po_id}","vendor":"Alpha Tech Systems","amount":1}}"#);
    world.fed(&["start", "purchase-order", "--input", "-"], row.as_bytes())
}

/// Puts a copy back in the store's place, without the log of the one that was there.
fn put_back(world: &World, copy: &std::path::Path) {
    fs::copy(copy, world.store()).unwrap();
    for end in ["-wal", "-shm"] {
        let beside = format!("{}{end}", world.store().display());
        if let Err(error) = fs::remove_file(beside) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
    }
}

fn heads(world: &World) -> PathBuf {
    world.dir.path().join(".local/state/countersign/heads")
}

#[test]
fn an_older_copy_is_read_but_not_written_until_a_person_takes_it() {
    let world = World::new();
    let (run, packet, digest) = world.waiting("PO-1");
    let (store, copy) = (world.store(), world.dir.path().join("copy.db"));
    fs::copy(&store, &copy).unwrap();
    let (_, second, second_digest) = world.waiting("PO-2");
    let newer = world.dir.path().join("newer.db");
    fs::copy(&store, &newer).unwrap();
    put_back(&world, &copy);

    let approve = ["packets", "approve", &packet, "--digest", &digest];
    let pause = ["runs", "pause", &run, "--reason", "look"];
    for args in [&approve[..], &pause[..]] {
        let told = world.cs(args);
        assert_eq!(
            (told.status, told.code()),
            (5, "older_copy".to_owned()),
            "{args:?}"
        );
        assert!(told.stderr.contains("audit accept"), "{}", told.stderr);
    }
    assert_eq!(start(&world, "PO-3").code(), "older_copy");
    assert_eq!(world.one(&["runs", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(
        world.cs(&["audit", "verify"]).status,
        0,
        "by itself it is whole"
    );
    let doctor = world.cs(&["doctor"]);
    assert!(doctor.stdout.contains("older copy"), "{}", doctor.stdout);
    assert!(world.orders().is_empty());

    let taken = world.one(&["audit", "accept", "--reason", "the disk died"]);
    assert_eq!(taken["accepted"], "older_copy");
    let again = world.cs(&["audit", "accept", "--reason", "twice"]);
    assert_eq!(
        (again.status, again.code()),
        (4, "nothing_to_accept".to_owned())
    );
    let events = world.one(&["audit", "list", "--kind", "store_accepted"]);
    assert_eq!(events[0]["body"]["reason"], "the disk died");
    assert_eq!(world.cs(&approve).status, 0);
    assert_eq!(world.orders().len(), 1);
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);

    // The newer file went on apart from the one that was taken.
    put_back(&world, &newer);
    let told = world.cs(&["packets", "approve", &second, "--digest", &second_digest]);
    assert_eq!(told.status, 5, "{}", told.stderr);
    assert!(["other_history", "older_copy"].contains(&told.code().as_str()));
}

#[test]
fn a_tail_that_was_cut_off_is_missed() {
    let world = World::new();
    let (run, ..) = world.waiting("PO-1");
    let size = world.one(&["audit", "head"])["size"].as_u64().unwrap();
    let pause = ["runs", "pause", &run, "--reason", "look"];
    assert_eq!(world.cs(&pause).status, 0);
    shell(
        &world,
        &format!("DROP TRIGGER events_never_go; DELETE FROM events WHERE seq > {size}"),
    );
    let resume = ["runs", "resume", &run, "--reason", "go"];
    assert_eq!(world.cs(&resume).code(), "older_copy");
    // Nobody takes a store that does not verify.
    let accept = world.cs(&["audit", "accept", "--reason", "so be it"]);
    assert_eq!((accept.status, accept.code()), (5, "integrity".to_owned()));
}

#[test]
fn a_lease_of_another_host_is_not_taken_silently() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-1");
    shell(&world, "UPDATE lease SET pid = 4711, host = 'elsewhere'");
    // This user's processes know the file: the machine has another name now.
    assert_eq!(start(&world, "PO-2").status, 0);

    shell(&world, "UPDATE lease SET pid = 4711, host = 'elsewhere'");
    fs::remove_dir_all(heads(&world)).unwrap();
    let approve = ["packets", "approve", &packet, "--digest", &digest];
    for told in [start(&world, "PO-3"), world.cs(&approve)] {
        assert_eq!(
            (told.status, told.code()),
            (6, "executor_elsewhere".to_owned())
        );
        assert!(
            told.stderr.contains("4711 on host elsewhere"),
            "{}",
            told.stderr
        );
    }
    let taken = world.one(&["audit", "accept", "--reason", "that machine is gone"]);
    assert_eq!(taken["accepted"], "executor_elsewhere");
    assert_eq!(world.cs(&approve).status, 0);
    let subjects: Vec<_> = world
        .orders()
        .iter()
        .map(|order| text(&order["subject"]))
        .collect();
    assert_eq!(subjects, ["PO-2", "PO-1"]);
}

#[test]
fn the_head_is_kept_for_its_owner_alone_and_anew_where_it_was_damaged() {
    let world = World::new();
    world.waiting("PO-1");
    let kept = fs::read_dir(heads(&world)).unwrap();
    let paths = kept.map(|entry| entry.unwrap().path());
    // Beside it lies the lock of all copies.
    let (locks, mut heads_kept): (Vec<_>, Vec<_>) =
        paths.partition(|path| path.extension().is_some_and(|end| end == "lock"));
    assert_eq!((locks.len(), heads_kept.len()), (1, 1));
    let path = heads_kept.remove(0);
    // A head that cannot be read is none; the next process keeps a new one.
    fs::write(&path, "{").unwrap();
    assert_eq!(start(&world, "PO-2").status, 0);
    let head: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(head["seq"], world.one(&["audit", "head"])["size"]);
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&heads(&world))), (0o600, 0o700));
}

#[test]
fn two_copies_of_one_store_are_not_executed_for_at_once() {
    let world = World::new();
    let (_, packet, digest) = world.waiting("PO-1");
    let copy = world.dir.path().join("copy.db");
    fs::copy(world.store(), &copy).unwrap();
    world.fault("delay", 1, 3_000);
    let approve = ["packets", "approve", &packet, "--digest", &digest];
    let first = world.human(&approve).spawn().unwrap();
    wait_for_intent(&world, 1);
    let second = || {
        let mut command = crate::outside::command(world.dir.path());
        let command = command.arg("--json").arg("--store").arg(&copy);
        let config = command.arg("--config").arg(&world.sandbox.config);
        let output = config.args(approve).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), stdout)
    };
    let (status, told) = second();
    // Once the head of the first was kept, the copy is known to be older before that is asked.
    let executes = status == 6 && told.contains("copy_executes");
    let older = status == 5 && told.contains("older_copy");
    assert!(executes || older, "{told}");
    assert!(first.wait_with_output().unwrap().status.success());
    // The one that was sent for is the newer one from here on.
    let (status, told) = second();
    assert_eq!(status, 5, "{told}");
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn after_an_older_copy_was_taken_a_target_without_keys_is_asked_before_it_is_sent_to() {
    let world = World::new();
    let fields: serde_json::Map<_, _> = (0..25).map(|n| (format!("f{n}"), n.into())).collect();
    let row = serde_json::json!({ "deal_id": "d1", "fields": fields });
    let started = world.fed(
        &["start", "crm-update", "--input", "-"],
        row.to_string().as_bytes(),
    );
    let packet = text(&started.lines()[0]["packet"]);
    let copy = world.dir.path().join("copy.db");
    fs::copy(world.store(), &copy).unwrap();
    let approve = || {
        let digest = text(&world.one(&["packets", "show", &packet])["digest"]);
        world.one(&["packets", "approve", &packet, "--digest", &digest])
    };
    assert_eq!(approve()["run_status"], "succeeded");
    put_back(&world, &copy);
    world.one(&["audit", "accept", "--reason", "the disk died"]);
    assert_eq!(approve()["run_status"], "succeeded");
    let asked = world.one(&["audit", "list", "--kind", "probe_answered"]);
    assert_eq!(asked.as_array().unwrap().len(), 1, "it was found, not sent");
    assert_eq!(world.updates().len(), 1);
}

#[test]
fn a_head_that_cannot_be_read_is_warned_of_by_name_and_never_silently() {
    let world = World::new();
    world.waiting("PO-1");
    let kept = fs::read_dir(heads(&world)).unwrap();
    let mut kept = kept.map(|entry| entry.unwrap().path());
    let head = kept
        .find(|path| path.extension().is_some_and(|word| word == "json"))
        .unwrap();
    let spoilt: [(&dyn Fn(), &str); 3] = [
        (&|| fs::write(&head, "garbage").unwrap(), "holds no head"),
        (&|| fs::write(&head, "").unwrap(), "is empty"),
        (
            &|| {
                fs::remove_file(&head).unwrap();
                fs::create_dir(&head).unwrap();
            },
            "no regular file",
        ),
    ];
    for (spoil, why) in spoilt {
        spoil();
        let doctor = world.one(&["doctor"]);
        let found = doctor.as_array().unwrap().iter();
        let found = found.clone().find(|line| line["check"] == "head").unwrap();
        assert_eq!(found["level"], "warning", "{found}");
        assert!(text(&found["detail"]).contains(why), "{found}");
        let list = world.cs(&["runs", "list"]);
        assert!(!list.stderr.contains("warning"), "a reader changes nothing");
        let told = start(&world, why);
        assert_eq!(told.status, 0, "{}", told.stderr);
        assert!(told.stderr.contains(why), "{}", told.stderr);
    }
}

#[test]
fn a_state_home_that_is_no_directory_is_warned_of() {
    let world = World::new();
    world.waiting("PO-1");
    let state = world.dir.path().join(".local/state");
    fs::remove_dir_all(&state).unwrap();
    fs::write(&state, "a plain file").unwrap();
    let doctor = world.cs(&["doctor"]);
    assert!(doctor.stdout.contains("older copy"), "{}", doctor.stdout);
    assert!(doctor.stdout.contains(".local/state"), "{}", doctor.stdout);
    let told = start(&world, "PO-2");
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert!(
        told.stderr.contains("warning: an older copy"),
        "{}",
        told.stderr
    );
}
