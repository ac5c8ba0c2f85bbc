//! Nobody decides in the second window: silence rejects, and never approves.

use countersign::domain::{PacketStatus, RunStatus, Verdict};
use countersign::engine::{Command, Event, Rejection};

use crate::escalate_packet::{DAY_MS, due, packet, pass};
use crate::people::{jane, person, with_roles};
use crate::story::Story;
use crate::workflows::{ASK, GATED, Sheet, order, row, two_approvals};

/// A gate whose contract names nobody to escalate to.
fn gated() -> Story {
    let sheet = Sheet {
        policy: ASK,
        steps: GATED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story
}

#[test]
fn after_the_second_window_the_packet_expires_and_the_run_is_rejected() {
    let mut story = order("7850.00", true, 0.97);
    let id = packet(&story);
    pass(&mut story);
    let then = pass(&mut story);
    assert_eq!(then.kinds()[..2], ["effect_blocked", "packet_closed"]);
    let Event::PacketClosed { status, grants, .. } = &then.events[1] else {
        panic!("{then:?}");
    };
    assert_eq!((*status, grants.len()), (PacketStatus::Expired, 0));
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.intents().len(), 0);
    assert_eq!(story.field("status"), "Rejected");
    let closed = story.state().closed_packet.clone().unwrap();
    assert_eq!((closed.packet, closed.by.as_str()), (id, "SYSTEM"));
    // Who comes too late is told.
    let lost = story
        .when(&jane(), Command::PassDeadline { packet: id })
        .unwrap_err();
    assert!(matches!(
        &lost,
        Rejection::AlreadyDecided { status: PacketStatus::Expired, closed_by: Some((by, _)), .. } if by == "SYSTEM"
    ));
}

#[test]
fn where_the_contract_names_nobody_one_window_is_all() {
    let mut story = gated();
    let then = pass(&mut story);
    assert_eq!(
        then.kinds(),
        [
            "effect_blocked",
            "packet_closed",
            "step_completed",
            "run_ended"
        ]
    );
    assert_eq!(story.field("note"), "refused");
    let review = story.state().review.clone().unwrap();
    assert_eq!(
        (review.verdict.as_str(), review.by.as_str()),
        ("reject", "SYSTEM")
    );
    assert!(review.reason.unwrap().starts_with("Nobody decided by "));
}

#[test]
fn a_verdict_that_came_first_wins() {
    let mut story = gated();
    story.now = due(&story).plus_ms(3);
    let id = packet(&story);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    let lost = story
        .when(&jane(), Command::PassDeadline { packet: id })
        .unwrap_err();
    assert!(matches!(
        lost,
        Rejection::AlreadyDecided {
            status: PacketStatus::Approved,
            ..
        }
    ));
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn half_of_the_votes_is_silence_too() {
    let mut story = two_approvals();
    story.verdict(&person("ONE"), Verdict::Approve).unwrap();
    assert_eq!(story.status(), RunStatus::Waiting);
    pass(&mut story);
    assert_eq!(story.intents().len(), 0);
    assert_eq!(
        story.state().closed_packet.as_ref().unwrap().status,
        PacketStatus::Expired
    );
}

#[test]
fn nobody_is_silent_while_the_run_is_held() {
    let mut story = gated();
    story.pause(&jane()).unwrap();
    assert_eq!(pass(&mut story).kinds(), ["packet_extended"]);
    assert_eq!(due(&story), story.now.plus_ms(DAY_MS));
    story.resume(&jane()).unwrap();
    pass(&mut story);
    assert_eq!(story.status(), RunStatus::Rejected);
}

#[test]
fn a_packet_that_was_extended_waits_for_another_window() {
    let mut story = order("7850.00", true, 0.97);
    let before = story.state().packet.clone().unwrap();
    let packet = packet(&story);
    let extend = || Command::ExtendPacket {
        packet,
        reason: "The vendor is asked.".to_owned(),
    };
    let refused = story
        .when(&with_roles("CLERK", &["clerk"]), extend())
        .unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
    assert_eq!(
        story.when(&jane(), extend()).unwrap().kinds(),
        ["packet_extended"]
    );
    let after = story.state().packet.clone().unwrap();
    assert_eq!(after.due_at, before.due_at.plus_ms(DAY_MS));
    assert_eq!((after.digest, after.escalated_at), (before.digest, None));
    assert_eq!(pass(&mut story).kinds(), ["packet_escalated"]);
    // Long after: the new window begins now, not in the past.
    story.later(40 * DAY_MS);
    story.when(&jane(), extend()).unwrap();
    assert_eq!(due(&story), story.now.plus_ms(DAY_MS));
}
