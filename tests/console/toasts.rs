//! What a person is told without having asked: once, in a line that takes no key.

use countersign::console::message::{Message, Refusal};
use countersign::console::request::Request;
use countersign::domain::{NotificationKind, Tier};
use countersign::store::StoredNotification;
use countersign::views::Notification;

use crate::hostile::{check, texts};
use crate::stage::{NOW, Stage, order, run_id};

fn stage(columns: u16, rows: u16) -> Stage {
    Stage::with(columns, rows, vec![order(1, Tier::Routine, "7850.00")])
}

fn one(id: u64, kind: NotificationKind, text: &str) -> StoredNotification {
    StoredNotification {
        id,
        notification: Notification {
            kind,
            subject: format!("subject-{id}"),
            run: Some(run_id(1)),
            text: text.to_owned(),
            at: NOW,
        },
    }
}

fn letter(id: u64) -> StoredNotification {
    let text = format!("Dead letter: PO-{id} is stuck at commit (status_503).");
    one(id, NotificationKind::DeadLetter, &text)
}

fn untold(stage: &mut Stage, list: Vec<StoredNotification>) {
    stage.tell(Message::Notifications(list));
}

/// The ids that were asked for last, which are taken from the list.
fn asked(stage: &mut Stage) -> Vec<u64> {
    let mut found = Vec::new();
    stage.asked.retain(|request| match request {
        Request::TakeNotifications(ids) => {
            found.clone_from(ids);
            false
        }
        _ => true,
    });
    found
}

fn taken(stage: &mut Stage, ids: &[u64]) {
    stage.tell(Message::NotificationsTaken(Ok(ids.to_vec())));
    stage.draw();
}

fn rings(stage: &Stage) -> usize {
    let rings = stage.asked.iter();
    rings.filter(|asked| matches!(asked, Request::Ring)).count()
}

fn says(stage: &Stage, words: &str) -> bool {
    stage.picture().contains(words)
}

#[test]
fn one_is_taken_first_and_told_then_and_rings_once() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(7)]);
    assert!(!says(&stage, "PO-7"), "another console may be faster");
    assert_eq!(asked(&mut stage), [7]);
    taken(&mut stage, &[7]);
    assert!(says(
        &stage,
        "!! 14:00 Dead letter: PO-7 is stuck at commit (status_503)."
    ));
    assert!(says(&stage, "(3)"));
    assert_eq!(rings(&stage), 1);
    // The store was read before it was taken.
    untold(&mut stage, vec![letter(7)]);
    untold(&mut stage, Vec::new());
    assert_eq!((rings(&stage), asked(&mut stage)), (1, Vec::new()));
}

#[test]
fn what_another_console_took_is_not_told_here() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(7)]);
    taken(&mut stage, &[]);
    assert!(!says(&stage, "PO-7"));
    assert_eq!(rings(&stage), 0);
}

#[test]
fn it_stays_for_who_is_away_and_goes_after_its_time_and_a_key() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(7)]);
    taken(&mut stage, &[7]);
    stage.wait(3_600_000);
    assert!(says(&stage, "PO-7"), "{}", stage.picture());
    stage.press("j");
    assert!(!says(&stage, "PO-7"));
    // A key right away is for something else: it has its time all the same.
    untold(&mut stage, vec![letter(8)]);
    taken(&mut stage, &[8]);
    stage.press("k");
    assert!(says(&stage, "PO-8"));
    stage.wait(5_000);
    assert!(!says(&stage, "PO-8"));
}

#[test]
fn a_few_are_told_one_after_the_other_with_one_ring() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(1), letter(2), letter(3)]);
    for id in 1..=3_u64 {
        assert_eq!(asked(&mut stage), [id]);
        taken(&mut stage, &[id]);
        assert!(says(&stage, &format!("PO-{id} is stuck")), "{id}");
        assert_eq!(
            says(&stage, &format!("(3) {} more", 3 - id)),
            id < 3,
            "{id}"
        );
        stage.press("j").wait(5_000);
    }
    assert_eq!(rings(&stage), 1);
    assert!(!says(&stage, "is stuck"));
    // What comes while the line is taken rings when it comes, and not again when it is told.
    untold(&mut stage, vec![letter(4)]);
    taken(&mut stage, &[4]);
    untold(&mut stage, vec![letter(5)]);
    assert_eq!(rings(&stage), 3);
    stage.press("j").wait(5_000);
    asked(&mut stage);
    taken(&mut stage, &[5]);
    assert_eq!(rings(&stage), 3);
}

