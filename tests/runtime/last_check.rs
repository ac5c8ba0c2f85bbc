//! Right before the first byte: the token is read again, and the time to send has not passed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use countersign::domain::limits::SEND_WITHIN_MS;
use countersign::domain::{EffectState, RunStatus};
use countersign::runtime::{Drive, Handle};
use countersign::store::{EffectFilter, OpenOptions, SqliteStore, Store};
use tokio::sync::Semaphore;

use crate::moment::{Moment, MomentStore};
use crate::target::Reply;
use crate::world::{World, journal, kinds, order, start, until, verified};

fn store(world: &World) -> SqliteStore {
    let options = OpenOptions {
        create: true,
        ..OpenOptions::default()
    };
    SqliteStore::open(&world.store_path(), options).unwrap()
}

async fn executor(world: &World, moment: Moment, blind: bool) -> Handle {
    let inner = store(world);
    let store = MomentStore {
        inner,
        moment,
        blind,
    };
    world.open_on(Arc::new(store), Drive::Everything).await
}

/// Takes the lease behind its holder's back: without its lock file nobody seems to hold it.
fn steal(world: &World) -> Moment {
    let path = world.store_path();
    let thief = Mutex::new(Some(store(world)));
    let kept = Mutex::new(None);
    Arc::new(move || {
        let Some(thief) = thief.lock().unwrap().take() else {
            return;
        };
        std::fs::remove_file(path.with_extension("db.lock")).unwrap();
        let at = countersign::domain::Timestamp(1_795_271_898_007);
        thief.take_lease(at).unwrap().unwrap();
        *kept.lock().unwrap() = Some(thief);
    })
}

/// Sends that arrive although the lease was taken between INTENT and send.
async fn sent_after_a_theft(blind: bool) -> usize {
    let world = World::new();
    let moment = steal(&world);
    let handle = executor(&world, moment, blind).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    let outcome = handle.settled(run).await;
    assert!(outcome.is_err(), "{outcome:?}");
    assert!(kinds(&handle, run).contains(&"effect_intended".to_owned()));
    assert!(!kinds(&handle, run).contains(&"effect_confirmed".to_owned()));
    assert!(!handle.executes());
    world.target.arrivals("erp.commit_order").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_taken_after_intent_is_noticed_before_the_first_byte() {
    assert_eq!(sent_after_a_theft(false).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twin_that_does_not_read_the_token_again_sends() {
    assert_eq!(sent_after_a_theft(true).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_after_intent_is_not_sent_late() {
    let world = World::new();
    let (clock, stopped) = (Arc::clone(&world.clock), AtomicBool::new(false));
    let moment = move || {
        if !stopped.swap(true, Ordering::SeqCst) {
            clock.later(SEND_WITHIN_MS + 1);
        }
    };
    let handle = executor(&world, Arc::new(moment), false).await;
    let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
    until("it is told apart from a failure of the target", || {
        kinds(&handle, run).contains(&"effect_deferred".to_owned())
    })
    .await;
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    let deferred = journal(&handle, run).pop().unwrap();
    assert_eq!(deferred.body["failure"]["code"], "too_late");
    world.clock.later(2_000);
    let row = handle.settled(run).await.unwrap();
    assert_eq!(row.status, RunStatus::Succeeded);
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    verified(&handle);
}

/// The first attempt's answer comes after the second attempt's, from a holder that was fenced off.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_an_abandoned_attempt_is_evidence_and_no_outcome() {
    let world = World::new();
    let gate = Arc::new(Semaphore::new(0));
    let late = Reply::Gated(Arc::clone(&gate));
    world.target.script("erp.commit_order", [late]);
    let old = world.open(Drive::Everything).await;
    let run = start(&old, vec![order("PO-1", "10.00")]).await[0].run;
    until("the first attempt is under way", || {
        world.target.arrivals("erp.commit_order").len() == 1
    })
    .await;
    std::fs::remove_file(world.store_path().with_extension("db.lock")).unwrap();
    let new = world.open(Drive::Everything).await;
    assert_eq!(new.settled(run).await.unwrap().status, RunStatus::Succeeded);
    let before = new.run(run).unwrap();
    gate.add_permits(1);
    until("the late answer is recorded", || {
        kinds(&new, run)
            .last()
            .is_some_and(|kind| kind == "command_refused")
    })
    .await;
    let refused = journal(&new, run).pop().unwrap();
    assert_eq!(refused.body["code"], "late_answer");
    let after = new.run(run).unwrap();
    assert_eq!(
        (after.row.status, after.state),
        (before.row.status, before.state)
    );
    let effects = new
        .effects(&EffectFilter {
            run: Some(run),
            ..EffectFilter::default()
        })
        .unwrap();
    assert_eq!(
        (effects[0].state, effects[0].attempt),
        (EffectState::Confirmed, 2)
    );
    // One key, so that the target did it once.
    assert_eq!(world.target.done().into_values().collect::<Vec<_>>(), [1]);
    verified(&new);
}
