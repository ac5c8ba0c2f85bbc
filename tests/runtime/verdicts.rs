//! Verdicts drive a run on, and what is refused is kept.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::Rejection;
use countersign::runtime::{Amendment, Drive, RuntimeError};
use serde_json::json;

use crate::target::Target;
use crate::world::{
    World, give, journal, kinds, mail, open_packet, person, row_of, settled_order, verified,
};

#[tokio::test(flavor = "multi_thread")]
async fn approval_drives_the_run_to_its_end() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "7850.00").await;
    let packet = open_packet(&handle, run);
    let taken = give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE").await;
    assert_eq!(taken.unwrap().run, run);
    assert_eq!(
        handle.settled(run).await.unwrap().status,
        RunStatus::Succeeded
    );
    assert_eq!(
        handle.run(run).unwrap().state["reviewer_id"],
        "MGR_JANE_DOE"
    );
    assert_eq!(world.target.done().len(), 1);
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejection_ends_the_run_with_nothing_sent() {
    let world = World::with(Target::of_strangers());
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "10.00").await;
    let packet = open_packet(&handle, run);
    give(&handle, &packet, Verdict::Reject, "MGR_JANE_DOE")
        .await
        .unwrap();
    assert_eq!(
        handle.settled(run).await.unwrap().status,
        RunStatus::Rejected
    );
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    assert!(kinds(&handle, run).contains(&"effect_blocked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_verdict_is_refused_and_audited() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "7850.00").await;
    let seen = open_packet(&handle, run);
    let amendment = Amendment {
        packet: seen.packet,
        digest: seen.digest.to_string(),
        set: vec![("amount".to_owned(), json!("9850.00"))],
        reason: "More was ordered.".to_owned(),
    };
    let amended = handle.amend(amendment, &person("editor")).await.unwrap();
    assert_eq!(amended.version, 2);
    let refused = give(&handle, &seen, Verdict::Approve, "late").await;
    assert!(
        matches!(
            refused,
            Err(RuntimeError::Rejected(Rejection::Stale { version: 2, .. }))
        ),
        "{refused:?}"
    );
    let last = journal(&handle, run).pop().unwrap();
    assert_eq!(
        (last.kind.as_str(), last.actor.as_str()),
        ("command_refused", "late")
    );
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Waiting);
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    let shown = handle.packet(seen.packet).unwrap();
    assert_eq!(shown.version, 2);
    give(&handle, &shown, Verdict::Approve, "MGR_JANE_DOE")
        .await
        .unwrap();
    handle.settled(run).await.unwrap();
    assert_eq!(world.target.done().len(), 1);
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_at_the_very_moment_a_packet_opens_sends_a_mail_once() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let definition = mail();
    for n in 0..50 {
        let row = row_of(
            &definition,
            json!({ "to": format!("a{n}@example.com") }),
            None,
        );
        let started = handle
            .start(&definition, vec![row], &person("STARTER"))
            .await
            .unwrap();
        let run = started[0].run;
        crate::world::until("a packet opens", || {
            handle.run(run).unwrap().packet.is_some()
        })
        .await;
        let packet = open_packet(&handle, run);
        give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
            .await
            .unwrap();
        let row = handle.settled(run).await.unwrap();
        assert_eq!(
            row.status,
            RunStatus::Succeeded,
            "{:?}",
            kinds(&handle, run)
        );
    }
    let done = world.target.done();
    assert_eq!(done.len(), 50);
    assert!(done.values().all(|times| *times == 1));
}
