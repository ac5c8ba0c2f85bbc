//! Runs that are stopped for good, and undone: the truth is the sandbox's ledger.

use serde_json::{Value, json};

use crate::outside;
use crate::world::{World, text};

const SAGA: &str = "tests/process/saga.yaml";

/// Three orders done, and a person asked about the fourth act.
fn three_orders(world: &World) -> Value {
    let file = std::env::current_dir().unwrap().join(SAGA);
    let row = json!({ "po_id": "PO-7" }).to_string();
    let file = file.to_str().unwrap();
    let told = world.fed(&["start", file, "--input", "-"], row.as_bytes());
    let line = told.lines().remove(0);
    assert_eq!(line["status"], "waiting", "{line} {}", told.stderr);
    line
}

fn terminate(run: &str, compensate: bool) -> Vec<&str> {
    let mut args = vec!["runs", "terminate", run, "--reason", "Not wanted."];
    args.extend(compensate.then_some("--compensate"));
    args
}

/// What the ERP did, in order: operation and order number.
fn done(world: &World) -> Vec<String> {
    let ledger = outside::done_by(&world.sandbox.url, "erp");
    let said = |line: &Value| format!("{} {}", text(&line["operation"]), text(&line["subject"]));
    ledger.iter().map(said).collect()
}

const UNDONE: [&str; 6] = [
    "commit_order PO-7-1",
    "commit_order PO-7-2",
    "commit_order PO-7-3",
    "cancel_order PO-7-3",
    "cancel_order PO-7-2",
    "cancel_order PO-7-1",
];

#[test]
fn a_terminated_run_tells_every_fate_and_is_undone_later() {
    let world = World::new();
    let line = three_orders(&world);
    let (run, packet) = (text(&line["run"]), text(&line["packet"]));
    let moved = world.one(&terminate(&run, false));
    assert_eq!(moved["status"], "terminated");
    let fates: Vec<_> = moved["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| (text(&effect["tool"]), text(&effect["fate"])))
        .collect();
    let fate = |tool: &str, fate: &str| (tool.to_owned(), fate.to_owned());
    assert_eq!(
        fates,
        [
            fate("erp.commit_order", "confirmed"),
            fate("erp.commit_order", "confirmed"),
            fate("erp.commit_order", "confirmed"),
            fate("crm.update_deal", "not_sent"),
        ]
    );
    let undoing = |at: usize| text(&moved["effects"][at]["undoing"]);
    assert_eq!(
        (undoing(0), undoing(3)),
        ("can_be_undone".to_owned(), "nothing_to_undo".to_owned())
    );
    let undo = &moved["effects"][0]["undo"];
    assert_eq!(
        (text(&undo["tool"]), &undo["arguments"]["po_id"]),
        ("erp.cancel_order".to_owned(), &json!("PO-7-1")),
        "{undo}"
    );
    let shown = world.one(&["packets", "show", &packet]);
    assert_eq!(shown["status"], "withdrawn");
    assert_eq!(world.one(&terminate(&run, false)), moved, "again, the same");
    assert_eq!(done(&world).len(), 3);
    let told = world.human(&terminate(&run, false)).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("--compensate"), "{told}");

    let moved = world.one(&terminate(&run, true));
    assert_eq!(moved["status"], "terminated");
    assert_eq!(done(&world), UNDONE);
    let shown = world.one(&["runs", "show", &run]);
    let states: Vec<String> = shown["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| text(&effect["state"]))
        .collect();
    linked(&world, &run);
    let count = |word: &str| states.iter().filter(|state| *state == word).count();
    assert_eq!((count("compensated"), count("confirmed")), (3, 3));
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

/// Each undoing names what it undoes, and that names it.
fn linked(world: &World, run: &str) {
    let effects = world.one(&["effects", "list", "--run", run]);
    let effects = effects.as_array().unwrap();
    let undoings: Vec<&Value> = effects
        .iter()
        .filter(|effect| effect["undoes"].is_string())
        .collect();
    assert_eq!(undoings.len(), 3, "{effects:?}");
    for undoing in undoings {
        let undone = world.one(&["effects", "show", &text(&undoing["undoes"])]);
        assert_eq!(undone["undone_by"], undoing["idempotency_key"]);
        assert_eq!(
            text(&undoing["operation"]),
            format!("undo {}", text(&undone["operation"]))
        );
    }
}

#[test]
fn what_the_contract_does_not_undo_is_told_to_be_for_good() {
    let world = World::new();
    let saga = std::fs::read_to_string(SAGA).unwrap();
    let cannot = saga.replace("  erp.cancel_order: { limit: '100.00 USD' }\n", "");
    assert_ne!(saga, cannot);
    let file = world.dir.path().join("for_good.yaml");
    std::fs::write(&file, cannot).unwrap();
    let row = json!({ "po_id": "PO-8" }).to_string();
    let told = world.fed(
        &["start", file.to_str().unwrap(), "--input", "-"],
        row.as_bytes(),
    );
    let run = text(&told.lines().remove(0)["run"]);
    let moved = world.one(&terminate(&run, false));
    let effect = &moved["effects"][0];
    assert_eq!(
        (
            &effect["fate"],
            &effect["undoing"],
            &effect["can_be_undone"]
        ),
        (
            &json!("confirmed"),
            &json!("cannot_be_undone"),
            &json!(false)
        )
    );
    let told = world.human(&terminate(&run, true)).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let says = "erp.commit_order for first: confirmed, cannot be undone";
    assert!(told.contains(says), "{told}");
    assert!(!told.contains("--compensate"), "{told}");
    assert_eq!(done(&world).len(), 3, "nothing was undone");
}

#[test]
fn an_undoing_whose_answer_is_lost_is_done_once() {
    let world = World::new();
    let run = text(&three_orders(&world)["run"]);
    world.fault_on("erp", "cancel_order", "reset_after", 2);
    let moved = world.one(&terminate(&run, true));
    assert_eq!(moved["status"], "terminated");
    assert_eq!(done(&world), UNDONE);
    assert_eq!(world.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn an_ended_run_is_not_terminated() {
    let world = World::new();
    let line = world.order("PO-1", "Alpha Tech Systems", 10.0);
    assert_eq!(line["status"], "succeeded", "{line}");
    let told = world.cs(&terminate(&text(&line["run"]), false));
    assert_eq!((told.status, told.code().as_str()), (4, "run_ended"));
}
