//! Alerts by their command, and what is told of a dead letter.

use serde_json::Value;

use crate::world::World;

#[test]
fn a_store_without_alerts_lists_none_and_knows_none() {
    let world = World::new();
    world.order("PO-1", "Alpha Tech Systems", 10.0);
    assert_eq!(world.one(&["alerts", "list"]), Value::Array(Vec::new()));
    let unknown = "0195d1f5-0000-7000-8000-000000000001";
    for verb in ["show", "ack"] {
        let told = world.cs(&["alerts", verb, unknown]);
        assert_eq!((told.status, told.code().as_str()), (3, "no_such_alert"));
    }
    assert_eq!(world.cs(&["alerts", "show", "nonsense"]).status, 2);
    let table = world.human(&["alerts", "list"]).output().unwrap();
    assert_eq!(String::from_utf8(table.stdout).unwrap(), "no alerts\n");
}
