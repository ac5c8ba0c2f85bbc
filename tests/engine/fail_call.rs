//! A call failed.

use countersign::domain::{Question, RunStatus, Tier, Timestamp};
use countersign::engine::{CallFailure, Command, FailureClass, Phase};
use serde_json::json;

use crate::people::jane;
use crate::story::{START, Story};
use crate::workflows::{order_row, purchase_order, sending};

const SAFE: FailureClass = FailureClass::Safe;
const UNKNOWN: FailureClass = FailureClass::Unknown;

fn looking() -> Story {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    story
}

#[test]
fn a_read_is_retried_whether_or_not_bytes_were_sent() {
    for class in [SAFE, UNKNOWN] {
        let mut story = looking();
        assert_eq!(story.fail(class, "timeout").kinds(), ["call_failed"]);
        assert_eq!(story.status(), RunStatus::Running);
        assert_eq!(story.wake().kinds(), ["call_started"]);
        assert_eq!(story.attempt(), 2);
    }
}

#[test]
fn waits_are_one_two_and_four_seconds_and_at_most_a_tenth_more() {
    for luck in 0..=255 {
        let mut story = looking();
        story.luck = luck;
        for wait_ms in [1_000, 2_000, 4_000] {
            let failed_at = story.now;
            story.fail(UNKNOWN, "timeout");
            let waits = story.state().timer().unwrap().ms_since(failed_at);
            assert!((wait_ms..=wait_ms * 11 / 10).contains(&waits), "{waits}");
            story.wake();
        }
        let then = story.fail(UNKNOWN, "timeout");
        assert_eq!(then.kinds(), ["call_failed", "step_parked"]);
        assert_eq!(story.status(), RunStatus::DeadLettered);
        assert_eq!(story.state().error.as_ref().unwrap().code, "timeout");
        assert_eq!(story.count("call_started"), 4);
    }
}

#[test]
fn jitter_differs_from_run_to_run() {
    let due = |luck| {
        let mut story = looking();
        story.luck = luck;
        story.fail(UNKNOWN, "timeout");
        story.state().timer().unwrap()
    };
    let all: std::collections::BTreeSet<Timestamp> = (0..=255).map(due).collect();
    assert!(all.len() > 50, "{all:?}");
}

#[test]
fn without_jitter_waits_last_as_long_as_they_say() {
    let mut story = looking();
    story.jitter = false;
    for wait_ms in [1_000, 2_000, 4_000] {
        story.fail(UNKNOWN, "timeout");
        assert_eq!(story.state().timer(), Some(story.now.plus_ms(wait_ms)));
        story.wake();
    }
}

#[test]
fn the_target_s_longer_wish_is_honoured_up_to_ten_minutes() {
    for (wish_ms, waits_ms) in [(30_000, 30_000), (86_400_000, 600_000)] {
        let mut story = sending("bank.pay");
        story.fail_wishing(SAFE, "status_503", Some(wish_ms));
        assert_eq!(story.state().timer(), Some(START.plus_ms(waits_ms)));
    }
    let mut story = sending("bank.pay");
    story.fail_wishing(SAFE, "status_503", Some(5));
    assert!(story.state().timer().unwrap().ms_since(START) >= 1_000);
}

#[test]
fn an_answer_that_misses_its_schema_is_never_retried() {
    for class in [FailureClass::Unusable, FailureClass::Refused] {
        let mut story = looking();
        let then = story.fail(class, "answer_schema");
        assert_eq!(then.kinds(), ["call_failed", "step_parked"]);
        assert_eq!(story.state().timer(), None);
    }
}

#[test]
fn a_write_that_did_nothing_is_sent_again_under_its_key() {
    for tool in ["bank.pay", "bank.transfer", "mail.send"] {
        let mut story = sending(tool);
        let first = story.sending().clone();
        for _ in 0..3 {
            let then = story.fail(SAFE, "status_503");
            assert_eq!(then.kinds(), ["effect_deferred"]);
            assert_eq!(story.wake().kinds(), ["effect_intended"]);
            assert_eq!(*story.sending(), first);
        }
        let then = story.fail(SAFE, "status_503");
        assert_eq!(then.kinds(), ["effect_deferred", "step_parked"]);
        assert_eq!(story.state().live_effect(), None);
    }
}

