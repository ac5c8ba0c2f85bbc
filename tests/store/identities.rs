//! One live effect for each business identity, whoever commits first.

use std::sync::Arc;

use countersign::domain::{BusinessIdentity, Digest, EffectState};
use countersign::engine::{Event, Phase};
use countersign::store::{Commit, Committed, Fence, Store, StoreError};

use crate::given::{
    NOW, assert_whole, commit, confirm, effect_key, intend, intrude, open, place, run_id, start,
    verify,
};

const RACES: u64 = 50;

fn identity(of: &str, number: u32) -> BusinessIdentity {
    BusinessIdentity {
        digest: Digest::of(of.as_bytes()),
        number,
    }
}

/// INTENT of run `n` after its start, for an act of this identity.
fn intend_as(n: u64, identity: BusinessIdentity, fence: Option<Fence>) -> Commit {
    let mut command = intend(n, 1, fence);
    for recorded in &mut command.events {
        if let Event::EffectIntended { values, .. } = &mut recorded.event {
            Arc::make_mut(&mut values.effect).identity = Some(identity);
        }
    }
    let after = Arc::make_mut(&mut command.after);
    if let Phase::Sending { effect, .. } = &mut after.phase {
        Arc::make_mut(effect).identity = Some(identity);
    }
    command.rows.effects[0].identity = Some(identity);
    command
}

fn outcome(n: u64, state: EffectState, identity: Option<BusinessIdentity>) -> Commit {
    let mut command = confirm(n, 2);
    command.rows.effects[0].state = state;
    command.rows.effects[0].identity = identity;
    command
}

fn duplicate_of(answer: &Result<Committed, StoreError>) -> Option<u64> {
    match answer {
        Err(StoreError::DuplicateIdentity { run, key, .. }) => {
            let n = (1..=2 * RACES).find(|n| run_id(*n) == *run)?;
            assert_eq!(*key, effect_key(n));
            Some(n)
        }
        _ => None,
    }
}

#[test]
fn of_two_processes_that_begin_the_same_act_one_wins_and_the_other_is_told() {
    let place = place();
    let stores = [open(&place.path), open(&place.path)];
    let fence = stores[0].take_lease(NOW).unwrap();
    let mut won_by = [0, 0];
    for round in 0..RACES {
        let runs = [2 * round + 1, 2 * round + 2];
        for n in runs {
            commit(&stores[0], start(n)).unwrap();
        }
        let act = identity(&format!("act {round}"), 1);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..2)
                .map(|racer: usize| {
                    let (store, n) = (&stores[racer], runs[racer]);
                    scope.spawn(move || commit(store, intend_as(n, act, fence)))
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let winner = answers.iter().position(Result::is_ok).expect("a winner");
        won_by[winner] += 1;
        assert_eq!(duplicate_of(&answers[1 - winner]), Some(runs[winner]));
        let held = stores[1].holders(act.digest).unwrap();
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].run, run_id(runs[winner]));
    }
    assert_eq!(won_by.iter().sum::<u64>(), RACES);
    assert_whole(&stores[1]);
}

#[test]
fn an_identity_is_free_again_once_its_effect_is_refused_and_not_before() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    let act = identity("act", 1);
    for n in 1..=4 {
        commit(&store, start(n)).unwrap();
    }
    commit(&store, intend_as(1, act, fence)).unwrap();
    let refused = commit(&store, intend_as(2, act, fence));
    assert_eq!(duplicate_of(&refused), Some(1), "{refused:?}");
    // A refused INTENT leaves nothing behind.
    assert_eq!(store.load(run_id(2)).unwrap().unwrap().seq, 1);
    assert!(store.effect(effect_key(2)).unwrap().is_none());
    commit(&store, outcome(1, EffectState::Refused, None)).unwrap();
    commit(&store, intend_as(2, act, fence)).unwrap();
    for state in [EffectState::Unknown, EffectState::Confirmed] {
        let before = store.load(run_id(2)).unwrap().unwrap().seq;
        let mut command = outcome(2, state, Some(act));
        if state == EffectState::Confirmed {
            command = confirm(2, before);
            command.rows.effects[0].identity = Some(act);
        }
        // `confirm` ends the run, so the first of them stands for both.
        if commit(&store, command).is_ok() {
            let refused = commit(&store, intend_as(3, act, fence));
            assert_eq!(duplicate_of(&refused), Some(2), "{state}: {refused:?}");
        }
    }
    let held = store.holders(act.digest).unwrap();
    assert_eq!(held.len(), 1);
    assert_whole(&store);
}

