//! kill -9 in the middle of commits: what was answered is there, and the chain is whole.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use countersign::store::Store;

use crate::given::{assert_whole, end, open, place, run_id, start};

/// Names the store to a test that runs as a child process.
const CHILD: &str = "COUNTERSIGN_TEST_STORE";
const KILLS: u64 = 20;

/// This test binary again, for one test alone.
pub(crate) fn child_of(test: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stderr(Stdio::null());
    command
}

/// The store's path where this process is such a child.
pub(crate) fn as_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// Says something to the parent at once.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

pub(crate) fn wait_for_line(child: &mut Child, wanted: &str) {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in lines {
        if line.unwrap().ends_with(wanted) {
            return;
        }
    }
    panic!("the child ended without saying `{wanted}`");
}

#[test]
fn acknowledged_commits_survive_kill_9() {
    let place = place();
    drop(open(&place.path));
    let mut answered_before = 0;
    for kill in 1..=KILLS {
        let mut child = child_of("kill::in_a_child_runs_are_started_and_ended", &place.path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // Kill after another number of answers each time, in the middle of what follows.
        let mut answered = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while answered < answered_before + 3 * kill {
            let line = lines.next().expect("the child ended by itself").unwrap();
            if let Some(n) = line.strip_prefix("answered ") {
                answered = n.parse().unwrap();
            }
        }
        child.kill().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(n) = line.strip_prefix("answered ")
                && let Ok(n) = n.parse()
            {
                answered = n;
            }
        }
        child.wait().unwrap();
        let store = open(&place.path);
        for n in 1..=answered {
            let state = store.load(run_id(n)).unwrap().expect("an answered run");
            assert_eq!(state.seq, 2, "run {n} after kill {kill}");
        }
        assert_whole(&store);
        answered_before = answered;
    }
    assert!(answered_before > 3 * KILLS);
}

/// Runs only as the child of the test above: goes on after the last run, eight at a time.
#[test]
fn in_a_child_runs_are_started_and_ended() {
    let Some(path) = as_child() else { return };
    let store = open(&path);
    let mut first = 1;
    while store
        .load(run_id(first))
        .unwrap()
        .is_some_and(|state| state.seq == 2)
    {
        first += 1;
    }
    // A killed group may have left runs started and not ended; they are finished first.
    loop {
        let group = first..first + 8;
        let commits = group.clone().flat_map(|n| {
            let begun = store.load(run_id(n)).unwrap().map(|state| state.seq);
            match begun {
                None => vec![start(n), end(n, 1)],
                Some(1) => vec![end(n, 1)],
                Some(_) => Vec::new(),
            }
        });
        for ack in store.commit(commits.collect()) {
            ack.blocking_recv().unwrap().unwrap();
        }
        first = group.end;
        say(&format!("answered {}", first - 1));
    }
}
