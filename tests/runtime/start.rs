//! Starting runs.

use std::collections::BTreeSet;

use countersign::domain::RunStatus;
use countersign::runtime::Drive;

use crate::world::{World, kinds, order, settled_order, start, verified};

#[tokio::test(flavor = "multi_thread")]
async fn a_safe_run_goes_to_its_end_alone() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "4999.99").await;
    let detail = handle.run(run).unwrap();
    assert_eq!(detail.row.status, RunStatus::Succeeded);
    assert_eq!(detail.state["reviewer_id"], "SYSTEM_AUTO_APPROVE");
    assert_eq!(
        kinds(&handle, run),
        [
            "run_started",
            "call_started",
            "step_completed",
            "gate_passed",
            "effect_intended",
            "effect_confirmed",
            "step_completed",
            "run_ended"
        ]
    );
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_asks_settles_with_nothing_sent() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "5000.00").await;
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Waiting);
    handle.idle().await.unwrap();
    assert!(world.target.done().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_starts_one_run_however_often_it_is_given() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let twice = vec![order("PO-1", "10.00"), order("PO-1", "10.00")];
    let first = start(&handle, twice).await;
    let again = start(&handle, vec![order("PO-1", "99.00")]).await;
    let all: Vec<_> = first.iter().chain(&again).collect();
    assert_eq!(
        all.iter()
            .map(|started| started.duplicate)
            .collect::<Vec<_>>(),
        [false, true, true]
    );
    let runs: BTreeSet<_> = all.iter().map(|started| started.run).collect();
    assert_eq!(runs.len(), 1);
    handle.settled(first[0].run).await.unwrap();
    assert_eq!(world.target.done().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_given_by_many_at_once_starts_one_run() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let mut tasks = Vec::new();
    for _ in 0..20 {
        let handle = handle.clone();
        tasks.push(tokio::spawn(async move {
            start(&handle, vec![order("PO-1", "10.00")]).await[0]
        }));
    }
    let mut started = Vec::new();
    for task in tasks {
        started.push(task.await.unwrap());
    }
    assert_eq!(started.iter().filter(|one| !one.duplicate).count(), 1);
    handle.settled(started[0].run).await.unwrap();
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_each_act_once() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let rows = (0..100).map(|n| order(&format!("PO-{n}"), "10.00"));
    let started = start(&handle, rows.collect()).await;
    for one in &started {
        let row = handle.settled(one.run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    let done = world.target.done();
    assert_eq!(done.len(), 100);
    assert!(done.values().all(|times| *times == 1));
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 100);
    verified(&handle);
}
