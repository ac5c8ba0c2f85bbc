//! Retries wait by the clock that commands come in with, and survive the process.

use countersign::domain::RunStatus;
use countersign::runtime::Drive;

use crate::target::Reply;
use crate::world::{World, kinds, order, process, start, until, verified};

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_waits_for_its_time_and_keeps_its_key() {
    let world = World::new();
    world.target.script("erp.commit_order", [Reply::Busy]);
    let handle = world.open(Drive::Everything).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    until("the order is refused", || {
        kinds(&handle, run).contains(&"effect_deferred".to_owned())
    })
    .await;
    handle.idle().await.unwrap();
    world.clock.later(999);
    handle.idle().await.unwrap();
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    world.clock.later(1);
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    let arrivals = world.target.arrivals("erp.commit_order");
    assert_eq!(arrivals.len(), 2);
    assert_eq!(arrivals[0].key, arrivals[1].key);
}

#[test]
fn a_retry_survives_the_process_that_set_it() {
    let world = World::new();
    world.target.script("erp.commit_order", [Reply::Lost]);
    let run = process(async {
        let handle = world.open(Drive::Everything).await;
        let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
        until("the answer is lost", || {
            kinds(&handle, run).contains(&"effect_unknown".to_owned())
        })
        .await;
        run
    });
    process(async {
        let handle = world.open(Drive::Everything).await;
        assert!(handle.executes());
        handle.idle().await.unwrap();
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
        world.clock.later(1_100);
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 2);
        assert!(world.target.done().values().all(|times| *times == 1));
        verified(&handle);
    });
}
