//! A target that answers nothing but 503 for a minute: few requests, and everything listed.

use std::collections::BTreeMap;

use countersign::domain::{NotificationKind, RunStatus};
use countersign::runtime::Drive;
use countersign::store::{DeadLetterFilter, RunFilter};

use crate::target::Reply;
use crate::world::{World, order, start, until, verified};

const RUNS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_of_503_makes_at_most_four_requests_a_run_and_lists_every_one() {
    let world = World::new();
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; 10 * RUNS]);
    let handle = world.open(Drive::Everything).await;
    let row = order("PO", "10.00");
    let rows: Vec<_> = (0..RUNS)
        .map(|n| {
            let number = format!("PO-{n}");
            let mut row = row.clone();
            row.fields.insert("po_id".to_owned(), number.clone().into());
            row.input.insert("po_id".to_owned(), number.clone().into());
            row.key = Some(number);
            row
        })
        .collect();
    start(&handle, rows).await;
    let letters = || {
        let letters = handle.dead_letters(&DeadLetterFilter::default()).unwrap();
        letters.len()
    };
    until("all are listed", || {
        // What is under way is not to run out of its time.
        if handle.under_way() == 0 {
            world.clock.later(100);
        }
        letters() == RUNS
    })
    .await;
    world.clock.later(60_000);
    handle.idle().await.unwrap();
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for arrival in world.target.arrivals("erp.commit_order") {
        *requests.entry(arrival.key.unwrap()).or_default() += 1;
    }
    assert!(requests.values().all(|count| *count <= 4), "{requests:?}");
    // Few more than were under way before the target was seen to be down.
    let sent: usize = requests.values().sum();
    assert!((5..RUNS).contains(&sent), "{sent} requests");
    assert!(world.target.done().is_empty());
    let listed = handle.dead_letters(&DeadLetterFilter::default()).unwrap();
    let inputs = handle.inputs_of(&listed).unwrap();
    for (letter, input) in listed.iter().zip(inputs) {
        let code = letter.code.as_str();
        assert!(["status_503", "breaker_open"].contains(&code), "{code}");
        assert_eq!(letter.attempts, 4);
        assert_eq!(input["po_id"].as_str(), letter.key.as_deref());
    }
    let runs = handle.runs(&RunFilter::default()).unwrap();
    assert!(runs.iter().all(|run| run.status == RunStatus::DeadLettered));
    assert_eq!(runs.len(), RUNS, "none is lost");
    let told = handle.notifications(1_000).unwrap();
    let dead = told
        .iter()
        .filter(|told| told.notification.kind == NotificationKind::DeadLetter);
    assert_eq!(dead.count(), RUNS);
    verified(&handle);
}
