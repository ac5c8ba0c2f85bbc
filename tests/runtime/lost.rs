//! A worker that ends before it is done neither hangs its run nor takes others with it.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::Settled;
use countersign::runtime::{Drive, Handle};
use countersign::store::DeadLetterFilter;

use crate::target::Reply;
use crate::world::{
    World, give, kinds, open_packet, order, person, settled_order, start, verified,
};

fn letters(handle: &Handle) -> Vec<countersign::views::DeadLetterRow> {
    handle.dead_letters(&DeadLetterFilter::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_lost_once_is_replaced() {
    let world = World::new();
    world.target.script("erp.commit_order", [Reply::Panic]);
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "10.00").await;
    let row = handle.run(run).unwrap().row;
    assert_eq!(row.status, RunStatus::Succeeded);
    // What the lost one may have sent went again under its key.
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 2);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_drives_its_own_runs_alone_replaces_a_lost_worker_too() {
    let world = World::new();
    let run = {
        let handle = world.open(Drive::Everything).await;
        let run = settled_order(&handle, "PO-1", "7850.00").await;
        handle.shutdown().await.unwrap();
        run
    };
    world.target.script("erp.commit_order", [Reply::Panic]);
    let handle = world.open(Drive::Own).await;
    let packet = open_packet(&handle, run);
    give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_workers_are_lost_again_and_again_is_a_dead_letter() {
    let world = World::new();
    let panics = std::iter::repeat_n(Reply::Panic, 3);
    world.target.script("register.lookup", panics);
    let handle = world.open(Drive::Everything).await;
    let poisoned = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    let row = handle.settled(poisoned).await.unwrap();
    assert_eq!(row.status, RunStatus::DeadLettered);
    let letter = letters(&handle).remove(0);
    assert_eq!(letter.code, "worker_lost");
    // Others go on, and so does this one once a person says so.
    let other = settled_order(&handle, "PO-2", "10.00").await;
    let other = handle.run(other).unwrap().row;
    assert_eq!(other.status, RunStatus::Succeeded);
    let edits = (Vec::new(), None);
    let jane = person("MGR_JANE_DOE");
    handle
        .redrive(letter.dead_letter, edits, &jane)
        .await
        .unwrap();
    let row = handle.settled(poisoned).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_worker_may_have_sent_is_asked_about_and_never_parked_as_not_done() {
    let world = World::new();
    let panics = std::iter::repeat_n(Reply::Panic, 3);
    world.target.script("erp.commit_order", panics);
    let handle = world.open(Drive::Everything).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Waiting);
    assert_eq!(letters(&handle), []);
    let packet = open_packet(&handle, run);
    assert!(
        give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
            .await
            .is_err()
    );
    assert_eq!(kinds(&handle, run).last().unwrap(), "command_refused");
    assert!(world.target.done().values().all(|times| *times == 1));
    let effects = handle
        .effects(&countersign::store::EffectFilter::default())
        .unwrap();
    let settlement = countersign::runtime::Settlement {
        key: effects[0].idempotency_key,
        settled: Settled::AskAgain,
        output: None,
        reason: None,
    };
    handle
        .settle(settlement, &person("MGR_JANE_DOE"))
        .await
        .unwrap();
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert!(world.target.done().values().all(|times| *times == 1));
    verified(&handle);
}
