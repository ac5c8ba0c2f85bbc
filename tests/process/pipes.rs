//! Readers that go away, outputs that are full, progress that nobody watches.

use std::fs::{self, OpenOptions};
use std::process::Stdio;

use crate::world::{ORDERS, World};

/// The first orders of the shipped file.
fn some_orders(world: &World, count: usize) -> String {
    let orders = fs::read_to_string(ORDERS).unwrap();
    let first: Vec<&str> = orders.lines().take(count + 1).collect();
    let path = world.dir.path().join("some.csv");
    fs::write(&path, first.join("\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_work() {
    let world = World::new();
    let orders = some_orders(&world, 40);
    let mut command = world.command(&[
        "start",
        "purchase-order",
        "--input",
        &orders,
        "--key",
        "po_number",
    ]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(world.one(&["runs", "list"]).as_array().unwrap().len(), 40);
}

#[test]
fn an_output_that_cannot_be_written_is_a_failure() {
    let world = World::new();
    world.waiting("PO-1");
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = world.command(&["packets", "list"]);
    let output = command
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("standard output")
    );
}

#[test]
fn without_a_terminal_nothing_but_errors_goes_to_stderr() {
    let world = World::new();
    let orders = some_orders(&world, 5);
    let told = world.cs(&["start", "purchase-order", "--input", &orders]);
    assert_eq!((told.status, told.stderr.as_str()), (0, ""));
    let human = world
        .human(&["start", "purchase-order", "--input", &orders])
        .output()
        .unwrap();
    assert_eq!(human.status.code(), Some(0));
    assert!(human.stderr.is_empty());
    assert!(
        String::from_utf8(human.stdout)
            .unwrap()
            .contains("5 started")
    );
}
