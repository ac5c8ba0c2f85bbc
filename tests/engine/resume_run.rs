//! Releasing the stop switch.

use countersign::domain::RunStatus;
use countersign::engine::Rejection;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{order, order_row, purchase_order, registered, sending};

#[test]
fn a_released_run_goes_on_where_it_stood() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("4999.99"));
    story.pause(&jane()).unwrap();
    story.answer(registered(true, 0.97));
    let then = story.resume(&jane()).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_resumed", "gate_passed", "effect_intended"]
    );
}

#[test]
fn resume_is_not_approve() {
    let mut story = order("7850.00", true, 0.97);
    let packet = story.state().packet.clone();
    for _ in 0..3 {
        story.pause(&jane()).unwrap();
        assert_eq!(story.resume(&jane()).unwrap().kinds(), ["run_resumed"]);
        assert_eq!(story.status(), RunStatus::Waiting);
        assert_eq!(story.state().packet, packet);
    }
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn a_run_that_is_not_held_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    let refused = story.resume(&jane()).unwrap_err();
    assert!(
        matches!(
            refused,
            Rejection::NotPaused {
                status: RunStatus::Waiting,
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn a_call_in_flight_is_not_made_twice_by_a_release() {
    let mut story = sending("bank.pay");
    story.pause(&jane()).unwrap();
    assert_eq!(story.resume(&jane()).unwrap().kinds(), ["run_resumed"]);
    assert_eq!(story.intents().len(), 1);
    assert_eq!(story.attempt(), 1);
}
