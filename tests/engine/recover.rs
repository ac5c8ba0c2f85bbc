//! Taking over a run whose process died.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Command, Effect, FailureClass, Phase};
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{asking, order, order_row, purchase_order, sending};

#[test]
fn an_intent_without_outcome_is_sent_again_under_its_key() {
    let mut story = sending("bank.pay");
    let first = story.sending().clone();
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown", "effect_intended"]);
    assert_eq!(story.attempt(), 2);
    assert_eq!(*story.sending(), first);
}

#[test]
fn a_target_without_keys_is_asked_first() {
    let mut story = sending("bank.transfer");
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown", "probe_started"]);
    let Some(Effect::ProbeTool { read, .. }) = story.effect() else {
        panic!("{:?}", story.effect());
    };
    assert_eq!(read.request.url, "http://bank.test/find/Alpha");
}

#[test]
fn a_target_that_takes_no_keys_and_no_questions_is_left_to_a_person() {
    let mut story = sending("mail.send");
    let effect = story.sending().clone();
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.state().live_effect(), Some(&effect));
    assert_eq!(story.effect(), None);
    assert_eq!(story.system(Command::Recover).events, []);
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn a_read_under_way_is_repeated_without_a_decision() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    let before = story.state().clone();
    assert_eq!(story.system(Command::Recover).events, []);
    assert_eq!(*story.state(), before);
    assert!(matches!(story.effect(), Some(Effect::ReadTool { .. })));
}

#[test]
fn a_probe_under_way_is_repeated_without_a_decision() {
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    assert_eq!(story.system(Command::Recover).events, []);
    assert!(matches!(story.effect(), Some(Effect::ProbeTool { .. })));
}

#[test]
fn a_run_that_waits_for_a_person_waits_on() {
    let mut story = order("7850.00", true, 0.97);
    assert_eq!(story.system(Command::Recover).events, []);
    assert_eq!(story.status(), RunStatus::Waiting);
}

#[test]
fn a_ready_run_goes_on() {
    let mut story = asking("bank.pay");
    story.executes = false;
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.executes = true;
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_intended"]);
}

#[test]
fn a_held_run_does_not_send_again_until_it_is_released() {
    let mut story = sending("bank.pay");
    let first = story.sending().clone();
    story.pause(&jane()).unwrap();
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown"]);
    assert_eq!(story.effect(), None);
    story.resume(&jane()).unwrap();
    assert_eq!(story.status(), RunStatus::Running);
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    assert_eq!(*story.sending(), first);
}

#[test]
fn recovering_again_and_again_keeps_one_key() {
    let mut story = sending("bank.pay");
    for _ in 0..50 {
        story.system(Command::Recover);
    }
    let key = story.sending().key;
    assert_eq!(story.intents().len(), 51);
    assert!(story.intents().iter().all(|effect| effect.key == key));
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn what_is_recovered_may_have_happened_so_nothing_done_settles_nothing() {
    let mut story = sending("bank.pay");
    story.system(Command::Recover);
    assert!(matches!(
        story.state().phase,
        Phase::Sending { unknown: true, .. }
    ));
    let then = story.fail(FailureClass::Safe, "status_503");
    assert_eq!(then.kinds(), ["effect_unknown"]);
}

const DAY_MS: i64 = 24 * 3_600_000;

#[test]
fn a_key_that_the_target_has_forgotten_protects_nothing_so_the_target_is_asked() {
    for (later_ms, kinds) in [
        (DAY_MS - 1, ["effect_unknown", "effect_intended"]),
        (DAY_MS, ["effect_unknown", "probe_started"]),
    ] {
        let mut story = order("4999.99", true, 0.97);
        story.later(later_ms);
        assert_eq!(story.system(Command::Recover).kinds(), kinds);
    }
    let mut story = sending("bank.pay");
    story.later(DAY_MS);
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn recovering_does_not_make_a_key_any_younger() {
    let mut story = sending("bank.pay");
    story.later(DAY_MS / 2);
    story.system(Command::Recover);
    story.later(DAY_MS / 2);
    let then = story.system(Command::Recover);
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
}

#[test]
fn the_next_effect_has_a_key_of_its_own_age() {
    let mut story = Story::of(&crate::workflows::two_passes());
    story.start(crate::workflows::row());
    story.later(DAY_MS);
    story.answer(json!({}));
    assert_eq!(
        story.system(Command::Recover).kinds(),
        ["effect_unknown", "effect_intended"]
    );
}