#[test]
fn a_refused_write_is_over_at_once() {
    let mut story = sending("bank.pay");
    let then = story.fail(FailureClass::Refused, "status_422");
    assert_eq!(then.kinds(), ["effect_refused", "step_parked"]);
    assert_eq!(story.state().live_effect(), None);
    assert_eq!(story.status(), RunStatus::DeadLettered);
}

#[test]
fn an_unknown_write_is_sent_again_where_the_target_keeps_keys() {
    for class in [UNKNOWN, FailureClass::Unusable] {
        let mut story = sending("bank.pay");
        let first = story.sending().clone();
        for _ in 0..3 {
            assert_eq!(story.fail(class, "timeout").kinds(), ["effect_unknown"]);
            assert_eq!(story.wake().kinds(), ["effect_intended"]);
            assert_eq!(*story.sending(), first);
        }
        let then = story.fail(class, "timeout");
        assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
        assert_eq!(story.state().live_effect(), Some(&first));
    }
}

#[test]
fn an_unknown_write_is_probed_where_the_target_can_only_be_asked() {
    let mut story = sending("bank.transfer");
    let then = story.fail(UNKNOWN, "timeout");
    assert_eq!(then.kinds(), ["effect_unknown", "probe_started"]);
}

#[test]
fn an_unknown_write_to_a_target_that_keeps_keys_is_probed_once_retries_are_used_up() {
    let mut story = crate::workflows::order("4999.99", true, 0.97);
    for _ in 0..3 {
        story.fail(UNKNOWN, "timeout");
        story.wake();
    }
    let then = story.fail(UNKNOWN, "timeout");
    assert_eq!(then.kinds(), ["effect_unknown", "probe_started"]);
    // Nothing is found, twice: no further try, whatever the target keeps.
    let none = || json!({"orders": [], "has_more": false});
    assert_eq!(
        story.answer(none()).kinds(),
        ["probe_answered", "effect_unknown"]
    );
    assert_eq!(story.wake().kinds(), ["probe_started"]);
    let then = story.answer(none());
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_unknown", "packet_opened"]
    );
    assert_eq!(story.intents().len(), 4);
}

#[test]
fn an_unknown_write_that_cannot_be_verified_is_sent_once_and_left_to_a_person() {
    let mut story = sending("mail.send");
    let then = story.fail(UNKNOWN, "reset");
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
    let packet = story.state().packet.as_ref().unwrap();
    let Question::Outcome { verifiable, .. } = packet.question else {
        panic!("{:?}", packet.question);
    };
    assert!(!verifiable);
    assert_eq!(packet.tier, Tier::Critical);
    assert_eq!(story.intents().len(), 1);
    assert_eq!(story.effect(), None);
}

#[test]
fn nothing_done_after_an_unknown_attempt_stays_unknown() {
    for (class, code) in [(SAFE, "status_503"), (FailureClass::Refused, "status_422")] {
        let mut story = sending("bank.pay");
        story.fail(UNKNOWN, "timeout");
        story.wake();
        let then = story.fail(class, code);
        assert_eq!(then.kinds(), ["effect_unknown"]);
        story.wake();
        story.fail(class, code);
        story.wake();
        let then = story.fail(class, code);
        assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
        assert!(story.state().live_effect().is_some());
    }
}

#[test]
fn a_probe_that_fails_leaves_the_effect_to_a_person() {
    for class in [SAFE, UNKNOWN, FailureClass::Unusable, FailureClass::Refused] {
        let mut story = sending("bank.transfer");
        story.fail(UNKNOWN, "timeout");
        let then = story.fail(class, "timeout");
        assert_eq!(
            then.kinds(),
            ["probe_answered", "effect_unknown", "packet_opened"]
        );
        assert!(story.state().live_effect().is_some());
    }
}

#[test]
fn a_failure_of_an_abandoned_attempt_changes_nothing() {
    let mut story = sending("bank.pay");
    story.fail(UNKNOWN, "timeout");
    story.wake();
    let before = story.state().clone();
    let late = Command::FailCall {
        attempt: 1,
        failure: CallFailure {
            class: UNKNOWN,
            code: "timeout".to_owned(),
            message: "No answer came.".to_owned(),
            retry_after_ms: None,
        },
    };
    let refused = story.when(&jane(), late).unwrap_err();
    assert_eq!(refused.code(), "late_answer");
    assert_eq!(*story.state(), before);
    story.answer(json!({}));
    assert!(matches!(story.state().phase, Phase::Ended { .. }));
}
