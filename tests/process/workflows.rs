//! Workflow files: checked, shown, started.

use std::fs;

use serde_json::Value;

use crate::world::{World, bare};

const SHIPPED: &str = "assets/workflows/purchase-order.yaml";

#[test]
fn a_sound_file_is_sound_and_a_wrong_one_tells_every_mistake() {
    let told = bare(&["--json", "workflow", "check", SHIPPED]);
    assert_eq!(told.status, 0, "{}", told.stdout);
    assert_eq!(told.json()[0]["ok"], true);
    let dir = tempfile::tempdir().unwrap();
    let wrong = dir.path().join("wrong.yaml");
    let text = fs::read_to_string(SHIPPED).unwrap();
    let text = text
        .replace("approved: commit", "approved: comit")
        .replace("silence: reject", "silence: approve");
    fs::write(&wrong, text).unwrap();
    let wrong = wrong.to_str().unwrap();
    let told = bare(&["--json", "workflow", "check", SHIPPED, wrong]);
    assert_eq!(told.status, 2);
    let report = told.json();
    assert_eq!(
        (&report[0]["ok"], &report[1]["ok"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    assert_eq!(report[1]["file"], wrong);
    let found = report[1]["diagnostics"].as_array().unwrap();
    assert!(found.len() >= 2, "{report}");
    for key in ["severity", "code", "message", "line", "column"] {
        assert!(
            found.iter().all(|diagnostic| diagnostic.get(key).is_some()),
            "{key}"
        );
    }
    let hints: Vec<&str> = found
        .iter()
        .filter_map(|found| found["hint"].as_str())
        .collect();
    assert!(
        hints.iter().any(|hint| hint.contains("commit")),
        "{hints:?}"
    );
    let human = bare(&["workflow", "check", wrong]);
    assert_eq!(human.status, 2);
    assert!(
        human.stdout.contains("comit") && human.stdout.contains('^'),
        "{}",
        human.stdout
    );
}

#[test]
fn a_wrong_file_starts_nothing() {
    let world = World::new();
    let wrong = world.dir.path().join("wrong.yaml");
    fs::write(&wrong, "workflow: x\nstpes: {}\n").unwrap();
    let wrong = wrong.to_str().unwrap();
    let told = world.fed(&["start", wrong, "--input", "-"], b"{}");
    assert_eq!((told.status, told.code().as_str()), (2, "invalid_workflow"));
    assert!(!world.store().exists(), "not even a store was made");
    fs::write(world.dir.path().join("large.yaml"), vec![b'#'; 300 * 1024]).unwrap();
    let large = world.dir.path().join("large.yaml");
    let told = world.cs(&["workflow", "check", large.to_str().unwrap()]);
    assert_eq!(
        (told.status, told.code().as_str()),
        (2, "definition_too_large")
    );
}

#[test]
fn a_file_of_ones_own_with_its_own_tool_is_started_and_then_known_by_name() {
    let world = World::new();
    let folder = world.dir.path().join("mine");
    fs::create_dir_all(folder.join("tools")).unwrap();
    let tool = fs::read_to_string("assets/tools/register.lookup.yaml").unwrap();
    fs::write(
        folder.join("tools/mine.yaml"),
        tool.replace("register.lookup", "register.mine"),
    )
    .unwrap();
    let text = fs::read_to_string(SHIPPED).unwrap();
    let text = text.replace("workflow: purchase-order", "workflow: my-orders");
    fs::write(
        folder.join("w.yaml"),
        text.replace("register.lookup", "register.mine"),
    )
    .unwrap();
    let file = folder.join("w.yaml");
    let row = r#"{"po_id":"W-1","vendor":"Alpha Tech Systems","amount":10}"#;
    let told = world.fed(
        &["start", file.to_str().unwrap(), "--input", "-"],
        row.as_bytes(),
    );
    assert_eq!(told.status, 0, "{}", told.stderr);
    assert_eq!(told.lines()[0]["workflow"], "my-orders");
    assert_eq!(told.lines()[0]["status"], "succeeded");
    let known = world.one(&["workflow", "list"]);
    let names: Vec<&str> = known
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|line| line["workflow"].as_str())
        .collect();
    assert!(
        names.contains(&"my-orders") && names.contains(&"purchase-order"),
        "{names:?}"
    );
    let told = world.fed(&["start", "my-orders", "--input", "-"], row.as_bytes());
    assert_eq!(told.status, 0, "{}", told.stderr);
}

#[test]
fn the_contract_is_shown_and_the_schema_is_json() {
    let told = bare(&["workflow", "show", "purchase-order"]);
    assert_eq!(told.status, 0, "{}", told.stderr);
    for part in ["purchase-order", "5000.00 USD", "approved", "review"] {
        assert!(told.stdout.contains(part), "{part}");
    }
    assert!(
        told.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        told.stdout
    );
    let shown = bare(&["--json", "workflow", "show", SHIPPED]).json();
    assert_eq!(shown["workflow"], "purchase-order");
    assert!(shown["definition"]["tools"]["erp.commit_order"].is_object());
    for args in [
        &["workflow", "schema"][..],
        &["--json", "workflow", "schema", "--tool"],
    ] {
        let schema = bare(args).json();
        assert!(schema["properties"].is_object(), "{args:?}");
    }
}
