//! A target that keeps failing is left alone, tried once in a while, and taken up again.

use std::collections::BTreeMap;

use countersign::domain::limits::{BREAKER_FAILURES_MAX, RETRIES_KEPT_MAX, RETRIES_PER_SECOND_MIN};
use countersign::domain::{AlertKind, AlertStatus, RunId, RunStatus};
use countersign::runtime::{Drive, Handle};
use countersign::store::{AlertFilter, DeadLetterFilter, RunFilter};
use countersign::views::AlertRow;

use crate::target::Reply;
use crate::world::{World, journal, kinds, order, person, start, until, verified};

const FAILURES: usize = 5;
const OPEN_MS: i64 = 5_000;

/// Starts an order and waits until its first try has failed.
async fn failing(handle: &Handle, number: &str) -> RunId {
    let run = start(handle, vec![order(number, "10.00")]).await[0].run;
    until("its first try fails", || {
        kinds(handle, run)
            .iter()
            .any(|kind| kind == "effect_deferred" || kind == "effect_unknown")
    })
    .await;
    run
}

/// As many orders as it takes to see that the target is down.
async fn tripped(world: &World, handle: &Handle, reply: Reply) -> Vec<RunId> {
    world
        .target
        .script("erp.commit_order", vec![reply; FAILURES]);
    let mut runs = Vec::new();
    for number in 0..FAILURES {
        runs.push(failing(handle, &format!("PO-{number}")).await);
    }
    handle.idle().await.unwrap();
    assert_eq!(commits(world), FAILURES);
    runs
}

/// A second passes, and everything that was due by its end was looked at: a retry at another
/// target, due last, was made.
async fn second_passes(world: &World, handle: &Handle, name: &str) {
    world.target.script("register.lookup", [Reply::Busy]);
    let run = start(handle, vec![order(name, "7850.00")]).await[0].run;
    until("the register is busy", || {
        kinds(handle, run).contains(&"call_failed".to_owned())
    })
    .await;
    handle.idle().await.unwrap();
    world.clock.later(1_000);
    handle.settled(run).await.unwrap();
    handle.idle().await.unwrap();
}

fn commits(world: &World) -> usize {
    world.target.arrivals("erp.commit_order").len()
}

fn requests(world: &World) -> BTreeMap<String, usize> {
    let mut requests = BTreeMap::new();
    for arrival in world.target.arrivals("erp.commit_order") {
        *requests.entry(arrival.key.unwrap()).or_default() += 1;
    }
    requests
}

