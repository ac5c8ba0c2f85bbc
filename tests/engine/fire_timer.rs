//! A run's timer is due.

use countersign::domain::RunStatus;
use countersign::engine::{Command, FailureClass, Rejection};

use crate::people::jane;
use crate::story::{START, Story};
use crate::workflows::{Sheet, order, row, sending};

const SLEEPY: &str = "
  rest: { wait: { for: 90s }, next: note }
  note: { compute: { note: rested }, end: succeeded }";

fn sleeping() -> Story {
    let sheet = Sheet {
        steps: SLEEPY,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story
}

#[test]
fn a_wait_ends_at_its_time() {
    let mut story = sleeping();
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.state().timer(), Some(START.plus_ms(90_000)));
    let then = story.wake();
    assert_eq!(
        then.kinds(),
        ["step_completed", "step_completed", "run_ended"]
    );
    assert_eq!(story.field("note"), "rested");
}

#[test]
fn a_timer_that_is_not_due_is_refused() {
    let mut story = sleeping();
    story.later(89_999);
    let refused = story.when(&jane(), Command::FireTimer).unwrap_err();
    assert!(matches!(refused, Rejection::NotDue { .. }), "{refused}");
    story.later(1);
    assert_eq!(story.system(Command::FireTimer).events.len(), 3);
}

#[test]
fn a_clock_that_went_back_fires_nothing_early() {
    let mut story = sleeping();
    story.later(-200_000);
    let refused = story.when(&jane(), Command::FireTimer).unwrap_err();
    assert_eq!(refused.code(), "not_due");
}

#[test]
fn a_wait_goes_on_for_what_was_left_once_the_clock_went_far_back() {
    let mut story = sleeping();
    story.later(-7 * 24 * 3_600_000);
    assert_eq!(story.system(Command::FireTimer).kinds(), ["wait_started"]);
    assert_eq!(story.state().timer(), Some(story.now.plus_ms(90_000)));
    let refused = story.when(&jane(), Command::FireTimer).unwrap_err();
    assert_eq!(refused.code(), "not_due", "no wait is begun twice");
    assert_eq!(story.wake().kinds()[0], "step_completed");
    assert_eq!(story.state().visits.values().sum::<u32>(), 2);
}

#[test]
fn a_retry_is_due_once_the_clock_went_far_back() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    story.later(-7 * 24 * 3_600_000);
    assert_eq!(
        story.system(Command::FireTimer).kinds(),
        ["effect_intended"]
    );
}

#[test]
fn a_held_run_has_no_timer_until_it_is_released() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    story.pause(&jane()).unwrap();
    story.later(60_000);
    let refused = story.when(&jane(), Command::FireTimer).unwrap_err();
    assert_eq!(refused.code(), "not_due");
    story.resume(&jane()).unwrap();
    assert_eq!(
        story.system(Command::FireTimer).kinds(),
        ["effect_intended"]
    );
}

#[test]
fn a_run_that_waits_for_a_person_has_no_timer_to_fire() {
    let mut story = order("7850.00", true, 0.97);
    story.later(30 * 24 * 3_600_000);
    let refused = story.when(&jane(), Command::FireTimer).unwrap_err();
    assert_eq!(refused.code(), "not_due");
    assert_eq!(story.status(), RunStatus::Waiting);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn an_unknown_write_whose_key_was_forgotten_meanwhile_is_not_sent_again() {
    let day_ms = 24 * 3_600_000;
    let mut unknown = sending("bank.pay");
    unknown.fail(FailureClass::Unknown, "timeout");
    unknown.later(day_ms);
    assert_eq!(
        unknown.system(Command::FireTimer).kinds(),
        ["effect_unknown", "packet_opened"]
    );
    assert!(unknown.state().live_effect().is_some());
    let mut asked = order("4999.99", true, 0.97);
    asked.fail(FailureClass::Unknown, "timeout");
    asked.later(day_ms);
    assert_eq!(asked.system(Command::FireTimer).kinds(), ["probe_started"]);
    // Where nothing was done no key is needed.
    let mut undone = sending("bank.pay");
    undone.fail(FailureClass::Safe, "status_503");
    undone.later(day_ms);
    assert_eq!(
        undone.system(Command::FireTimer).kinds(),
        ["effect_intended"]
    );
}
