//! kill -9 in the middle of all shipped orders, again and again.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::world::{ORDERS, World, text};

/// Counted independently of this program: of 3,771 orders 8 have no amount above zero, and 526
/// are below 5,000.00 from a vendor with ten or more orders.
const ALONE: usize = 526;
const WAITING: usize = 3_237;
const INVALID: usize = 8;

/// Outcomes printed before each kill; the first comes before anything is known to be done.
const KILL_AFTER_LINES: [usize; 8] = [0, 1, 130, 500, 501, 1_200, 2_000, 3_000];

#[test]
fn nothing_is_lost_and_nothing_is_done_twice() {
    let world = World::new();
    let args = [
        "start",
        "purchase-order",
        "--input",
        ORDERS,
        "--key",
        "po_number",
    ];
    let mut killed = 0;
    for lines in KILL_AFTER_LINES {
        let mut command = world.command(&args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let seen = stdout.lines().take(lines).count();
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        assert_eq!(seen, lines, "it ended before it could be killed");
    }
    assert!(
        killed >= KILL_AFTER_LINES.len() - 1,
        "only {killed} were killed at work"
    );
    let last = world.cs(&args);
    assert_eq!(last.status, 2, "there are invalid rows: {}", last.stderr);
    assert_eq!(last.summary()["invalid"], INVALID);
    let orders = world.orders();
    let subjects: BTreeSet<String> = orders.iter().map(|order| text(&order["subject"])).collect();
    assert_eq!((orders.len(), subjects.len()), (ALONE, ALONE));
    let runs = world.one(&["runs", "list"]);
    let count = |status: &str| {
        runs.as_array()
            .unwrap()
            .iter()
            .filter(|run| run["status"] == status)
            .count()
    };
    assert_eq!((count("succeeded"), count("waiting")), (ALONE, WAITING));
    assert_eq!(runs.as_array().unwrap().len(), ALONE + WAITING);
    let again = world.cs(&args);
    assert_eq!(again.summary()["started"], 0);
    assert_eq!(again.summary()["duplicates"], ALONE + WAITING);
    assert_eq!(world.orders().len(), ALONE);
    assert_eq!(world.cs(&["audit", "verify"]).status, 0);
}
