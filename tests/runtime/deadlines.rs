//! Review windows, clocks that jump, and an absence: nothing is repeated, nothing expires in a
//! heap, and what fell due happens once, in due order.

use countersign::domain::{NotificationKind, Packet, PacketStatus, RunStatus, Verdict};
use countersign::runtime::{Drive, Handle};
use countersign::store::{AlertFilter, EventFilter, PacketFilter, StoredEvent};
use countersign::views::AlertRow;

use crate::target::Reply;
use serde_json::json;

use crate::world::{
    World, give, mail, open_packet, order, person, process, row_of, settled_order, start, until,
    verified,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn events(handle: &Handle, kind: &str) -> Vec<StoredEvent> {
    let filter = EventFilter {
        kind: Some(kind.to_owned()),
        ..EventFilter::default()
    };
    handle.events(&filter).unwrap()
}

fn packets(handle: &Handle, status: PacketStatus) -> Vec<Packet> {
    let filter = PacketFilter {
        status: Some(status),
        ..PacketFilter::default()
    };
    handle.packets(&filter).unwrap()
}

fn alerts(handle: &Handle) -> Vec<AlertRow> {
    handle.alerts(&AlertFilter::default()).unwrap()
}

/// Parks `count` orders, some each minute.
async fn parked(world: &World, handle: &Handle, (name, count): (&str, usize)) {
    let before = handle.open_packets().unwrap();
    // Compiling the definition for each row would take longest of all.
    let row = order("PO", "7850.00");
    let rows: Vec<_> = (0..count)
        .map(|n| {
            let number = format!("PO-{name}-{n}");
            let mut row = row.clone();
            row.fields.insert("po_id".to_owned(), number.clone().into());
            row.input.insert("po_id".to_owned(), number.clone().into());
            row.key = Some(number);
            row
        })
        .collect();
    let mut all = before;
    for some in rows.chunks(count.div_ceil(5)) {
        start(handle, some.to_vec()).await;
        world.clock.later(60_000);
        all += some.len() as u64;
        until("all wait", || handle.open_packets().unwrap() == all).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packet_nobody_answers_is_escalated_once_told_and_then_expires() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let run = settled_order(&handle, "PO-1", "7850.00").await;
    let packet = open_packet(&handle, run);
    world.clock.later(DAY_MS - 1);
    handle.idle().await.unwrap();
    assert_eq!(events(&handle, "packet_escalated").len(), 0);
    world.clock.later(1);
    until("it is escalated", || {
        events(&handle, "packet_escalated").len() == 1
    })
    .await;
    let told = handle.notifications(10).unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].notification.kind, NotificationKind::Escalation);
    assert_eq!(told[0].notification.subject, packet.packet.to_string());
    let escalated = handle.packet(packet.packet).unwrap();
    assert_eq!(escalated.digest, packet.digest);
    world.clock.later(DAY_MS);
    let row = handle.settled(run).await.unwrap();
    until("it has expired", || {
        handle.packet(packet.packet).unwrap().status == PacketStatus::Expired
    })
    .await;
    assert_ne!(row.status, RunStatus::Succeeded);
    assert_eq!(handle.run(run).unwrap().row.status, RunStatus::Rejected);
    assert!(world.target.arrivals("erp.commit_order").is_empty());
    let late = give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE").await;
    let late = late.unwrap_err().to_string();
    assert!(late.contains("expired by SYSTEM"), "{late}");
    assert_eq!(events(&handle, "packet_escalated").len(), 1);
    assert_eq!(alerts(&handle), []);
    verified(&handle);
}

