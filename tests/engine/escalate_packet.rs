//! A review window passes, or a person escalates: once, to the roles the contract names.

use countersign::domain::{ActorKind, PacketId, PacketStatus, RunStatus, Timestamp, Verdict};
use countersign::engine::{Command, Event, FailureClass, Rejection};

use crate::people::{jane, with_roles};
use crate::story::{START, Story, Then};
use crate::workflows::{Sheet, order, sending};

pub(crate) const DAY_MS: i64 = 24 * 3_600_000;

pub(crate) fn packet(story: &Story) -> PacketId {
    story
        .state()
        .packet
        .as_ref()
        .expect("a packet is open")
        .packet
}

pub(crate) fn due(story: &Story) -> Timestamp {
    story
        .state()
        .packet
        .as_ref()
        .expect("a packet is open")
        .due_at
}

/// The window passes.
pub(crate) fn pass(story: &mut Story) -> Then {
    story.now = due(story);
    let packet = packet(story);
    story.system(Command::PassDeadline { packet })
}

fn escalate(story: &mut Story, by: &countersign::domain::Actor) -> Result<Then, Rejection> {
    let packet = packet(story);
    let reason = "The lead should see it.".to_owned();
    story.when(by, Command::EscalatePacket { packet, reason })
}

#[test]
fn after_the_window_the_packet_is_escalated_once_for_a_window_of_equal_length() {
    let mut story = order("7850.00", true, 0.97);
    let before = story.state().packet.clone().unwrap();
    assert_eq!(before.due_at, before.opened_at.plus_ms(DAY_MS));
    let then = pass(&mut story);
    assert_eq!(then.kinds(), ["packet_escalated"]);
    let Event::PacketEscalated { to, due_at, .. } = &then.events[0] else {
        panic!("{then:?}");
    };
    assert_eq!(to, &["finance-lead"]);
    let after = story.state().packet.clone().unwrap();
    assert_eq!(after.due_at, before.due_at.plus_ms(DAY_MS));
    assert_eq!(*due_at, after.due_at);
    assert_eq!(after.escalated_at, Some(before.due_at));
    assert_eq!(after.digest, before.digest, "what was shown still binds");
    assert_eq!(after.digest, after.digest_of_parts());
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.journal.last().unwrap().actor.kind, ActorKind::System);
}

#[test]
fn a_window_that_has_not_passed_is_left_alone() {
    let mut story = order("7850.00", true, 0.97);
    story.now = due(&story).plus_ms(-1);
    let packet = packet(&story);
    let refused = story
        .when(&jane(), Command::PassDeadline { packet })
        .unwrap_err();
    assert_eq!(refused.code(), "not_due");
    pass(&mut story);
    let refused = story
        .when(&jane(), Command::PassDeadline { packet })
        .unwrap_err();
    assert_eq!(refused.code(), "not_due", "no escalation twice");
}

#[test]
fn whom_it_was_escalated_to_may_decide_from_then_on() {
    let lead = with_roles("LEAD", &["finance-lead"]);
    let mut story = order("7850.00", true, 0.97);
    let refused = story.verdict(&lead, Verdict::Approve).unwrap_err();
    assert!(
        matches!(&refused, Rejection::NotPermitted { needed, .. } if needed == &["finance-reviewer"])
    );
    pass(&mut story);
    let mut other = story.clone();
    story.verdict(&lead, Verdict::Approve).unwrap();
    assert_eq!(story.intents().len(), 1);
    // Who could decide before still can, over the digest that was shown before.
    let reviewer = with_roles("MGR_JANE_DOE", &["finance-reviewer"]);
    other.verdict(&reviewer, Verdict::Approve).unwrap();
    assert_eq!(other.intents().len(), 1);
}

#[test]
fn a_person_escalates_before_the_window_has_passed_and_only_once() {
    let mut story = order("7850.00", true, 0.97);
    story.later(3_600_000);
    let nobody = escalate(&mut story, &with_roles("CLERK", &["clerk"])).unwrap_err();
    assert_eq!(nobody.code(), "not_permitted");
    assert_eq!(
        escalate(&mut story, &jane()).unwrap().kinds(),
        ["packet_escalated"]
    );
    assert_eq!(due(&story), story.now.plus_ms(DAY_MS));
    let again = escalate(&mut story, &jane()).unwrap_err();
    assert_eq!(again.code(), "already_escalated");
    story.verdict(&jane(), Verdict::Reject).unwrap();
    let late = story
        .when(
            &jane(),
            Command::EscalatePacket {
                packet: closed(&story),
                reason: String::new(),
            },
        )
        .unwrap_err();
    assert!(matches!(late, Rejection::AlreadyDecided { .. }), "{late}");
}

#[test]
fn escalating_never_shortens_a_window_that_was_extended() {
    let mut story = order("7850.00", true, 0.97);
    for _ in 0..3 {
        let packet = packet(&story);
        let reason = "It needs time.".to_owned();
        story
            .when(&jane(), Command::ExtendPacket { packet, reason })
            .unwrap();
    }
    let extended = due(&story);
    assert_eq!(extended, story.now.plus_ms(4 * DAY_MS));
    escalate(&mut story, &jane()).unwrap();
    assert_eq!(due(&story), extended);
}

fn closed(story: &Story) -> PacketId {
    story.state().closed_packet.as_ref().unwrap().packet
}

#[test]
fn nobody_is_escalated_to_where_the_contract_names_nobody() {
    let sheet = Sheet {
        policy: crate::workflows::ASK,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(crate::workflows::row());
    let refused = escalate(&mut story, &jane()).unwrap_err();
    assert_eq!(refused.code(), "nobody_to_escalate_to");
}

#[test]
fn an_amendment_keeps_the_window_and_the_escalation() {
    let mut story = order("7850.00", true, 0.97);
    pass(&mut story);
    let escalated = story.state().packet.clone().unwrap();
    story
        .amend(&jane(), "amount", serde_json::json!("7000.00"))
        .unwrap();
    let amended = story.state().packet.clone().unwrap();
    assert_ne!(amended.digest, escalated.digest);
    assert_eq!(amended.due_at, escalated.due_at);
    assert_eq!(amended.escalated_at, escalated.escalated_at);
}

#[test]
fn a_question_about_an_outcome_is_escalated_and_then_stays_open() {
    let mut story = sending("mail.send");
    story.fail(FailureClass::Unknown, "reset");
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(pass(&mut story).kinds(), ["packet_escalated"]);
    assert_eq!(story.state().packet.as_ref().unwrap().deadline(), None);
    story.later(400 * DAY_MS);
    let packet = packet(&story);
    let refused = story
        .when(&jane(), Command::PassDeadline { packet })
        .unwrap_err();
    assert_eq!(refused.code(), "not_due");
    let open = story.state().packet.as_ref().unwrap();
    assert_eq!(open.status, PacketStatus::Open);
    assert!(
        story.state().live_effect().is_some(),
        "silence settles no outcome"
    );
    assert!(story.now > START);
}
