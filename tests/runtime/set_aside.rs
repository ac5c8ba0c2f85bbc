//! A run whose row was altered is set aside: an alert names it, and the others go on.

use countersign::domain::{AlertKind, RunId, RunStatus};
use countersign::runtime::{Drive, Handle};
use countersign::store::AlertFilter;
use countersign::views::AlertRow;

use crate::target::Reply;
use crate::world::{World, kinds, order, process, start, until};

fn alerts(handle: &Handle) -> Vec<AlertRow> {
    handle.alerts(&AlertFilter::default()).unwrap()
}

/// Two orders whose first try was refused, left by a process that is gone.
fn left_retrying(world: &World) -> [RunId; 2] {
    let busy = [Reply::Busy, Reply::Busy];
    world.target.script("erp.commit_order", busy);
    process(async {
        let handle = world.open(Drive::Everything).await;
        let rows = vec![order("PO-1", "10.00"), order("PO-2", "10.00")];
        let started = start(&handle, rows).await;
        let runs = [started[0].run, started[1].run];
        for run in runs {
            until("the order is refused", || {
                kinds(&handle, run).contains(&"effect_deferred".to_owned())
            })
            .await;
        }
        runs
    })
}

#[test]
fn an_altered_run_is_named_once_and_the_others_go_on() {
    let world = World::new();
    let [altered, sound] = left_retrying(&world);
    let store = rusqlite::Connection::open(world.store_path()).unwrap();
    let change = "UPDATE runs SET state = replace(state, 'PO-1', 'PO-9') WHERE run = ?1";
    assert_eq!(store.execute(change, [altered.0.as_bytes()]).unwrap(), 1);
    drop(store);
    process(async {
        let handle = world.open(Drive::Everything).await;
        world.clock.later(1_200);
        let row = handle.settled(sound).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        until("somebody is told", || !alerts(&handle).is_empty()).await;
        // It is looked at again and again, and told once.
        for _ in 0..5 {
            world.clock.later(60_000);
            handle.idle().await.unwrap();
        }
        let alert = alerts(&handle).pop().unwrap();
        assert_eq!(alerts(&handle).len(), 1);
        assert_eq!(alert.kind, AlertKind::RunSetAside);
        assert_eq!(alert.run, Some(altered));
        let why = format!("the state of run {altered} does not match the journal");
        assert!(alert.message.contains(&why), "{}", alert.message);
    });
    let orders = world.target.arrivals("erp.commit_order");
    assert_eq!(orders.len(), 3, "nothing of the altered run is sent");
}
