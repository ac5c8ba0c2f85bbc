//! A target that hangs keeps its own callers waiting and nobody else's.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::RunStatus;
use countersign::domain::limits::{BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_DEFAULT};
use countersign::runtime::{Drive, Handle, TargetLimits};
use countersign::store::RunFilter;
use tokio::sync::Semaphore;

use crate::target::Reply;
use crate::world::{World, kinds, order, start, until, verified};

const PLACES: usize = 4;
const RUNS: usize = 60;

fn world() -> World {
    let mut world = World::new();
    let limits = TargetLimits {
        breaker_failures: BREAKER_FAILURES_MAX,
        breaker_open_ms: BREAKER_OPEN_MS_DEFAULT,
        in_flight: PLACES,
        ..TargetLimits::default()
    };
    world.targets = [("erp", limits)].into_iter().collect();
    world
}

/// Orders that end at the ERP, whose gate is shut.
async fn hanging(world: &World, handle: &Handle) -> Arc<Semaphore> {
    let gate = Arc::new(Semaphore::new(0));
    let shut = vec![Reply::Gated(Arc::clone(&gate)); RUNS];
    world.target.script("erp.commit_order", shut);
    let rows = (0..RUNS).map(|number| order(&format!("PO-{number}"), "10.00"));
    start(handle, rows.collect()).await;
    until("as many as may be are under way", || {
        commits(world) == PLACES
    })
    .await;
    gate
}

fn commits(world: &World) -> usize {
    world.target.arrivals("erp.commit_order").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_another_target_pass_while_one_hangs() {
    let world = world();
    let handle = world.open(Drive::Everything).await;
    let gate = hanging(&world, &handle).await;
    // These ask the register alone, and then a person.
    let rows = (0..RUNS).map(|number| order(&format!("PO-big-{number}"), "7850.00"));
    let asked = start(&handle, rows.collect()).await;
    for run in &asked {
        let row = handle.settled(run.run).await.unwrap();
        assert_eq!(row.status, RunStatus::Waiting);
    }
    assert_eq!(commits(&world), PLACES, "no more than may be");
    gate.add_permits(RUNS);
    handle.idle().await.unwrap();
    let done = world.target.done();
    assert_eq!(done.len(), RUNS);
    assert!(done.values().all(|times| *times == 1));
    verified(&handle);
}

/// Nobody who waits for a place has an INTENT that runs out of its time: all but a few wait before.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_place_has_sent_and_intended_nothing() {
    let world = world();
    let handle = world.open(Drive::Everything).await;
    let gate = hanging(&world, &handle).await;
    until("all have looked up their vendor", || {
        world.target.arrivals("register.lookup").len() == RUNS
    })
    .await;
    let intended = || {
        let runs = handle.runs(&RunFilter::default()).unwrap();
        let runs = runs.iter();
        runs.filter(|run| kinds(&handle, run.run).contains(&"effect_intended".to_owned()))
            .count()
    };
    // As many again as are driven may have seen the last place free.
    assert!(intended() <= PLACES + 16, "{} intended", intended());
    gate.add_permits(RUNS);
    handle.idle().await.unwrap();
    assert_eq!(world.target.done().len(), RUNS);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_does_not_wait_for_those_who_wait() {
    let world = world();
    let handle = world.open(Drive::Everything).await;
    let gate = hanging(&world, &handle).await;
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.shutdown().await }
    });
    tokio::time::timeout(Duration::from_secs(20), async {
        gate.add_permits(RUNS);
        stopping.await.unwrap().unwrap();
    })
    .await
    .unwrap();
    // What was intended was sent, what was not is left to whoever executes next.
    let sent = commits(&world);
    assert!(sent < RUNS, "{sent} were sent by a process that stops");
    assert_eq!(world.target.done().len(), sent);
    let next = world.open(Drive::Everything).await;
    next.idle().await.unwrap();
    let done = world.target.done();
    assert_eq!(done.len(), RUNS);
    assert!(done.values().all(|times| *times == 1));
    verified(&next);
}
