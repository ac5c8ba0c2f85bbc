//! The stop switch of one run.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Command, FailureClass, Phase, Rejection};
use serde_json::json;

use crate::people::{jane, person};
use crate::story::Story;
use crate::workflows::{order, order_row, purchase_order, registered, sending};

#[test]
fn a_paused_run_takes_no_step() {
    let mut story = Story::of(&purchase_order());
    story.executes = false;
    story.start(order_row("4999.99"));
    story.executes = true;
    assert_eq!(story.pause(&jane()).unwrap().kinds(), ["run_paused"]);
    assert_eq!(story.status(), RunStatus::Paused);
    assert_eq!(story.effect(), None);
    assert_eq!(story.system(Command::Proceed).events, []);
}

#[test]
fn a_read_in_flight_records_its_answer_and_the_run_stands() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("4999.99"));
    story.pause(&jane()).unwrap();
    let then = story.answer(registered(true, 0.97));
    assert_eq!(then.kinds(), ["step_completed"]);
    assert_eq!(story.status(), RunStatus::Paused);
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn a_write_in_flight_records_its_outcome() {
    let mut story = sending("bank.pay");
    story.pause(&jane()).unwrap();
    let then = story.answer(json!({}));
    assert_eq!(
        then.kinds(),
        ["effect_confirmed", "step_completed", "run_ended"]
    );
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn a_write_in_flight_that_fails_is_not_sent_again() {
    let mut story = sending("bank.pay");
    story.pause(&jane()).unwrap();
    story.fail(FailureClass::Unknown, "timeout");
    assert!(matches!(story.state().phase, Phase::Retrying { .. }));
    assert_eq!(story.state().timer(), None);
    assert_eq!(story.effect(), None);
}

#[test]
fn who_paused_it_and_why_is_kept() {
    let mut story = order("7850.00", true, 0.97);
    story.later(1_000);
    story.pause(&jane()).unwrap();
    let pause = story.state().paused.clone().unwrap();
    assert_eq!((pause.by.as_str(), pause.at), ("MGR_JANE_DOE", story.now));
    assert_eq!(pause.reason, "Hold on.");
    let refused = story.pause(&person("second")).unwrap_err();
    let Rejection::AlreadyPaused { by, at, .. } = refused else {
        panic!("{refused}");
    };
    assert_eq!((by, at), (pause.by, pause.at));
}

#[test]
fn a_run_that_ended_cannot_be_paused() {
    let mut story = order("7850.00", true, 0.97);
    story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(story.pause(&jane()).unwrap_err().code(), "run_ended");
}

#[test]
fn a_reason_over_its_limit_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let reason = "x".repeat(countersign::domain::limits::REASON_BYTES_MAX + 1);
    let refused = story
        .when(&jane(), Command::PauseRun { reason })
        .unwrap_err();
    assert_eq!(refused.code(), "too_large");
    assert_eq!(story.status(), RunStatus::Waiting);
}
