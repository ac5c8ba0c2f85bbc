//! A person sets a value of the state of a held run.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Event, FailureClass, Rejection};
use serde_json::json;

use crate::people::{jane, person};
use crate::story::{Story, usd};
use crate::workflows::{order, order_row, purchase_order, sending};

#[test]
fn a_held_run_takes_the_value() {
    let mut story = Story::of(&purchase_order());
    story.executes = false;
    story.start(order_row("4999.99"));
    story.pause(&jane()).unwrap();
    let then = story
        .override_value(&jane(), "amount", json!("5000.00"))
        .unwrap();
    assert_eq!(then.kinds(), ["state_overridden"]);
    assert_eq!(*story.field("amount"), usd(500_000));
    assert_eq!(story.state().state_version, 2);
    assert!(matches!(
        then.events[0],
        Event::StateOverridden { version: 2, .. }
    ));
}

#[test]
fn a_run_that_moves_or_waits_is_refused() {
    let mut moving = Story::of(&purchase_order());
    moving.start(order_row("4999.99"));
    let mut waiting = order("7850.00", true, 0.97);
    for story in [&mut moving, &mut waiting] {
        let refused = story
            .override_value(&jane(), "amount", json!("1.00"))
            .unwrap_err();
        assert!(matches!(refused, Rejection::NotHeld { .. }), "{refused}");
    }
}

#[test]
fn a_value_is_not_changed_under_an_effect_in_flight() {
    let mut story = sending("bank.pay");
    story.pause(&jane()).unwrap();
    let refused = story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "effect_in_flight");
    story.fail(FailureClass::Unknown, "timeout");
    let refused = story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "effect_in_flight");
}

#[test]
fn a_value_is_not_changed_under_an_unknown_effect() {
    let mut story = sending("mail.send");
    story.fail(FailureClass::Unknown, "timeout");
    assert_eq!(story.status(), RunStatus::Waiting);
    story.pause(&jane()).unwrap();
    let refused = story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "effect_in_flight");
}

#[test]
fn a_dead_letter_whose_effect_is_settled_takes_the_value() {
    let mut story = sending("mail.send");
    story.fail(FailureClass::Refused, "status_422");
    story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap();
    assert_eq!(*story.field("amount"), usd(100));
    assert_eq!(story.status(), RunStatus::DeadLettered);
}

#[test]
fn an_open_packet_becomes_a_new_version() {
    let mut story = order("7850.00", true, 0.97);
    let seen = story.state().packet.clone().unwrap();
    story.pause(&jane()).unwrap();
    let then = story
        .override_value(&jane(), "amount", json!("9000.00"))
        .unwrap();
    assert_eq!(then.kinds(), ["state_overridden", "packet_amended"]);
    let packet = story.state().packet.clone().unwrap();
    assert_eq!((packet.packet, packet.version), (seen.packet, 2));
    assert_ne!(packet.digest, seen.digest);
    assert_eq!(packet.effects[0].amount.unwrap().minor, 900_000);
    assert_eq!(packet.edited_by.as_deref(), Some("MGR_JANE_DOE"));
}

#[test]
fn a_value_that_does_not_fit_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    story.pause(&jane()).unwrap();
    let before = story.state().clone();
    for (path, value) in [
        ("amount", json!("nothing")),
        ("status", json!("Paid")),
        ("status", json!(null)),
        ("unheard.of", json!(1)),
    ] {
        let refused = story.override_value(&jane(), path, value).unwrap_err();
        assert_eq!(refused.code(), "invalid_edit", "{path}");
    }
    assert_eq!(*story.state(), before);
}

#[test]
fn a_value_that_is_so_already_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    story.pause(&jane()).unwrap();
    let refused = story
        .override_value(&jane(), "amount", json!("7850.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "invalid_edit");
}

#[test]
fn a_value_that_policy_denies_under_an_open_packet_is_refused() {
    let mut story = order("7850.00", true, 0.97);
    story.pause(&jane()).unwrap();
    let refused = story
        .override_value(&person("editor"), "amount", json!("10000000.01"))
        .unwrap_err();
    assert_eq!(refused.code(), "denied_by_policy");
    assert_eq!(*story.field("amount"), usd(785_000));
}

#[test]
fn a_run_that_ended_takes_nothing() {
    let mut story = order("7850.00", true, 0.97);
    story.verdict(&jane(), Verdict::Reject).unwrap();
    let refused = story
        .override_value(&jane(), "amount", json!("1.00"))
        .unwrap_err();
    assert_eq!(refused.code(), "run_ended");
}
