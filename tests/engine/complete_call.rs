//! A call answered.

use countersign::domain::{RunStatus, Verdict};
use countersign::engine::{Command, Event, FailureClass, Phase, Rejection};
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{
    Sheet, committed, order, order_row, purchase_order, registered, row, sending,
};

#[test]
fn a_read_s_answer_is_kept_and_the_run_goes_on() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    let then = story.answer(registered(true, 0.97));
    assert_eq!(then.kinds(), ["step_completed", "packet_opened"]);
    assert_eq!(story.state().outputs["assess"]["output"]["match"], 0.97);
    assert_eq!(story.field("vendor_validated"), true);
    assert_eq!(story.field("status"), "Pending Approval");
}

#[test]
fn a_run_is_left_ready_where_its_target_has_no_room() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("10.00"));
    story.full.insert("erp".to_owned());
    let then = story.answer(registered(true, 0.97));
    assert_eq!(then.kinds(), ["step_completed", "gate_passed"]);
    assert!(story.system(Command::Proceed).events.is_empty());
    assert!(matches!(story.state().phase, Phase::Ready { .. }));
    story.full.clear();
    assert_eq!(story.system(Command::Proceed).kinds(), ["effect_intended"]);
}

#[test]
fn a_write_s_answer_confirms_its_effect() {
    let mut story = order("7850.00", true, 0.97);
    story.verdict(&jane(), Verdict::Approve).unwrap();
    let then = story.answer(committed());
    assert_eq!(
        then.kinds(),
        ["effect_confirmed", "step_completed", "run_ended"]
    );
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.field("reviewer_id"), "MGR_JANE_DOE");
    assert_eq!(
        story.field("audit_notes"),
        "Upfront risk evaluation completed. Escalating to human. Approved by human reviewer: MGR_JANE_DOE."
    );
}

#[test]
fn a_probe_that_finds_the_effect_confirms_it() {
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    let then = story.answer(json!({ "found": true }));
    assert_eq!(
        then.kinds(),
        [
            "probe_answered",
            "effect_confirmed",
            "step_completed",
            "run_ended"
        ]
    );
    assert!(matches!(
        then.events[1],
        Event::EffectConfirmed { by_probe: true, .. }
    ));
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn one_look_that_finds_nothing_proves_nothing_while_the_target_may_be_slow() {
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    let then = story.answer(json!({ "found": false }));
    assert_eq!(then.kinds(), ["probe_answered", "effect_unknown"]);
    assert_eq!(story.intents().len(), 1);
    let asked_again = story.wake();
    assert_eq!(asked_again.kinds(), ["probe_started"]);
    let then = story.answer(json!({ "found": true, "reference": "t1" }));
    assert!(then.kinds().contains(&"effect_confirmed"));
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn a_second_look_that_finds_nothing_has_the_effect_sent_again_under_its_key() {
    let mut story = sending("bank.transfer");
    let first = story.sending().clone();
    story.fail(FailureClass::Unknown, "timeout");
    story.answer(json!({ "found": false }));
    story.wake();
    let then = story.answer(json!({ "found": false }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_deferred", "effect_intended"]
    );
    assert_eq!(*story.sending(), first);
    assert_eq!(story.attempt(), 2);
}

#[test]
fn a_probe_s_answer_that_settles_nothing_leaves_the_effect_to_a_person() {
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    let then = story.answer(json!({ "something": "else" }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_unknown", "packet_opened"]
    );
    assert!(matches!(
        then.events[0],
        Event::ProbeAnswered { found: None, .. }
    ));
    assert!(story.state().live_effect().is_some());
}

#[test]
fn a_probe_that_never_finds_it_ends_after_the_last_retry() {
    let mut story = sending("bank.transfer");
    for _ in 0..3 {
        story.fail(FailureClass::Unknown, "timeout");
        story.answer(json!({ "found": false }));
        story.wake();
        story.answer(json!({ "found": false }));
    }
    story.fail(FailureClass::Unknown, "timeout");
    story.answer(json!({ "found": false }));
    story.wake();
    let then = story.answer(json!({ "found": false }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_unknown", "packet_opened"]
    );
    assert_eq!(story.intents().len(), 4);
    // A target this slow may still do it: a person must say.
    assert!(story.state().live_effect().is_some());
}

#[test]
fn a_held_run_records_the_probe_s_answer_and_sends_nothing() {
    let mut story = sending("bank.transfer");
    story.fail(FailureClass::Unknown, "timeout");
    story.answer(json!({ "found": false }));
    story.wake();
    story.pause(&jane()).unwrap();
    let then = story.answer(json!({ "found": false }));
    assert_eq!(then.kinds(), ["probe_answered", "effect_deferred"]);
    assert_eq!(story.intents().len(), 1);
    story.resume(&jane()).unwrap();
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
}

#[test]
fn an_answer_to_an_abandoned_attempt_is_evidence_and_no_outcome() {
    let mut story = sending("bank.pay");
    story.system(Command::Recover);
    let late = Command::CompleteCall {
        attempt: 1,
        status: 201,
        output: json!({ "late": true }),
    };
    let refused = story.when(&jane(), late).unwrap_err();
    assert!(
        matches!(&refused, Rejection::LateAnswer { attempt: 1, .. }),
        "{refused}"
    );
    assert!(matches!(
        story.state().phase,
        Phase::Sending { attempt: 2, .. }
    ));
}

#[test]
fn an_answer_after_the_end_is_late() {
    let mut story = sending("bank.pay");
    story.answer(json!({}));
    let late = Command::CompleteCall {
        attempt: 1,
        status: 200,
        output: json!({}),
    };
    assert_eq!(story.when(&jane(), late).unwrap_err().code(), "late_answer");
}

#[test]
fn what_a_step_cannot_save_parks_it_with_its_effect_confirmed() {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: '${ output.missing }' }
    next: end";
    let mut story = Story::of(
        &Sheet {
            steps,
            ..Sheet::default()
        }
        .compile(""),
    );
    story.start(row());
    let then = story.answer(json!({}));
    assert_eq!(then.kinds(), ["effect_confirmed", "step_parked"]);
    assert_eq!(story.status(), RunStatus::DeadLettered);
    assert_eq!(story.state().live_effect(), None);
}

#[test]
fn a_run_whose_intent_does_not_hold_at_its_end_has_failed() {
    let sheet = Sheet {
        done_when: "state.note == \"never\"",
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(story.state().error.as_ref().unwrap().code, "not_done");
}
