//! A verdict on a packet.

use countersign::domain::{Actor, PacketStatus, RunStatus, Verdict};
use countersign::engine::{Command, DigestPrefix, Event, Rejection};
use serde_json::json;

use crate::people::{jane, person, with_roles};
use crate::story::Story;
use crate::workflows::{asking, committed, order, registered};

fn verdict_naming(story: &Story, digest: &str, verdict: Verdict) -> Command {
    Command::GiveVerdict {
        packet: story.state().packet.as_ref().unwrap().packet,
        digest: DigestPrefix::parse(digest).unwrap(),
        verdict,
        item: None,
        reason: None,
    }
}

#[test]
fn approval_makes_the_intent_durable_in_the_same_command() {
    let mut story = order("7850.00", true, 0.97);
    let shown = story.state().packet.clone().unwrap();
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(
        then.kinds(),
        ["vote_cast", "packet_closed", "effect_intended"]
    );
    let Event::EffectIntended { packet, digest, .. } = &then.events[2] else {
        panic!("{:?}", then.events[2]);
    };
    assert_eq!(*packet, Some(shown.packet));
    assert_eq!(*digest, shown.effects[0].digest);
    assert_eq!(*story.sending(), shown.effects[0]);
}

#[test]
fn rejection_records_a_blocked_write_and_sends_nothing() {
    let mut story = order("7850.00", true, 0.97);
    let then = story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "vote_cast",
            "effect_blocked",
            "packet_closed",
            "step_completed",
            "run_ended"
        ]
    );
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.field("status"), "Rejected");
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn return_runs_the_agent_again_with_the_feedback() {
    let mut story = order("7850.00", true, 0.80);
    let packet = story.state().packet.clone().unwrap();
    let command = Command::GiveVerdict {
        packet: packet.packet,
        digest: DigestPrefix::parse(packet.digest.to_string().get(..12).unwrap()).unwrap(),
        verdict: Verdict::Return,
        item: None,
        reason: Some("Which branch is it?".to_owned()),
    };
    let then = story.when(&jane(), command).unwrap();
    assert_eq!(then.kinds(), ["vote_cast", "packet_closed", "call_started"]);
    let review = story.state().review.clone().unwrap();
    assert_eq!(review.feedback.as_deref(), Some("Which branch is it?"));
    story.answer(registered(true, 0.80));
    let next = story.state().packet.clone().unwrap();
    assert_ne!(next.packet, packet.packet);
    assert_eq!(story.state().visits[&"assess".into()], 2);
}

#[test]
fn return_is_refused_where_no_way_leads_back() {
    let mut story = asking("bank.pay");
    let refused = story.verdict(&jane(), Verdict::Return).unwrap_err();
    assert!(matches!(refused, Rejection::NoReturn { .. }), "{refused}");
    assert_eq!(story.status(), RunStatus::Waiting);
}

#[test]
fn a_digest_that_was_not_shown_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let command = verdict_naming(&story, &"0".repeat(64), Verdict::Approve);
    let refused = story.when(&jane(), command).unwrap_err();
    let shown = story.state().packet.clone().unwrap();
    assert_eq!(
        refused,
        Rejection::Stale {
            packet: shown.packet,
            version: 1,
        }
    );
}

#[test]
fn what_was_shown_before_an_edit_is_stale_after_it() {
    let mut story = order("7850.00", true, 0.97);
    let seen = story.state().packet.clone().unwrap();
    story
        .amend(&person("editor"), "amount", json!("7000.00"))
        .unwrap();
    for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Return] {
        let command = verdict_naming(&story, &seen.digest.to_string(), verdict);
        let refused = story.when(&jane(), command).unwrap_err();
        assert!(
            matches!(refused, Rejection::Stale { version: 2, .. }),
            "{refused}"
        );
    }
}

#[test]
fn the_loser_of_a_race_is_told_who_won_and_when() {
    for (won, status) in [
        (Verdict::Approve, PacketStatus::Approved),
        (Verdict::Reject, PacketStatus::Rejected),
    ] {
        let mut story = order("7850.00", true, 0.97);
        let shown = story.state().packet.clone().unwrap();
        let late = verdict_naming(&story, &shown.digest.to_string(), Verdict::Approve);
        story.later(5);
        let won_at = story.now;
        story.verdict(&jane(), won).unwrap();
        story.later(5);
        let intents = story.intents().len();
        let refused = story.when(&person("second"), late).unwrap_err();
        assert_eq!(
            refused,
            Rejection::AlreadyDecided {
                packet: shown.packet,
                status,
                closed_by: Some(("MGR_JANE_DOE".to_owned(), won_at)),
            }
        );
        assert_eq!(story.intents().len(), intents);
    }
}

#[test]
fn a_packet_that_a_later_one_followed_is_closed_too() {
    let mut story = order("7850.00", true, 0.80);
    let first = story.state().packet.clone().unwrap();
    let late = verdict_naming(&story, &first.digest.to_string(), Verdict::Approve);
    story.verdict(&jane(), Verdict::Return).unwrap();
    story.answer(registered(true, 0.80));
    let refused = story.when(&jane(), late).unwrap_err();
    assert_eq!(refused.code(), "already_decided");
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn only_people_decide() {
    for actor in [Actor::system(), Actor::agent("po-agent")] {
        let mut story = order("7850.00", true, 0.97);
        let refused = story.verdict(&actor, Verdict::Approve).unwrap_err();
        assert!(matches!(refused, Rejection::Separation { .. }), "{refused}");
        assert_eq!(story.status(), RunStatus::Waiting);
    }
}

#[test]
fn a_role_that_may_not_decide_is_refused_and_told_which_may() {
    let mut story = order("7850.00", true, 0.97);
    let clerk = with_roles("clerk", &["purchasing"]);
    let refused = story.verdict(&clerk, Verdict::Approve).unwrap_err();
    let Rejection::NotPermitted { needed, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!(needed, ["finance-reviewer"]);
    let reviewer = with_roles("reviewer", &["purchasing", "finance-reviewer"]);
    story.verdict(&reviewer, Verdict::Approve).unwrap();
}

#[test]
fn a_reason_over_its_limit_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let packet = story.state().packet.clone().unwrap();
    let command = Command::GiveVerdict {
        packet: packet.packet,
        digest: DigestPrefix::parse(&packet.digest.to_string()).unwrap(),
        verdict: Verdict::Approve,
        item: None,
        reason: Some("x".repeat(countersign::domain::limits::REASON_BYTES_MAX + 1)),
    };
    assert_eq!(
        story.when(&jane(), command).unwrap_err().code(),
        "too_large"
    );
}

#[test]
fn a_verdict_on_a_held_run_stands_and_sends_nothing_until_it_is_released() {
    let mut story = order("7850.00", true, 0.97);
    story.pause(&jane()).unwrap();
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(then.kinds(), ["vote_cast", "packet_closed"]);
    assert_eq!(story.effect(), None);
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "effect_intended"]);
    story.answer(committed());
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn an_approval_is_valid_for_as_long_as_the_contract_says() {
    for (later_ms, kinds) in [
        // The target keeps keys no longer than that, so it is asked first.
        (24 * 3_600_000, vec!["effect_intended", "probe_started"]),
        (24 * 3_600_000 + 1, vec!["grant_voided", "packet_opened"]),
    ] {
        let mut story = order("7850.00", true, 0.97);
        story.executes = false;
        story.verdict(&jane(), Verdict::Approve).unwrap();
        story.executes = true;
        story.later(later_ms);
        assert_eq!(story.system(Command::Proceed).kinds(), kinds);
    }
}