fn alerts(handle: &Handle) -> Vec<AlertRow> {
    handle.alerts(&AlertFilter::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn due_retries_wait_and_each_is_sent_once_the_trial_was_answered() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let runs = tripped(&world, &handle, Reply::Busy).await;
    second_passes(&world, &handle, "A").await;
    second_passes(&world, &handle, "B").await;
    assert_eq!(commits(&world), FAILURES, "all are due, and none is sent");
    for run in &runs {
        assert_eq!(handle.run(*run).unwrap().row.status, RunStatus::Running);
    }
    world.clock.later(OPEN_MS - 2_000);
    for run in &runs {
        let row = handle.settled(*run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    let requests = requests(&world);
    assert!(requests.values().all(|count| *count == 2), "{requests:?}");
    let done = world.target.done();
    assert_eq!(done.len(), FAILURES);
    assert!(done.values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_fails_keeps_the_others_waiting() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let runs = tripped(&world, &handle, Reply::Busy).await;
    world.target.script("erp.commit_order", [Reply::Busy]);
    second_passes(&world, &handle, "A").await;
    world.clock.later(OPEN_MS - 1_000);
    until("one is tried", || commits(&world) == FAILURES + 1).await;
    second_passes(&world, &handle, "B").await;
    assert_eq!(commits(&world), FAILURES + 1, "no other is");
    world.clock.later(OPEN_MS - 1_000);
    for run in &runs {
        let row = handle.settled(*run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_try_is_not_sent_and_keeps_its_retries() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    tripped(&world, &handle, Reply::Busy).await;
    let late = failing(&handle, "PO-late").await;
    handle.idle().await.unwrap();
    assert_eq!(commits(&world), FAILURES);
    let last = journal(&handle, late).pop().unwrap();
    assert_eq!(last.kind, "effect_deferred");
    assert_eq!(last.body["failure"]["code"], "breaker_open");
    assert_eq!(last.body["failure"]["class"], "safe");
    world.clock.later(OPEN_MS);
    let row = handle.settled(late).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_alert_tells_of_it_until_somebody_has_seen_it() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    tripped(&world, &handle, Reply::Busy).await;
    until("it is told", || alerts(&handle).len() == 1).await;
    let alert = alerts(&handle).remove(0);
    assert_eq!(alert.kind, AlertKind::BreakerOpen);
    assert_eq!(alert.subject, "erp");
    assert_eq!(alert.evidence["failures"], FAILURES);
    assert_eq!(alert.evidence["last"], "status_503");
    assert_eq!(alert.evidence["base_url"], "http://erp.test");
    // It closes, and opens a second time.
    world.clock.later(OPEN_MS);
    until("it is taken up again", || {
        world.target.done().len() == FAILURES
    })
    .await;
    handle.idle().await.unwrap();
    let before = commits(&world);
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; FAILURES]);
    for number in 0..FAILURES {
        failing(&handle, &format!("PO-again-{number}")).await;
    }
    assert_eq!(commits(&world), before + FAILURES);
    second_passes(&world, &handle, "A").await;
    assert_eq!(alerts(&handle).len(), 1, "it was not seen yet");
    let by = person("MGR_JANE_DOE");
    let seen = handle.acknowledge(alert.alert, None, &by).await.unwrap();
    assert_eq!(seen.status, AlertStatus::Acknowledged);
}

/// As long as it lasts nothing waits for ever: what was not sent in time is a dead letter.
#[tokio::test(flavor = "multi_thread")]
async fn what_waits_too_long_is_listed_and_was_asked_for_four_times_at_most() {
    let world = World::new();
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; 1_000]);
    let handle = world.open(Drive::Everything).await;
    let rows = (0..20).map(|number| order(&format!("PO-{number}"), "10.00"));
    start(&handle, rows.collect()).await;
    let letters = || handle.dead_letters(&DeadLetterFilter::default()).unwrap();
    let began = world.clock.elapsed();
    until("all are listed", || {
        // What is under way is not to be overtaken by its clock.
        if handle.under_way() == 0 {
            world.clock.later(50);
        }
        letters().len() == 20
    })
    .await;
    // Each of three retries waits for as long as the target is left alone twice.
    assert!(world.clock.elapsed() - began < 7_000 + 6 * OPEN_MS + 5_000);
    assert!(requests(&world).values().all(|count| *count <= 4));
    assert!(commits(&world) < 40, "{}", commits(&world));
    assert!(letters().iter().all(|letter| letter.attempts == 4));
    until("it is told", || alerts(&handle).len() == 1).await;
    verified(&handle);
}

/// Retries are a part of the traffic: where nearly all first tries fail, they trickle.
#[tokio::test(flavor = "multi_thread")]
async fn retries_above_their_share_wait_for_their_turn_and_all_are_made() {
    const RUNS: usize = 150;
    let mut world = World::new();
    world.treat_erp(BREAKER_FAILURES_MAX, OPEN_MS);
    let handle = world.open(Drive::Everything).await;
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; RUNS]);
    let rows = (0..RUNS).map(|number| order(&format!("PO-{number}"), "10.00"));
    let runs = start(&handle, rows.collect()).await;
    until("all first tries have failed", || commits(&world) == RUNS).await;
    handle.idle().await.unwrap();
    // What was kept, what the first tries brought (the share was full), what this second brings.
    second_passes(&world, &handle, "A").await;
    let kept = usize::try_from(RETRIES_KEPT_MAX).unwrap();
    assert_eq!(commits(&world), RUNS + kept);
    let each = usize::try_from(RETRIES_PER_SECOND_MIN).unwrap();
    second_passes(&world, &handle, "B").await;
    until("some more", || commits(&world) == RUNS + kept + each).await;
    world.clock.later(10_000);
    for run in &runs {
        let row = handle.settled(run.run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    assert_eq!(commits(&world), 2 * RUNS);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

/// What may have happened is settled by a probe, which passes.
#[tokio::test(flavor = "multi_thread")]
async fn probes_pass_while_nothing_else_does() {
    let mut world = World::new();
    world.treat_erp(1, 600_000);
    let handle = world.open(Drive::Everything).await;
    world
        .target
        .script("erp.commit_order", vec![Reply::Lost; 4]);
    let run = failing(&handle, "PO-1").await;
    until("it is found", || {
        world.clock.later(60_000);
        handle.run(run).unwrap().row.status == RunStatus::Succeeded
    })
    .await;
    assert_eq!(world.target.arrivals("erp.find_order").len(), 1);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_refused_is_no_failure_of_its_target() {
    let world = World::new();
    world
        .target
        .script("erp.commit_order", vec![Reply::Invalid; 3 * FAILURES]);
    let handle = world.open(Drive::Everything).await;
    for number in 0..3 * FAILURES {
        let rows = vec![order(&format!("PO-{number}"), "10.00")];
        let run = start(&handle, rows).await[0].run;
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::DeadLettered);
    }
    second_passes(&world, &handle, "A").await;
    assert_eq!(commits(&world), 3 * FAILURES, "none is sent again");
    assert!(alerts(&handle).is_empty());
    let runs = handle.runs(&RunFilter::default()).unwrap();
    assert_eq!(runs.len(), 3 * FAILURES + 1);
}
