//! A run whose row was altered is set aside: an alert names it, and the others go on.

use countersign::domain::{AlertKind, PacketStatus, RunId, RunStatus};
use countersign::runtime::{Drive, Handle};
use countersign::store::{AlertFilter, PacketFilter};
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
    let store = world.stranger();
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

#[test]
fn windows_of_altered_runs_keep_no_other_window_from_passing() {
    const DAY_MS: i64 = 24 * 3_600_000;
    // More than are looked up at a time.
    const ALTERED: usize = 300;
    let world = World::new();
    let sound = process(async {
        let handle = world.open(Drive::Everything).await;
        let row = order("PO", "7850.00");
        let rows = (0..=ALTERED).map(|n| {
            let mut row = row.clone();
            row.key = Some(format!("PO-{n}"));
            row
        });
        for rows in rows.collect::<Vec<_>>().chunks(100) {
            start(&handle, rows.to_vec()).await;
            world.clock.later(1_000);
        }
        let all = ALTERED as u64 + 1;
        until("all wait", || handle.open_packets().unwrap() == all).await;
        let last = PacketFilter {
            status: Some(PacketStatus::Open),
            ..PacketFilter::default()
        };
        let packets = handle.packets(&last).unwrap();
        packets
            .iter()
            .max_by_key(|packet| packet.due_at)
            .unwrap()
            .run
    });
    let change = "UPDATE runs SET state = replace(state, 'Alpha', 'Omega') WHERE run <> ?1";
    let altered = world.stranger().execute(change, [sound.0.as_bytes()]);
    assert_eq!(altered.unwrap(), ALTERED);
    process(async {
        let handle = world.open(Drive::Everything).await;
        world.clock.later(DAY_MS + 60_000);
        until("it is escalated", || {
            kinds(&handle, sound).contains(&"packet_escalated".to_owned())
        })
        .await;
    });
}
