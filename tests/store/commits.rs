//! What a commit refuses, and that a refusal touches nothing else.

use std::sync::Arc;

use countersign::domain::limits::EVENT_BYTES_MAX;
use countersign::domain::{EffectState, RunStatus};
use countersign::engine::Phase;
use countersign::store::{EffectFilter, Fence, RunFilter, Store, StoreError};
use serde_json::json;

use crate::given::{
    NOW, assert_whole, commit, end, intend, open, place, run_id, start, state, step,
};

#[test]
fn a_lost_race_in_a_group_leaves_the_others() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let group = vec![
        start(2),
        step(1, 0, "late"),
        step(1, 1, "in time"),
        start(3),
    ];
    let answers: Vec<_> = store
        .commit(group)
        .into_iter()
        .map(|ack| ack.blocking_recv().unwrap())
        .collect();
    assert!(answers[0].is_ok() && answers[2].is_ok() && answers[3].is_ok());
    let conflict = answers[1].as_ref().unwrap_err();
    assert!(
        matches!(conflict, StoreError::Conflict { run, expected: 0, found: 1 } if *run == run_id(1)),
        "{conflict:?}"
    );
    assert_eq!(
        store.load(run_id(1)).unwrap().unwrap().state["note"],
        "in time"
    );
    assert_eq!(assert_whole(&store), 5);
}

#[test]
fn a_command_decided_on_events_that_are_not_there_is_a_conflict() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let error = commit(&store, step(1, 7, "early")).unwrap_err();
    assert!(matches!(
        error,
        StoreError::Conflict {
            expected: 7,
            found: 1,
            ..
        }
    ));
    assert_eq!(assert_whole(&store), 2);
}

#[test]
fn a_key_starts_once_and_names_the_run_that_has_it() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let mut again = start(2);
    again.rows.run.key = Some("PO-1".to_owned());
    let error = commit(&store, again).unwrap_err();
    assert!(
        matches!(error, StoreError::DuplicateKey { run } if run == run_id(1)),
        "{error:?}"
    );
    let by_key = |key: &str| store.run_by_key(&"purchase-order".into(), key).unwrap();
    assert_eq!(by_key("PO-1"), Some(run_id(1)));
    assert_eq!(by_key("PO-2"), None);
    assert_eq!(store.load(run_id(2)).unwrap(), None);
    assert_whole(&store);
}

#[test]
fn the_same_key_twice_in_one_group_starts_once() {
    let place = place();
    let store = open(&place.path);
    let mut second = start(2);
    second.rows.run.key = Some("PO-1".to_owned());
    let mut acks = store.commit(vec![start(1), second]);
    let second = acks.remove(1).blocking_recv().unwrap();
    assert!(acks.remove(0).blocking_recv().unwrap().is_ok());
    assert!(matches!(second, Err(StoreError::DuplicateKey { .. })));
    assert_whole(&store);
}

#[test]
fn an_intent_needs_the_newest_token() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let fenced = |fence| matches!(commit(&store, intend(1, 1, fence)), Err(StoreError::Fenced));
    assert!(fenced(None), "no token");
    assert!(fenced(Some(Fence(1))), "a token nobody took");
    let old = store.take_lease(NOW).unwrap().unwrap();
    store.release_lease(old, NOW).unwrap();
    assert!(fenced(Some(old)), "a token that was given back");
    let new = store.take_lease(NOW).unwrap().unwrap();
    assert!(new > old);
    assert!(fenced(Some(old)), "an old token");
    assert_eq!(store.effects(&EffectFilter::default()).unwrap(), vec![]);
    commit(&store, intend(1, 1, Some(new))).unwrap();
    assert_whole(&store);
}

#[test]
fn malformed_commands_are_refused_before_they_are_queued() {
    let place = place();
    let store = open(&place.path);
    let mut empty = start(1);
    empty.events.clear();
    let mut gap = start(1);
    gap.events[0].run_seq = 2;
    let mut stranger = start(1);
    stranger.events[0].run = run_id(9);
    let mut old_state = start(1);
    let mut after = state(1);
    after.seq = 4;
    old_state.after = after.into();
    for wrong in [empty, gap, stranger, old_state] {
        let error = commit(&store, wrong).unwrap_err();
        assert!(matches!(error, StoreError::Failed { .. }), "{error:?}");
    }
    assert_eq!(store.head().unwrap().size, 0);
}

#[test]
fn what_is_too_large_is_refused_by_name() {
    let place = place();
    let store = open(&place.path);
    let mut large = start(1);
    let mut after = state(1);
    Arc::make_mut(&mut after.state).insert("note".to_owned(), json!("x".repeat(EVENT_BYTES_MAX)));
    large.after = after.into();
    let error = commit(&store, large).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { .. }), "{error:?}");
    assert_eq!(store.head().unwrap().size, 0);
}

#[test]
fn a_large_state_and_an_exact_integer_survive() {
    let place = place();
    let store = open(&place.path);
    let mut sent = start(1);
    let mut after = state(1);
    Arc::make_mut(&mut after.state).insert("id".to_owned(), json!(u64::MAX));
    Arc::make_mut(&mut after.state).insert("note".to_owned(), json!("ü\u{202e}".repeat(200_000)));
    sent.after = after.into();
    commit(&store, sent.clone()).unwrap();
    assert_eq!(store.load(run_id(1)).unwrap().unwrap(), *sent.after);
    assert_whole(&store);
}

#[test]
fn runs_are_counted_listed_and_woken_by_what_they_wait_for() {
    let place = place();
    let store = open(&place.path);
    for n in 1..=5 {
        commit(&store, start(n)).unwrap();
    }
    commit(&store, end(2, 1)).unwrap();
    for (n, due) in [(3, 50), (4, 20)] {
        let mut sleeping = step(n, 1, "zzz");
        let mut after = (*sleeping.after).clone();
        after.phase = Phase::Sleeping {
            step: "wait".into(),
            until: NOW.plus_ms(due),
        };
        sleeping.rows.run = crate::given::row(&after);
        sleeping.after = after.into();
        commit(&store, sleeping).unwrap();
    }
    assert_eq!(store.active_runs(None, 9).unwrap(), [run_id(1), run_id(5)]);
    assert_eq!(store.active_runs(Some(run_id(1)), 9).unwrap(), [run_id(5)]);
    assert_eq!(store.active_runs(None, 1).unwrap(), [run_id(1)]);
    assert_eq!(store.next_timer().unwrap(), Some(NOW.plus_ms(20)));
    assert_eq!(store.due_runs(NOW.plus_ms(19), 9).unwrap(), []);
    let due = store.due_runs(NOW.plus_ms(50), 9).unwrap();
    assert_eq!(due, [run_id(4), run_id(3)]);
    let counts = store.run_counts().unwrap();
    let count = |status: RunStatus| counts.get(status.as_str()).copied();
    assert_eq!(count(RunStatus::Ready), Some(2));
    assert_eq!(count(RunStatus::Waiting), Some(2));
    assert_eq!(count(RunStatus::Succeeded), Some(1));
    let ended = RunFilter {
        status: Some(RunStatus::Succeeded),
        ..RunFilter::default()
    };
    assert_eq!(store.runs(&ended).unwrap()[0].run, run_id(2));
    assert_eq!(
        store
            .effects(&EffectFilter {
                state: Some(EffectState::Intent),
                ..EffectFilter::default()
            })
            .unwrap(),
        vec![]
    );
}
