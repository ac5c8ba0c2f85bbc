//! Two people at the same moment: one wins, the other is told who did.

use countersign::domain::limits::{BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_DEFAULT};
use countersign::domain::{DeadLetterId, PacketStatus, RunStatus, Verdict};
use countersign::engine::Rejection;
use countersign::runtime::{Drive, Handle, RuntimeError};

use countersign::store::DeadLetterFilter;

use crate::target::Reply;
use crate::world::{World, give, open_packet, order, person, start, until, verified};

const RACES: usize = 50;

async fn race(executor: &Handle, other: &Handle, verdicts: [Verdict; 2]) -> usize {
    let rows = (0..RACES).map(|n| order(&format!("PO-{n}"), "7850.00"));
    let started = start(executor, rows.collect()).await;
    let mut approved = 0;
    for one in started {
        executor.settled(one.run).await.unwrap();
        let packet = open_packet(executor, one.run);
        let racers = [(executor, "ANNA"), (other, "BERT")].map(|(handle, by)| {
            let (handle, packet) = (handle.clone(), packet.clone());
            let verdict = verdicts[usize::from(by == "BERT")];
            tokio::spawn(async move { (by, give(&handle, &packet, verdict, by).await) })
        });
        let (mut won, mut lost) = (Vec::new(), Vec::new());
        for racer in racers {
            match racer.await.unwrap() {
                (by, Ok(taken)) => won.push((by, taken.verdict)),
                (_, Err(error)) => lost.push(error),
            }
        }
        let ([(winner, verdict)], [error]) = (won.as_slice(), lost.as_slice()) else {
            panic!("{won:?} {lost:?}");
        };
        let RuntimeError::Rejected(Rejection::AlreadyDecided {
            status,
            closed_by: Some((by, _)),
            ..
        }) = error
        else {
            panic!("{error}");
        };
        assert_eq!(by, winner);
        let (expected, end) = match verdict {
            Verdict::Approve => (PacketStatus::Approved, RunStatus::Succeeded),
            _ => (PacketStatus::Rejected, RunStatus::Rejected),
        };
        assert_eq!(*status, expected);
        assert_eq!(executor.settled(one.run).await.unwrap().status, end);
        approved += usize::from(*verdict == Verdict::Approve);
    }
    approved
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_races_approve_across_two_processes() {
    let world = World::new();
    let executor = world.open(Drive::Everything).await;
    let attached = world.open(Drive::Nothing).await;
    race(&executor, &attached, [Verdict::Approve; 2]).await;
    let done = world.target.done();
    assert_eq!(done.len(), RACES);
    assert!(done.values().all(|times| *times == 1));
    assert_eq!(world.target.arrivals("erp.commit_order").len(), RACES);
    verified(&executor);
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_races_reject_within_one_process() {
    let world = World::new();
    let executor = world.open(Drive::Everything).await;
    let approved = race(&executor, &executor, [Verdict::Approve, Verdict::Reject]).await;
    assert_eq!(world.target.done().len(), approved);
    verified(&executor);
}

#[tokio::test(flavor = "multi_thread")]
async fn redrive_races_redrive_across_two_processes() {
    let mut world = World::new();
    world.treat_erp(BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_DEFAULT);
    let executor = world.open(Drive::Everything).await;
    let attached = world.open(Drive::Nothing).await;
    world
        .target
        .script("erp.commit_order", vec![Reply::Busy; 4 * RACES]);
    let rows = (0..RACES).map(|n| order(&format!("PO-{n}"), "10.00"));
    let started = start(&executor, rows.collect()).await;
    let letters = || executor.dead_letters(&DeadLetterFilter::default()).unwrap();
    until("all are given up", || {
        // What is under way is not to run out of its time.
        if executor.under_way() == 0 {
            world.clock.later(500);
        }
        letters().len() == RACES
    })
    .await;
    for letter in letters() {
        let racers = [&executor, &attached].map(|handle| {
            let (handle, id) = (handle.clone(), letter.dead_letter);
            let by = if handle.executes() { "ANNA" } else { "BERT" };
            tokio::spawn(async move { (by, redrive(&handle, id, by).await) })
        });
        let (mut won, mut told) = (Vec::new(), Vec::new());
        for racer in racers {
            match racer.await.unwrap() {
                (by, Ok(())) => won.push(by.to_owned()),
                (_, Err(RuntimeError::Rejected(Rejection::LetterClosed { closed_by, .. }))) => {
                    told.extend(closed_by.map(|(by, _)| by));
                }
                (_, Err(error)) => panic!("{error}"),
            }
        }
        assert_eq!(won.len(), 1);
        assert_eq!(told, won, "the loser is told who won");
    }
    for one in started {
        let row = executor.settled(one.run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
    }
    let done = world.target.done();
    assert_eq!(done.len(), RACES);
    assert!(done.values().all(|times| *times == 1));
    verified(&executor);
}

async fn redrive(handle: &Handle, letter: DeadLetterId, by: &str) -> Result<(), RuntimeError> {
    let edits = (Vec::new(), None);
    let moved = handle.redrive(letter, edits, &person(by)).await;
    moved.map(drop)
}
