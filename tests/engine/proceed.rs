//! Going on with a run that is ready.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Command, Effect, Rejection};

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{committed, order, order_row, purchase_order, registered};

#[test]
fn a_ready_run_takes_its_next_step() {
    let mut story = Story::of(&purchase_order());
    story.executes = false;
    story.start(order_row("4999.99"));
    story.executes = true;
    let then = story.system(Command::Proceed);
    assert_eq!(then.kinds(), ["call_started"]);
}

#[test]
fn an_approval_given_elsewhere_is_sent_by_whoever_executes() {
    let mut story = order("7850.00", true, 0.97);
    story.executes = false;
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(then.kinds(), ["vote_cast", "packet_closed"]);
    assert_eq!(story.effect(), Some(Effect::Proceed));
    story.executes = true;
    let then = story.system(Command::Proceed);
    assert_eq!(then.kinds(), ["effect_intended"]);
    assert_eq!(story.sending().step.as_str(), "commit");
}

#[test]
fn a_run_that_is_busy_or_waits_is_left_alone() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    assert!(story.system(Command::Proceed).events.is_empty());
    story.answer(registered(true, 0.97));
    assert!(story.system(Command::Proceed).events.is_empty());
    assert_eq!(story.status(), RunStatus::Waiting);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert!(story.system(Command::Proceed).events.is_empty());
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn a_run_that_ended_goes_no_further() {
    let mut story = order("4999.99", true, 0.97);
    story.answer(committed());
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.effect(), None);
    let refused = story.when(&jane(), Command::Proceed).unwrap_err();
    assert!(matches!(
        refused,
        Rejection::RunEnded {
            status: RunStatus::Succeeded,
            ..
        }
    ));
}
