//! Parking a run that nobody can drive.

use countersign::domain::RunStatus;
use countersign::engine::{Command, FailureClass, Phase, StuckAt};
use serde_json::json;

use crate::story::{Story, Then};
use crate::workflows::{asking, order_row, purchase_order, sending};

fn give_up(story: &mut Story) -> Then {
    story.system(Command::GiveUp {
        code: "worker_lost".to_owned(),
        message: "Nobody could drive it.".to_owned(),
    })
}

fn stuck(story: &Story) -> StuckAt {
    match &story.state().phase {
        Phase::Parked { letter, .. } => letter.stuck.at(),
        other => panic!("nothing is parked in {other:?}"),
    }
}

#[test]
fn a_read_under_way_is_parked_and_asked_again_by_a_redrive() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    assert_eq!(give_up(&mut story).kinds(), ["step_parked"]);
    assert_eq!(stuck(&story), StuckAt::Reading);
    let error = story.state().error.clone().unwrap();
    assert_eq!(error.code, "worker_lost");
}

#[test]
fn a_write_that_may_have_been_done_is_asked_about() {
    for tool in ["bank.pay", "bank.transfer", "mail.send"] {
        let mut story = sending(tool);
        let then = give_up(&mut story);
        assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
        assert!(matches!(story.state().phase, Phase::Unsettled { .. }));
        assert_eq!(story.intents().len(), 1);
    }
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    story.answer(json!({"found": false}));
    assert!(matches!(story.state().phase, Phase::Retrying { .. }));
    let then = give_up(&mut story);
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);
}

#[test]
fn a_write_that_was_not_done_is_parked_with_its_key() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    assert_eq!(give_up(&mut story).kinds(), ["step_parked"]);
    assert_eq!(stuck(&story), StuckAt::NotDone);
}

#[test]
fn a_run_that_waits_for_a_person_is_left_to_the_person() {
    let mut story = asking("bank.pay");
    assert_eq!(give_up(&mut story).kinds(), [""; 0]);
    assert_eq!(story.status(), RunStatus::Waiting);
}
