//! The stop switch of one run, while the run moves.

use std::sync::Arc;

use countersign::domain::{RunStatus, Verdict};
use countersign::runtime::Drive;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::target::Reply;
use crate::world::{
    World, give, kinds, open_packet, order, person, settled_order, start, until, verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_paused_in_mid_call_records_the_outcome_and_sends_nothing_more() {
    let world = World::new();
    let gate = Arc::new(Semaphore::new(0));
    world
        .target
        .script("register.lookup", [Reply::Gated(Arc::clone(&gate))]);
    let handle = world.open(Drive::Everything).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    until("the lookup arrives", || {
        world.target.arrivals("register.lookup").len() == 1
    })
    .await;
    let moved = handle.pause(run, "Hold on.", &person("ADMIN")).await;
    assert_eq!(moved.unwrap().status, RunStatus::Paused);
    gate.add_permits(1);
    until("the answer is recorded", || {
        kinds(&handle, run).contains(&"step_completed".to_owned())
    })
    .await;
    handle.idle().await.unwrap();
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Paused);
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    handle
        .resume(run, "Go on.", &person("ADMIN"))
        .await
        .unwrap();
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.arrivals("register.lookup").len(), 1);
    assert_eq!(world.target.done().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_in_flight_is_confirmed_though_its_run_is_paused() {
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
    let moved = handle
        .pause(run, "Hold on.", &person("ADMIN"))
        .await
        .unwrap();
    assert_eq!(moved.effects[0].fate, "unknown");
    gate.add_permits(1);
    handle.idle().await.unwrap();
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Succeeded);
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_changed_after_approval_is_not_sent_but_asked_about_anew() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "7850.00").await;
    let admin = person("ADMIN");
    handle.pause(run, "Hold on.", &admin).await.unwrap();
    let packet = open_packet(&handle, run);
    give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    handle
        .override_value(run, ("amount", json!("9999.00")), "More.", &admin)
        .await
        .unwrap();
    handle.resume(run, "Go on.", &admin).await.unwrap();
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Waiting);
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    let second = open_packet(&handle, run);
    assert_ne!(second.packet, packet.packet);
    assert_eq!(second.effects[0].amount.unwrap().minor, 999_900);
    give(&handle, &second, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
}