#[test]
fn many_at_once_are_counted_by_their_kinds() {
    let mut list: Vec<StoredNotification> = (1..=8).map(letter).collect();
    list.push(one(9, NotificationKind::Alert, "Alert: the clock"));
    list.push(one(
        10,
        NotificationKind::OutcomeUnknown,
        "Outcome unknown: PO-1",
    ));
    for (columns, words) in [
        (
            100,
            "!! 10 things since 14:00: 8 dead letters (3), 1 outcomes unknown (1), 1 alerts (4)",
        ),
        (60, "!! 10: 8 (3), 1 (1), 1 (4)"),
        (40, "!! 10: 8 (3), 1 (1), 1 (4)"),
    ] {
        let mut stage = stage(columns, 24);
        untold(&mut stage, list.clone());
        let ids = asked(&mut stage);
        assert_eq!(ids, (1..=10).collect::<Vec<u64>>());
        taken(&mut stage, &ids);
        assert!(says(&stage, words), "{}", stage.picture());
        assert_eq!(rings(&stage), 1);
    }
}

#[test]
fn it_takes_no_key_and_lies_over_no_dialog() {
    for (columns, rows) in [(100, 40), (80, 24), (60, 20)] {
        let mut stage = stage(columns, rows);
        stage.press("r");
        let before = stage.picture();
        untold(&mut stage, vec![letter(7)]);
        taken(&mut stage, &[7]);
        assert_eq!(stage.model.overlays.len(), 1);
        let inside = |picture: &str| -> Vec<String> {
            let lines = picture.lines().take(usize::from(rows) - 2);
            lines.map(str::to_owned).collect()
        };
        assert_eq!(inside(&stage.picture()), inside(&before));
        stage.write("because");
        assert!(says(&stage, "because"), "the dialog has the keys");
        // Its time begins once nothing covers it.
        stage.wait(20_000);
        stage.press("esc");
        assert!(says(&stage, "PO-7"), "{}", stage.picture());
    }
}

#[test]
fn what_cannot_be_taken_is_told_by_nobody_and_not_asked_without_end() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(7)]);
    assert_eq!(asked(&mut stage), [7]);
    stage.tell(Message::NotificationsTaken(Err(Refusal {
        code: "store".to_owned(),
        message: "the disk is full".to_owned(),
    })));
    stage.wait(60_000);
    assert_eq!((asked(&mut stage), rings(&stage)), (Vec::new(), 0));
    assert!(!says(&stage, "PO-7"));
    untold(&mut stage, vec![letter(7), letter(8)]);
    assert_eq!(asked(&mut stage), [7]);
}

#[test]
fn an_idle_console_draws_nothing_for_a_toast_that_stands() {
    let mut stage = stage(100, 24);
    untold(&mut stage, vec![letter(7)]);
    taken(&mut stage, &[7]);
    stage.draw();
    for _ in 0..20 {
        stage.wait(250);
        assert!(!stage.model.dirty);
    }
}

#[test]
fn nothing_of_elsewhere_is_obeyed_or_hidden() {
    for text in texts() {
        let mut stage = stage(100, 60);
        untold(
            &mut stage,
            vec![one(1, NotificationKind::DeadLetter, &text)],
        );
        taken(&mut stage, &[1]);
        check(&stage);
    }
}

#[test]
fn pictures() {
    for (columns, rows) in [(40, 12), (60, 20), (80, 24), (140, 45)] {
        let mut stage = stage(columns, rows);
        untold(&mut stage, vec![letter(14_200), letter(2)]);
        taken(&mut stage, &[14_200]);
        insta::assert_snapshot!(format!("{columns}x{rows}"), stage.picture());
    }
}
