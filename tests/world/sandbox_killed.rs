//! What was answered outlives the sandbox, however it ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::sandbox::{Sandbox, SandboxOptions};
use tempfile::TempDir;

use crate::raw::{Client, ledger, order};

const CLIENTS: usize = 8;
/// Orders that are answered before the end comes, in the middle of others.
const BEFORE_THE_END: usize = 200;
/// Where the child keeps its sandbox.
const DIR: &str = "COUNTERSIGN_TEST_SANDBOX_DIR";

#[test]
fn a_dropped_sandbox_has_kept_every_answered_order() {
    let dir = TempDir::new().unwrap();
    let sandbox = Sandbox::start(&SandboxOptions::new(dir.path())).unwrap();
    let url = sandbox.url().to_owned();
    let acknowledged = order_until_the_end(&url, || drop(sandbox));
    assert_kept(dir.path(), &acknowledged);
}

#[test]
fn a_killed_sandbox_has_kept_every_answered_order() {
    let dir = TempDir::new().unwrap();
    let mut child = Killed(
        Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "sandbox_killed::run_until_killed"])
            .env(DIR, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let url = loop {
        // The configuration is written in one step, once the port is known.
        if let Ok(text) = std::fs::read_to_string(dir.path().join("countersign.toml")) {
            let table: toml::Table = text.parse().unwrap();
            break table["connectors"]["erp"]["base_url"]
                .as_str()
                .unwrap()
                .to_owned();
        }
        assert_eq!(
            child.0.try_wait().unwrap(),
            None,
            "the child ended by itself"
        );
        std::thread::yield_now();
    };
    // On Unix this is SIGKILL.
    let acknowledged = order_until_the_end(&url, || child.0.kill().unwrap());
    child.0.wait().unwrap();
    assert_kept(dir.path(), &acknowledged);
}

#[test]
#[ignore = "the child process of the test above"]
fn run_until_killed() {
    let dir = std::env::var(DIR).unwrap();
    let _sandbox = Sandbox::start(&SandboxOptions::new(dir)).unwrap();
    loop {
        std::thread::park();
    }
}

/// A child that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Sends orders from many clients, ends the sandbox in their midst, and tells which orders were
/// answered as performed.
fn order_until_the_end(url: &str, end: impl FnOnce()) -> Vec<String> {
    let answered = AtomicUsize::new(0);
    let acknowledged: Vec<String> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let answered = &answered;
                scope.spawn(move || order_on(url, client, answered))
            })
            .collect();
        while answered.load(Ordering::Relaxed) < BEFORE_THE_END {
            std::thread::yield_now();
        }
        end();
        clients
            .into_iter()
            .flat_map(|client| client.join().unwrap())
            .collect()
    });
    assert!(acknowledged.len() >= BEFORE_THE_END);
    acknowledged
}

fn order_on(url: &str, client: usize, answered: &AtomicUsize) -> Vec<String> {
    let mut connection = Client::to(url);
    let mut performed = Vec::new();
    for number in 0.. {
        let po_id = format!("PO-{client}-{number}");
        match connection.send("POST", "/erp/orders", Some(&po_id), &order(&po_id)) {
            Ok(answer) if answer.status == 201 => performed.push(po_id),
            // A sandbox that is going says so, or nothing.
            Ok(answer) => assert_eq!(answer.status, 500),
            Err(_) => break,
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    performed
}

fn assert_kept(dir: &Path, acknowledged: &[String]) {
    let again = Sandbox::start(&SandboxOptions::new(dir)).unwrap();
    let kept: Vec<String> = ledger(&again)
        .iter()
        .map(|entry| entry["subject"].as_str().unwrap().to_owned())
        .collect();
    for po_id in acknowledged {
        let times = kept.iter().filter(|subject| *subject == po_id).count();
        assert_eq!(times, 1, "{po_id}");
    }
}
