//! Runs that an older program left go on under this one, and nothing is done twice.

use std::path::Path;

use countersign::domain::{RunId, RunStatus, Verdict};
use countersign::engine::Settled;
use countersign::runtime::{Drive, Handle, RuntimeError, Settlement};
use countersign::store::{DeadLetterFilter, RunFilter};
use countersign::views::RunRow;

use crate::world::{World, give, kinds, open_packet, person, until, verified};

/// A world whose store an older program wrote; its targets have done nothing yet.
fn world_of(golden: &str) -> World {
    let world = World::new();
    let golden = Path::new("tests/store/golden").join(golden);
    std::fs::copy(golden, world.store_path()).unwrap();
    world
}

fn rows(handle: &Handle) -> Vec<RunRow> {
    handle.runs(&RunFilter::default()).unwrap()
}

fn arrivals_by_key(world: &World) -> Vec<String> {
    let mut keys: Vec<String> = world
        .target
        .arrivals("erp.commit_order")
        .into_iter()
        .map(|arrival| arrival.key.unwrap())
        .collect();
    keys.sort();
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_flight_ends_under_its_own_keys() {
    for golden in ["v1_in_flight.db", "v1_retrying.db", "v2_orders.db"] {
        let world = world_of(golden);
        // Shortly after the program ended: a retry that was due meanwhile is due now.
        world.clock.later(34_100_000);
        let handle = world.open(Drive::Everything).await;
        let mut moving: Vec<RunId> = Vec::new();
        for row in rows(&handle) {
            if row.status == RunStatus::Running {
                moving.push(row.run);
            }
        }
        assert!(moving.len() >= 2, "{golden}");
        for run in moving {
            until("it is through", || {
                world.clock.later(1_000);
                handle.run_row(run).unwrap().unwrap().status != RunStatus::Running
            })
            .await;
            let row = handle.run_row(run).unwrap().unwrap();
            // What the probe does not find is asked about a second time, then sent.
            assert_eq!(
                row.status,
                RunStatus::Succeeded,
                "{golden} {:?}",
                kinds(&handle, run)
            );
        }
        assert!(world.target.done().into_values().all(|times| times == 1));
        verified(&handle);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_of_an_older_program_is_approved() {
    let world = world_of("v1_orders.db");
    let handle = world.open(Drive::Everything).await;
    let row = rows(&handle)
        .into_iter()
        .find(|row| row.key.as_deref() == Some("PO-5"))
        .unwrap();
    // The ERP lives elsewhere by now, so what was shown is not what would be sent: asked again.
    for expected in [RunStatus::Waiting, RunStatus::Succeeded] {
        let packet = open_packet(&handle, row.run);
        give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
            .await
            .unwrap();
        let settled = handle.settled(row.run).await.unwrap();
        assert_eq!(settled.status, expected);
    }
    assert_eq!(world.target.done().into_values().collect::<Vec<_>>(), [1]);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_of_an_older_program_go_on_and_what_may_have_happened_is_asked_about() {
    let world = world_of("v1_orders.db");
    let handle = world.open(Drive::Everything).await;
    let by = person("FINANCE_OPS");
    let letters = handle.dead_letters(&DeadLetterFilter::default()).unwrap();
    let [reading, not_done, unsettled] = letters.as_slice() else {
        panic!("{letters:?}");
    };
    for letter in [reading, not_done] {
        let reason = Some("the ERP is back".to_owned());
        handle
            .redrive(letter.dead_letter, (Vec::new(), reason), &by)
            .await
            .unwrap();
        let row = handle.settled(letter.run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    assert_eq!(arrivals_by_key(&world).len(), 2);

    let edit = vec![("amount".to_owned(), serde_json::json!("15.00"))];
    let refused = handle
        .redrive(unsettled.dead_letter, (edit, Some("more".to_owned())), &by)
        .await;
    assert!(
        matches!(refused, Err(RuntimeError::Rejected(_))),
        "{refused:?}"
    );
    handle
        .redrive(unsettled.dead_letter, (Vec::new(), None), &by)
        .await
        .unwrap();
    let row = handle.settled(unsettled.run).await.unwrap();
    assert_eq!(row.status, RunStatus::Waiting);
    assert_eq!(
        arrivals_by_key(&world).len(),
        2,
        "nothing is sent before a person spoke"
    );
    let effect = open_packet(&handle, unsettled.run).effects[0].clone();
    let said = Settlement {
        key: effect.key,
        settled: Settled::Happened,
        output: None,
        reason: Some("seen in the ERP".to_owned()),
    };
    handle.settle(said, &by).await.unwrap();
    assert_eq!(arrivals_by_key(&world).len(), 2);
    verified(&handle);

    let closed = handle.dead_letters(&DeadLetterFilter::default()).unwrap();
    let open = closed.iter().filter(|letter| letter.closed_by.is_none());
    assert!(open.count() <= 1, "{closed:?}");
}