#[test]
fn after_three_hours_away_what_fell_due_happens_once_in_due_order() {
    const WAITING: usize = 1_000;
    let world = World::new();
    process(async {
        let handle = world.open(Drive::Everything).await;
        // All but the last hour of the first half's window has passed when the process goes.
        parked(&world, &handle, ("first", WAITING / 2)).await;
        world.clock.later(4 * HOUR_MS);
        for n in 0..WAITING / 2 {
            start(&handle, vec![order(&format!("PO-later-{n}"), "7850.00")]).await;
        }
        until("all wait", || {
            packets(&handle, PacketStatus::Open).len() == WAITING
        })
        .await;
        world.clock.later(18 * HOUR_MS);
        handle.shutdown().await.unwrap();
    });
    let asked = world.target.arrivals("register.lookup").len();
    world.clock.later(3 * HOUR_MS);
    for _ in 0..2 {
        process(async {
            let handle = world.open(Drive::Everything).await;
            for part in 1..=10 {
                let told = part * WAITING / 20;
                until("the first half is escalated", || {
                    handle.notifications(1_000).unwrap().len() >= told
                })
                .await;
            }
            handle.idle().await.unwrap();
            handle.shutdown().await.unwrap();
        });
    }
    process(async {
        let handle = world.open(Drive::Nothing).await;
        let escalated = events(&handle, "packet_escalated");
        assert_eq!(escalated.len(), WAITING / 2);
        // In due order, and none twice.
        let named = |events: &[StoredEvent]| -> Vec<String> {
            let packets = events.iter().map(|event| event.body["packet"].to_string());
            packets.collect()
        };
        let mut opened = events(&handle, "packet_opened");
        opened.sort_by_key(|event| event.body["due_at"].to_string());
        let due = named(&opened[..WAITING / 2]);
        assert!(
            named(&escalated) == due,
            "another order than they fell due in"
        );
        assert_eq!(packets(&handle, PacketStatus::Open).len(), WAITING);
        assert_eq!(
            world.target.arrivals("register.lookup").len(),
            asked,
            "nothing is repeated"
        );
        assert!(world.target.arrivals("erp.commit_order").is_empty());
        assert_eq!(alerts(&handle), []);
        verified(&handle);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_freezes_the_windows_until_it_is_acknowledged() {
    for jump_ms in [30 * DAY_MS, -7 * DAY_MS] {
        let world = World::new();
        let handle = world.open(Drive::Everything).await;
        parked(&world, &handle, ("some", 20)).await;
        world.clock.set(jump_ms);
        until("an alert is raised", || alerts(&handle).len() == 1).await;
        let alert = alerts(&handle).remove(0);
        assert_eq!(alert.kind.as_str(), "clock_jump");
        assert_eq!(alert.evidence["off_ms"], jump_ms);
        // Real time goes on: two windows long, nothing passes.
        world.clock.later(3 * DAY_MS);
        let second = settled_order(&handle, "PO-more", "10.00").await;
        assert_eq!(handle.run(second).unwrap().row.status, RunStatus::Succeeded);
        assert_eq!(events(&handle, "packet_escalated").len(), 0);
        assert_eq!(packets(&handle, PacketStatus::Open).len(), 20);
        assert!(
            is_ordered(&handle),
            "time goes on by the clock that nobody sets"
        );
        let jane = person("MGR_JANE_DOE");
        handle
            .acknowledge(alert.alert, Some("NTP is back"), &jane)
            .await
            .unwrap();
        let again = handle
            .acknowledge(alert.alert, None, &jane)
            .await
            .unwrap_err();
        assert!(
            again.to_string().contains("already acknowledged"),
            "{again}"
        );
        if jump_ms > 0 {
            until("what is overdue is escalated", || {
                events(&handle, "packet_escalated").len() == 20
            })
            .await;
        }
        assert_eq!(packets(&handle, PacketStatus::Expired).len(), 0);
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
        assert_eq!(alerts(&handle).len(), 1);
        verified(&handle);
    }
}

/// Times do not run back, but for what was decided at one moment and committed the other way round.
fn is_ordered(handle: &Handle) -> bool {
    let events = handle.events(&EventFilter::default()).unwrap();
    assert!(events.len() > 10);
    events
        .windows(2)
        .all(|pair| pair[1].at.ms_since(pair[0].at) >= -60_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_while_the_clock_was_in_question_gets_another_window() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    parked(&world, &handle, ("some", 5)).await;
    world.clock.later(DAY_MS);
    until("all are escalated", || {
        events(&handle, "packet_escalated").len() == 5
    })
    .await;
    world.clock.set(30 * DAY_MS);
    until("an alert is raised", || alerts(&handle).len() == 1).await;
    let alert = alerts(&handle).remove(0).alert;
    handle
        .acknowledge(alert, None, &person("MGR_JANE_DOE"))
        .await
        .unwrap();
    until("all have another window", || {
        events(&handle, "packet_extended").len() == 5
    })
    .await;
    assert_eq!(packets(&handle, PacketStatus::Open).len(), 5);
    // And then silence means what it means.
    world.clock.later(DAY_MS);
    until("all have expired", || {
        packets(&handle, PacketStatus::Expired).len() == 5
    })
    .await;
    verified(&handle);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_jumps_approve_nothing_expire_nothing_and_keep_the_order() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    parked(&world, &handle, ("some", 10)).await;
    for n in 1..=50_i64 {
        world
            .clock
            .set(if n % 2 == 0 { n * DAY_MS } else { -n * DAY_MS });
        world.clock.later(1_000);
        if n % 10 == 0 {
            settled_order(&handle, &format!("PO-between-{n}"), "10.00").await;
        }
    }
    until("an alert is raised", || alerts(&handle).len() == 1).await;
    assert_eq!(packets(&handle, PacketStatus::Open).len(), 10);
    assert_eq!(events(&handle, "packet_escalated").len(), 0);
    assert!(is_ordered(&handle));
    assert_eq!(world.target.arrivals("erp.commit_order").len(), 5);
    verified(&handle);
}

#[test]
fn a_store_whose_last_event_lies_ahead_of_the_clock_freezes_the_windows_on_opening() {
    let world = World::new();
    process(async {
        let handle = world.open(Drive::Everything).await;
        parked(&world, &handle, ("some", 3)).await;
        handle.shutdown().await.unwrap();
    });
    world.clock.set(-7 * DAY_MS);
    process(async {
        let handle = world.open(Drive::Everything).await;
        until("an alert is raised", || alerts(&handle).len() == 1).await;
        let told = handle.notifications(10).unwrap();
        assert_eq!(
            told.last().unwrap().notification.kind,
            NotificationKind::Alert
        );
        assert!(is_ordered(&handle));
        handle.shutdown().await.unwrap();
    });
    // Another process raises no second one, and acknowledges this one.
    process(async {
        let handle = world.open(Drive::Everything).await;
        let alert = alerts(&handle).remove(0).alert;
        handle
            .acknowledge(alert, None, &person("MGR_JANE_DOE"))
            .await
            .unwrap();
        settled_order(&handle, "PO-after", "10.00").await;
        handle.shutdown().await.unwrap();
    });
    process(async {
        let handle = world.open(Drive::Everything).await;
        handle.idle().await.unwrap();
        assert_eq!(alerts(&handle).len(), 1);
        assert_eq!(packets(&handle, PacketStatus::Open).len(), 3);
        verified(&handle);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_not_stuck_by_a_clock_that_went_back() {
    for acknowledged in [false, true] {
        let world = World::new();
        world.target.script("erp.commit_order", [Reply::Busy]);
        let handle = world.open(Drive::Everything).await;
        let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
        until("the order is put off", || {
            events(&handle, "effect_deferred").len() == 1
        })
        .await;
        handle.idle().await.unwrap();
        world.clock.set(-7 * DAY_MS);
        until("an alert is raised", || alerts(&handle).len() == 1).await;
        if acknowledged {
            let alert = alerts(&handle).remove(0).alert;
            handle
                .acknowledge(alert, None, &person("MGR_JANE_DOE"))
                .await
                .unwrap();
        } else {
            world.clock.later(1_200);
        }
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 2);
        verified(&handle);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_means_nothing_during_a_window_of_an_older_program() {
    let world = World::new();
    let handle = world.open(Drive::Everything).await;
    let row = row_of(&mail(), json!({ "to": "desk" }), None);
    let starter = person("STARTER");
    let begun = handle.start(&mail(), vec![row], &starter).await.unwrap();
    let run = begun[0].run;
    until("it waits", || handle.open_packets().unwrap() == 1).await;
    let open = "INSERT INTO opened_before SELECT id, due_at FROM packets";
    assert_eq!(world.stranger().execute(open, []).unwrap(), 1);
    world.clock.later(DAY_MS + 1);
    until("it has another window", || {
        events(&handle, "packet_extended").len() == 1
    })
    .await;
    assert_eq!(packets(&handle, PacketStatus::Open).len(), 1);
    world.clock.later(2 * DAY_MS);
    until("silence rejects", || {
        handle.run_row(run).unwrap().unwrap().status == RunStatus::Rejected
    })
    .await;
    assert_eq!(events(&handle, "packet_extended").len(), 1);
    assert!(world.target.arrivals("mail.send").is_empty());
    verified(&handle);
}
