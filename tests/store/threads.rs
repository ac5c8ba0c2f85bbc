//! Many at once: threads on one store, and two stores on one file.

use countersign::store::{Store, StoreError};

use crate::given::{assert_whole, commit, end, open, place, run_id, start, step};

const THREADS: u64 = 8;
const EACH: u64 = 200;

#[test]
fn eight_threads_commit_at_once_and_the_chain_verifies() {
    let place = place();
    let store = open(&place.path);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let store = &store;
            scope.spawn(move || {
                for n in thread * EACH + 1..=(thread + 1) * EACH {
                    for ack in store.commit(vec![start(n), end(n, 1)]) {
                        ack.blocking_recv().unwrap().unwrap();
                    }
                }
            });
        }
    });
    assert_eq!(store.run_counts().unwrap()["succeeded"], THREADS * EACH);
    assert_eq!(assert_whole(&store), 2 * THREADS * EACH + 1);
}

#[test]
fn of_many_who_decide_on_the_same_state_one_wins() {
    let place = place();
    let stores = [open(&place.path), open(&place.path)];
    commit(&stores[0], start(1)).unwrap();
    for before in 1..=50 {
        let results: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..4)
                .map(|racer: usize| {
                    let store = &stores[racer % 2];
                    scope.spawn(move || commit(store, step(1, before, &format!("{racer}"))))
                })
                .collect();
            racers
                .into_iter()
                .map(|racer| racer.join().unwrap())
                .collect()
        });
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "{results:?}");
        for lost in results.iter().filter_map(|result| result.as_ref().err()) {
            assert!(matches!(lost, StoreError::Conflict { .. }), "{lost:?}");
        }
    }
    assert_eq!(stores[1].load(run_id(1)).unwrap().unwrap().seq, 51);
    assert_whole(&stores[1]);
}

#[test]
fn the_data_version_changes_with_every_commit_of_anyone() {
    let place = place();
    let (mine, other) = (open(&place.path), open(&place.path));
    let mut seen = vec![mine.data_version().unwrap()];
    assert_eq!(mine.data_version().unwrap(), seen[0], "nobody committed");
    commit(&mine, start(1)).unwrap();
    seen.push(mine.data_version().unwrap());
    commit(&other, start(2)).unwrap();
    seen.push(mine.data_version().unwrap());
    assert!(seen[0] != seen[1] && seen[1] != seen[2], "{seen:?}");
}

#[test]
fn a_stopped_writer_elsewhere_is_busy_and_reads_go_on() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let other = rusqlite::Connection::open_with_flags(
        &place.path,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE,
    )
    .unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ack = store.commit(vec![end(1, 1)]).remove(0);
    assert_eq!(store.load(run_id(1)).unwrap().unwrap().seq, 1);
    let refused = ack.blocking_recv().unwrap();
    assert!(
        matches!(refused, Err(StoreError::Busy { .. })),
        "{refused:?}"
    );
    other.execute_batch("ROLLBACK").unwrap();
    commit(&store, end(1, 1)).unwrap();
    assert_whole(&store);
}
