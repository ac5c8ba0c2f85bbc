//! Two processes on one store: one executes, the other attaches.

use std::sync::Arc;

use countersign::domain::{RunStatus, Verdict};
use countersign::runtime::Drive;
use tokio::sync::Semaphore;

use crate::target::Reply;
use crate::world::{World, give, kinds, open_packet, order, settled_order, start, until, verified};

/// Longer than it takes a process to try for the lease again, in all.
const LOOKS: usize = 15;
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread")]
async fn the_second_attaches_and_its_verdict_is_sent_by_the_first() {
    let world = World::new();
    let executor = world.open(Drive::Everything).await;
    let attached = world.open(Drive::Everything).await;
    assert!(executor.executes());
    assert!(!attached.executes());
    let run = settled_order(&executor, "PO-1", "7850.00").await;
    let packet = open_packet(&attached, run);
    give(&attached, &packet, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    let row = attached.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert!(!attached.executes());
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    verified(&attached);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_started_where_nobody_executes_is_driven_by_the_executor() {
    let world = World::new();
    let executor = world.open(Drive::Everything).await;
    let attached = world.open(Drive::Nothing).await;
    let started = start(&attached, vec![order("PO-1", "10.00")]).await;
    let row = executor.settled(started[0].run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_attached_one_takes_over_once_the_executor_is_gone() {
    let world = World::new();
    let executor = world.open(Drive::Everything).await;
    let attached = world.open(Drive::Everything).await;
    let run = settled_order(&executor, "PO-1", "7850.00").await;
    executor.shutdown().await.unwrap();
    drop(executor);
    until("the lease is taken over", || attached.executes()).await;
    let packet = open_packet(&attached, run);
    give(&attached, &packet, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    let row = attached.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.done().len(), 1);
    verified(&attached);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_whose_lease_was_taken_sends_nothing_more() {
    let world = World::new();
    let old = world.open(Drive::Everything).await;
    let run = settled_order(&old, "PO-1", "7850.00").await;
    // Without its lock file the store believes that nobody holds it.
    std::fs::remove_file(world.store_path().with_extension("db.lock")).unwrap();
    let new = world.open(Drive::Nothing).await;
    let lease = new.lease().unwrap();
    assert!(!lease.alive);
    let new = world.open(Drive::Own).await;
    assert!(new.executes());
    assert!(old.executes(), "it does not know yet");
    let packet = open_packet(&old, run);
    give(&old, &packet, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    // The verdict stands; the INTENT of the old holder does not.
    until("it knows", || !old.executes()).await;
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        assert!(!old.executes(), "it does not take what it lost for its own");
    }
    assert!(!kinds(&old, run).contains(&"effect_intended".to_owned()));
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    let pause = new.pause(run, "look", &crate::world::person("ADMIN")).await;
    pause.unwrap();
    new.resume(run, "go", &crate::world::person("ADMIN"))
        .await
        .unwrap();
    let row = new.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_lets_the_call_in_flight_record_its_outcome() {
    let world = World::new();
    let gate = Arc::new(Semaphore::new(0));
    world
        .target
        .script("erp.commit_order", [Reply::Gated(Arc::clone(&gate))]);
    let handle = world.open(Drive::Everything).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    until("the order arrives", || {
        world.target.arrivals("erp.commit_order").len() == 1
    })
    .await;
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.shutdown().await }
    });
    tokio::task::yield_now().await;
    assert!(!stopping.is_finished(), "it waits for the call");
    gate.add_permits(1);
    stopping.await.unwrap().unwrap();
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Succeeded);
    let lease = handle.lease().unwrap();
    assert!(!lease.alive && lease.pid.is_none());
    verified(&handle);
}
