//! Files and directories that are open to everybody, or closed to their owner: repaired or refused
//! with a sentence that says what, where and what to do, and nothing is lost.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::outside::command;
use crate::world::{BINARY, World};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A place that takes no changes. Dropping it opens the place again.
struct Closed {
    place: PathBuf,
    mode: u32,
    marked: bool,
}

impl Closed {
    /// None where this user's changes cannot be kept out: root on a file system without marks.
    fn at(place: &Path) -> Option<Self> {
        let mode = mode(place);
        set(place, mode & 0o555);
        let closed = Self {
            place: place.to_owned(),
            mode,
            marked: rustix::process::geteuid().is_root() && mark("+i", place),
        };
        let keeps_out = closed.marked || !rustix::process::geteuid().is_root();
        keeps_out.then_some(closed)
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        if self.marked {
            assert!(mark("-i", &self.place));
        }
        set(&self.place, self.mode);
    }
}

fn mark(how: &str, place: &Path) -> bool {
    let mut chattr = Command::new("chattr");
    let done = chattr.arg(how).arg(place).output();
    done.is_ok_and(|output| output.status.success())
}

/// A world whose store stands in a directory of its own, with one order that waits.
fn given() -> (World, PathBuf) {
    let world = World::new();
    let directory = world.dir.path().join("books");
    fs::create_dir(&directory).unwrap();
    set(&directory, 0o700);
    (world, directory.join("store.db"))
}

fn start(world: &World, store: &Path, po_id: &str) -> (i32, String) {
    let row = format!(r#"{{"po_id":"{po_id}","vendor":"Alpha Tech Systems","amount":7850}}"#);
    let input = world.dir.path().join("row.json");
    fs::write(&input, row).unwrap();
    let input = input.to_str().unwrap();
    let told = call(world, store, &["start", "purchase-order", "--input", input]);
    let stderr = String::from_utf8(told.stderr).unwrap();
    (told.status.code().unwrap(), stderr)
}

fn call(world: &World, store: &Path, args: &[&str]) -> Output {
    let mut command = command(world.dir.path());
    command.arg("--json").arg("--store").arg(store);
    command.arg("--config").arg(&world.sandbox.config);
    command.args(args).output().unwrap()
}

fn runs(world: &World, store: &Path) -> usize {
    let told = call(world, store, &["runs", "list"]);
    let listed: Value = serde_json::from_slice(&told.stdout).unwrap();
    listed.as_array().unwrap().len()
}

/// Refused with one sentence that names the place and the command that helps.
fn assert_told(world: &World, store: &Path, place: &Path) {
    let (status, stderr) = start(world, store, "REFUSED");
    assert_eq!(status, 1, "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(place.to_str().unwrap()), "{stderr}");
    let helps = ["run `chmod u+w ", "run `chattr -i -a "];
    assert!(helps.iter().any(|help| stderr.contains(help)), "{stderr}");
}

#[test]
fn a_store_file_that_its_owner_closed_is_named_and_left_closed() {
    let (world, store) = given();
    assert_eq!(start(&world, &store, "PO-1").0, 0);
    let before = fs::read(&store).unwrap();
    let Some(closed) = Closed::at(&store) else {
        eprintln!("skipped: needs a file that cannot be written to");
        return;
    };
    assert_told(&world, &store, &store);
    assert_eq!(mode(&store) & 0o200, 0, "it is not opened by this program");
    assert_eq!(fs::read(&store).unwrap(), before);
    drop(closed);
    assert_eq!(start(&world, &store, "PO-2").0, 0);
    assert_eq!(runs(&world, &store), 2);
}

#[test]
fn a_directory_that_takes_no_files_is_named() {
    let (world, store) = given();
    assert_eq!(start(&world, &store, "PO-1").0, 0);
    let directory = store.parent().unwrap().to_owned();
    let Some(closed) = Closed::at(&directory) else {
        eprintln!("skipped: needs a directory that cannot be written to");
        return;
    };
    assert_told(&world, &store, &directory);
    drop(closed);
    assert_eq!(start(&world, &store, "PO-2").0, 0);
    assert_eq!(runs(&world, &store), 2);
}

#[test]
fn under_any_umask_the_store_is_its_owners_alone() {
    let (world, _) = given();
    let input = world.dir.path().join("none.json");
    fs::write(&input, "[]").unwrap();
    let store = world.dir.path().join("open").join("store.db");
    let script = r#"umask 000; exec "$@""#;
    let made = Command::new("sh")
        .env("HOME", world.dir.path())
        .args(["-c", script, "sh", BINARY, "--store"])
        .arg(&store)
        .args(["start", "purchase-order", "--input"])
        .arg(&input)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert_eq!(mode(store.parent().unwrap()), 0o700);
    let files = fs::read_dir(store.parent().unwrap()).unwrap();
    let modes: Vec<u32> = files.map(|file| mode(&file.unwrap().path())).collect();
    assert!(modes.len() >= 2, "{modes:?}");
    assert!(modes.iter().all(|mode| *mode == 0o600), "{modes:?}");
}

#[test]
fn a_store_that_others_may_read_is_closed_to_them() {
    let (world, store) = given();
    assert_eq!(start(&world, &store, "PO-1").0, 0);
    set(&store, 0o666);
    assert_eq!(runs(&world, &store), 1);
    assert_eq!(mode(&store), 0o600);
}
