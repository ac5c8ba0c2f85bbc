//! One executor at a time, across processes.

use std::process::{Child, Command, Stdio};

use countersign::store::{EventFilter, Store, StoreError};

use crate::given::{NOW, assert_whole, commit, open, place, start};
use crate::kill::{as_child, child_of, wait_for_line};

#[test]
fn a_lease_is_taken_once_and_recorded() {
    let place = place();
    let store = open(&place.path);
    assert!(!store.lease().unwrap().alive);
    let fence = store.take_lease(NOW).unwrap().unwrap();
    assert_eq!(
        store.take_lease(NOW).unwrap(),
        Some(fence),
        "it is ours already"
    );
    let info = store.lease().unwrap();
    assert_eq!((info.token, info.pid), (fence.0, Some(std::process::id())));
    assert!(info.alive);
    assert_eq!(info.taken_at, Some(NOW));

    let other = open(&place.path);
    assert_eq!(other.take_lease(NOW).unwrap(), None);
    assert!(other.lease().unwrap().alive);
    assert!(other.fence_holds(fence).unwrap());

    store.release_lease(fence, NOW).unwrap();
    assert!(!other.lease().unwrap().alive);
    assert!(!other.fence_holds(fence).unwrap());
    let newer = other.take_lease(NOW).unwrap().unwrap();
    assert_eq!(newer.0, fence.0 + 1);
    let again = store.release_lease(fence, NOW);
    assert!(matches!(again, Err(StoreError::Fenced)), "{again:?}");

    let kinds: Vec<_> = store
        .events(&EventFilter::default())
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            "store_created",
            "executor_lease_taken",
            "executor_lease_released",
            "executor_lease_taken"
        ]
    );
    assert_whole(&other);
}

#[test]
fn a_holder_whose_lease_was_taken_does_not_have_it_any_more() {
    let place = place();
    let old = open(&place.path);
    let fence = old.take_lease(NOW).unwrap().unwrap();
    // Without its lock file the store believes that nobody holds it.
    std::fs::remove_file(place.path.with_extension("db.lock")).unwrap();
    let new = open(&place.path);
    let newer = new.take_lease(NOW).unwrap().unwrap();
    assert_eq!(newer.0, fence.0 + 1);
    for _ in 0..2 {
        assert_eq!(old.take_lease(NOW).unwrap(), None, "the lock is another's");
    }
    assert!(new.fence_holds(newer).unwrap());
    new.release_lease(newer, NOW).unwrap();
    let again = old.take_lease(NOW).unwrap().unwrap();
    assert_eq!(again.0, newer.0 + 1, "once it was given back");
}

#[test]
fn dropping_the_store_gives_the_lock_back() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap().unwrap();
    drop(store);
    let store = open(&place.path);
    assert!(!store.lease().unwrap().alive);
    assert!(store.take_lease(NOW).unwrap().unwrap() > fence);
}

#[test]
fn another_process_holds_the_lock_until_it_is_killed() {
    let place = place();
    drop(open(&place.path));
    let mut child = holder(&place.path);
    wait_for_line(&mut child, "held");
    let store = open(&place.path);
    assert_eq!(store.take_lease(NOW).unwrap(), None);
    let info = store.lease().unwrap();
    assert!(info.alive);
    assert_eq!(info.pid, Some(child.id()));
    // Everybody may still decide.
    commit(&store, start(1)).unwrap();

    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!store.lease().unwrap().alive);
    let fence = store.take_lease(NOW).unwrap().unwrap();
    assert_eq!(fence.0, info.token + 1);
    assert_whole(&store);
}

fn holder(path: &std::path::Path) -> Child {
    let mut command: Command = child_of("lease::in_a_child_the_lease_is_held", path);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// Runs only as the child of the test above.
#[test]
fn in_a_child_the_lease_is_held() {
    let Some(path) = as_child() else { return };
    let store = open(&path);
    store.take_lease(NOW).unwrap().unwrap();
    crate::kill::say("held");
    loop {
        std::thread::park();
    }
}