#[test]
fn a_named_operation_stands_beside_the_first_and_the_first_beside_none() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    for n in 1..=5 {
        commit(&store, start(n)).unwrap();
    }
    commit(&store, intend_as(1, identity("act", 1), fence)).unwrap();
    commit(&store, intend_as(2, identity("act", 2), fence)).unwrap();
    let same = commit(&store, intend_as(3, identity("act", 2), fence));
    assert_eq!(duplicate_of(&same), Some(2));
    commit(&store, outcome(1, EffectState::Refused, None)).unwrap();
    // The first number is free, but a second operation stands: a person must see it.
    let first = commit(&store, intend_as(4, identity("act", 1), fence));
    assert_eq!(duplicate_of(&first), Some(2));
    commit(&store, intend_as(5, identity("another act", 1), fence)).unwrap();
    assert_whole(&store);
}

#[test]
fn an_effect_that_begins_again_is_no_duplicate_of_itself() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    let act = identity("act", 1);
    commit(&store, start(1)).unwrap();
    commit(&store, intend_as(1, act, fence)).unwrap();
    let mut again = intend_as(1, act, fence);
    again.expected_seq = 2;
    again.events[0].run_seq = 3;
    Arc::make_mut(&mut again.after).seq = 3;
    commit(&store, again).unwrap();
    assert_eq!(store.holders(act.digest).unwrap().len(), 1);
    assert_whole(&store);
}

#[test]
fn what_is_held_already_begins_again_beside_what_was_named_another_operation() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    for n in 1..=4 {
        commit(&store, start(n)).unwrap();
    }
    commit(&store, intend_as(1, identity("act", 1), fence)).unwrap();
    commit(&store, intend_as(2, identity("act", 2), fence)).unwrap();
    let mut again = intend_as(1, identity("act", 1), fence);
    again.expected_seq = 2;
    again.events[0].run_seq = 3;
    Arc::make_mut(&mut again.after).seq = 3;
    commit(&store, again).unwrap();
    // Nobody else begins under the first number for that.
    let first = commit(&store, intend_as(3, identity("act", 1), fence));
    assert!(duplicate_of(&first).is_some(), "{first:?}");
    // Nor does who holds one number take another for granted.
    let mut other = intend_as(1, identity("act", 2), fence);
    other.expected_seq = 3;
    other.events[0].run_seq = 4;
    Arc::make_mut(&mut other.after).seq = 4;
    assert_eq!(duplicate_of(&commit(&store, other)), Some(2));
    assert_whole(&store);
}

#[test]
fn an_altered_identity_is_named() {
    for sql in [
        "UPDATE effects SET identity = NULL, identity_number = NULL",
        "UPDATE effects SET identity = zeroblob(32)",
        "UPDATE effects SET identity_number = 2",
    ] {
        let place = place();
        let store = open(&place.path);
        let fence = store.take_lease(NOW).unwrap();
        let act = identity("act", 1);
        commit(&store, start(1)).unwrap();
        commit(&store, intend_as(1, act, fence)).unwrap();
        assert_whole(&store);
        intrude(&place.path, sql);
        assert!(!verify(&store).ok, "not found: {sql}");
        let read = store.effect(effect_key(1));
        assert!(
            matches!(read, Err(StoreError::Integrity { .. })),
            "{read:?}"
        );
    }
}
