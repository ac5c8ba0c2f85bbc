//! `demo --headless` and `sandbox`.

use std::process::Stdio;

use serde_json::Value;

use crate::world::{Told, World, bare};

fn demo(dir: &str) -> Value {
    let told = bare(&["--json", "demo", "--headless", "--dir", dir]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    told.json()
}

#[test]
fn the_demo_starts_everything_once_and_nothing_twice() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("demo");
    let dir = dir.to_str().unwrap();
    let first = demo(dir);
    for key in [
        "store",
        "config",
        "sandbox_url",
        "runs",
        "waiting",
        "succeeded",
        "dead_letters",
        "alerts",
    ] {
        assert!(first.get(key).is_some(), "{key}");
    }
    let number = |value: &Value, key: &str| value[key].as_u64().unwrap();
    assert_eq!(number(&first, "runs") + number(&first, "invalid"), 401);
    assert_eq!(
        number(&first, "waiting") + number(&first, "succeeded"),
        number(&first, "runs")
    );
    assert!(
        number(&first, "waiting") > 0 && number(&first, "succeeded") > 0,
        "{first}"
    );
    let second = demo(dir);
    assert_eq!(number(&second, "started"), 0);
    for key in [
        "store",
        "config",
        "sandbox_url",
        "runs",
        "waiting",
        "succeeded",
    ] {
        assert_eq!(first[key], second[key], "{key}");
    }
    let (store, config) = (
        first["store"].as_str().unwrap(),
        first["config"].as_str().unwrap(),
    );
    let verify = bare(&[
        "--json", "--store", store, "--config", config, "audit", "verify",
    ]);
    assert_eq!(verify.status, 0, "{}", verify.stderr);
    let human = bare(&["demo", "--headless", "--dir", dir]);
    assert!(human.stdout.contains("PO-2026-9901"), "{}", human.stdout);
    assert!(
        human.stdout.contains("countersign packets show"),
        "{}",
        human.stdout
    );
}

#[test]
fn a_sandbox_comes_back_where_it_was() {
    let world = World::new();
    world.order("PO-1", "Alpha Tech Systems", 10.0);
    let address = world
        .sandbox
        .url
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let told = bare(&["--json", "sandbox", "--listen", &address]);
    assert_eq!((told.status, told.code().as_str()), (1, "port_in_use"));
    let told = bare(&["--json", "sandbox", "--listen", "203.0.113.1:80"]);
    assert_eq!((told.status, told.code().as_str()), (2, "not_loopback"));
    let (url, ledger) = (world.sandbox.url.clone(), world.orders());
    let world = world.restarted();
    assert_eq!(world.sandbox.url, url, "the same port");
    assert_eq!(world.orders(), ledger, "the same ledger");
}

#[test]
fn wrong_faults_are_a_usage_error() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("faults.json");
    std::fs::write(&path, "[{\"service\":\"nonsense\"}]").unwrap();
    let faults = path.to_str().unwrap();
    let dir = home.path().join("box");
    let told: Told = bare(&[
        "--json",
        "sandbox",
        "--dir",
        dir.to_str().unwrap(),
        "--faults",
        faults,
    ]);
    assert_eq!(
        (told.status, told.code().as_str()),
        (2, "fault_file"),
        "{}",
        told.stderr
    );
}

#[test]
fn the_sandbox_ends_well_on_a_signal() {
    let home = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(crate::world::BINARY);
    let mut child = command
        .args(["sandbox", "--dir"])
        .arg(home.path().join("box"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut lines = std::io::BufReader::new(child.stdout.as_mut().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut first).unwrap();
    assert!(
        first.contains("http://127.0.0.1:") && first.contains("countersign.toml"),
        "{first}"
    );
    crate::signals::terminate(&child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
