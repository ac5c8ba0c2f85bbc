//! Parked steps that a person redrives or discards.

use countersign::domain::{DeadLetterId, RunStatus, Verdict};
use countersign::engine::event::ParkedValues;
use countersign::engine::{Command, Event, FailureClass, Phase, Recorded, Rejection, StuckAt};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::people::{jane, person};
use crate::story::{Story, Then};
use crate::workflows::{Sheet, asking, order_row, purchase_order, row, sending};

const SAFE: FailureClass = FailureClass::Safe;

/// The write whose outcome was answered, while what it saves cannot be rendered.
const UNFINISHED: &str = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: '${ state.gone }' }
    next: end";

fn letter(story: &Story) -> (DeadLetterId, StuckAt) {
    match &story.state().phase {
        Phase::Parked { letter, .. } => (letter.dead_letter, letter.stuck.at()),
        other => panic!("nothing is parked in {other:?}"),
    }
}

fn redrive(story: &mut Story, set: &[(&str, Value)]) -> Result<Then, Rejection> {
    let set = set.iter().cloned();
    let command = Command::RedriveDeadLetter {
        dead_letter: letter(story).0,
        set: set.map(|(path, value)| (path.to_owned(), value)).collect(),
        output: None,
        reason: Some("Try again.".to_owned()),
    };
    story.when(&person("ADMIN"), command)
}

fn discard(story: &mut Story, dead_letter: DeadLetterId) -> Result<Then, Rejection> {
    let reason = "Not needed any more.".to_owned();
    let command = Command::DiscardDeadLetter {
        dead_letter,
        reason,
    };
    story.when(&person("ADMIN"), command)
}

/// Fails the call under way until it is parked.
fn exhaust(story: &mut Story, class: FailureClass) {
    for _ in 0..3 {
        story.fail(class, "status_503");
        story.wake();
    }
    story.fail(class, "status_503");
    assert_eq!(story.status(), RunStatus::DeadLettered);
}

fn unread() -> Story {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    exhaust(&mut story, SAFE);
    story
}

/// A write a person approved, which the target put off until the retries were used up.
fn not_done() -> Story {
    let mut story = asking("bank.pay");
    story.verdict(&jane(), Verdict::Approve).unwrap();
    exhaust(&mut story, SAFE);
    story
}

#[test]
fn a_read_is_asked_again_with_a_request_made_anew() {
    let mut story = unread();
    assert_eq!(letter(&story).1, StuckAt::Reading);
    let then = redrive(&mut story, &[("vendor", json!("Other Vendor"))]).unwrap();
    assert_eq!(
        then.kinds(),
        ["state_overridden", "dead_letter_redriven", "call_started"]
    );
    let Event::CallStarted {
        attempt,
        retries,
        values,
        ..
    } = &then.events[2]
    else {
        panic!("{:?}", then.events[2]);
    };
    assert_eq!((*attempt, *retries), (5, 0));
    assert_eq!(values.arguments, json!({"name": "Other Vendor"}));
    assert_eq!(story.state().error, None);
}

#[test]
fn a_second_failure_is_another_dead_letter() {
    let mut story = unread();
    let (first, _) = letter(&story);
    redrive(&mut story, &[]).unwrap();
    exhaust(&mut story, SAFE);
    let (second, stuck) = letter(&story);
    assert_ne!(first, second);
    assert_eq!(stuck, StuckAt::Reading);
    let old = Command::RedriveDeadLetter {
        dead_letter: first,
        set: Vec::new(),
        output: None,
        reason: None,
    };
    let refused = story.when(&person("ADMIN"), old).unwrap_err();
    assert_eq!(refused.code(), "letter_closed");
}

#[test]
fn a_write_not_done_is_sent_under_its_key_while_its_approval_binds() {
    let mut story = not_done();
    assert_eq!(letter(&story).1, StuckAt::NotDone);
    let sent = story.intents()[0].clone();
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_redriven", "effect_intended"]);
    let Event::EffectIntended {
        attempt,
        retries,
        unknown,
        packet,
        ..
    } = &then.events[1]
    else {
        panic!("{:?}", then.events[1]);
    };
    assert_eq!((*attempt, *retries, *unknown), (5, 0, false));
    assert!(packet.is_some());
    assert_eq!(*story.sending(), sent);
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn an_edit_voids_the_approval_of_a_write_not_done() {
    let mut story = not_done();
    let sent = story.intents()[0].clone();
    let then = redrive(&mut story, &[("amount", json!("1.00"))]).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "state_overridden",
            "dead_letter_redriven",
            "grant_voided",
            "packet_opened"
        ]
    );
    let packet = story.state().packet.clone().unwrap();
    assert_ne!(packet.effects[0].key, sent.key);
    assert!(packet.flags.iter().any(|flag| flag.code == "approval_void"));
}

#[test]
fn an_approval_that_has_ended_is_asked_for_again() {
    let mut story = not_done();
    story.later(48 * 3_600_000);
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_redriven", "grant_voided", "packet_opened"]
    );
    assert_eq!(story.count("effect_intended"), 4);
}

#[test]
fn a_write_that_rules_let_through_is_judged_again_and_sent_under_its_key() {
    let mut story = sending("bank.pay");
    exhaust(&mut story, SAFE);
    let key = story.intents()[0].key;
    redrive(&mut story, &[]).unwrap();
    assert_eq!(story.sending().key, key);
    assert_eq!(story.attempt(), 5);
}

#[test]
fn a_refused_write_is_a_new_effect_under_a_new_key() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Refused, "status_422");
    assert_eq!(letter(&story).1, StuckAt::Refused);
    let key = story.intents()[0].key;
    redrive(&mut story, &[]).unwrap();
    assert_eq!(story.sending().ordinal, 2);
    assert_ne!(story.sending().key, key);
}

#[test]
fn what_was_done_is_never_sent_again_only_finished() {
    let sheet = Sheet {
        steps: UNFINISHED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    let then = story.answer(json!({}));
    assert_eq!(then.kinds(), ["effect_confirmed", "step_parked"]);
    assert_eq!(letter(&story).1, StuckAt::Finishing);

    // What is missing is still missing: another letter, and nothing sent.
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_redriven", "step_parked"]);
    // Nor is anything sent where the run is held, or by a process that must not call tools.
    story.pause(&jane()).unwrap();
    story.executes = false;
    let then = redrive(&mut story, &[("gone", json!("here"))]).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "state_overridden",
            "dead_letter_redriven",
            "step_completed",
            "run_ended"
        ]
    );
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.field("note"), "here");
    assert_eq!(story.intents().len(), 1);
}

/// Finishes with what a person says was answered.
fn answered(story: &mut Story, output: Value) -> Result<Then, Rejection> {
    let command = Command::RedriveDeadLetter {
        dead_letter: letter(story).0,
        set: Vec::new(),
        output: Some(output),
        reason: Some("The bank told it by telephone.".to_owned()),
    };
    story.when(&person("ADMIN"), command)
}

#[test]
fn a_person_tells_what_was_answered_where_the_answer_is_missing() {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: '${ output.number }' }
    next: end";
    let sheet = Sheet {
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story.answer(json!({}));
    assert_eq!(letter(&story).1, StuckAt::Finishing);
    let refused = answered(&mut story, json!("R-7")).unwrap_err();
    assert_eq!(refused.code(), "invalid_edit");
    let then = answered(&mut story, json!({"number": "R-7"})).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_redriven", "step_completed", "run_ended"]
    );
    assert_eq!(story.field("note"), "R-7");
    assert_eq!(story.intents().len(), 1);

    // A call that was never answered is made, not told.
    let mut story = unread();
    let refused = answered(&mut story, json!({"ready": true})).unwrap_err();
    assert_eq!(refused.code(), "invalid_edit");
    assert_eq!(story.status(), RunStatus::DeadLettered);
}

#[test]
fn a_discarded_letter_ends_its_run_and_is_closed() {
    let mut story = unread();
    let (id, _) = letter(&story);
    let then = discard(&mut story, id).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_discarded", "run_ended"]);
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(story.state().error.as_ref().unwrap().code, "discarded");
    let again = discard(&mut story, id).unwrap_err();
    assert_eq!(again.code(), "letter_closed");
}

#[test]
fn a_write_not_done_that_is_given_up_is_blocked() {
    let mut story = not_done();
    let (id, _) = letter(&story);
    let then = discard(&mut story, id).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_discarded", "effect_blocked", "run_ended"]
    );
    assert_eq!(story.status(), RunStatus::Failed);
}

#[test]
fn a_write_that_may_have_happened_is_not_given_up() {
    // As an older program parked it.
    let sent = sending("bank.pay");
    let mut events = sent.journal.clone();
    let last = events.last().unwrap().clone();
    events.push(Recorded {
        run_seq: last.run_seq + 1,
        event: Event::StepParked {
            dead_letter: DeadLetterId(Uuid::from_u128(7)),
            step: "act".into(),
            code: "interrupted".to_owned(),
            stuck: StuckAt::Unsettled,
            attempts: 1,
            values: ParkedValues {
                message: "Nobody knows.".to_owned(),
                output: None,
            },
        },
        ..last
    });
    let mut story = sent.given(&events);
    let (id, stuck) = letter(&story);
    assert_eq!(stuck, StuckAt::Unsettled);
    let refused = discard(&mut story, id).unwrap_err();
    assert_eq!(refused.code(), "cannot_discard");
    assert!(refused.to_string().contains("redrive it"), "{refused}");
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_redriven", "effect_unknown", "packet_opened"]
    );
}

#[test]
fn a_held_run_calls_nothing_until_it_is_released() {
    let mut story = sending("bank.pay");
    exhaust(&mut story, SAFE);
    story.pause(&jane()).unwrap();
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_redriven"]);
    assert_eq!(story.effect(), None);
    story.resume(&jane()).unwrap();
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    let keys: Vec<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn an_edit_holds_for_a_redrive_that_another_process_or_a_later_time_carries_out() {
    for held in [true, false] {
        let mut story = not_done();
        if held {
            story.pause(&jane()).unwrap();
        }
        story.executes = held;
        let then = redrive(&mut story, &[("amount", json!("1.00"))]).unwrap();
        assert_eq!(then.kinds(), ["state_overridden", "dead_letter_redriven"]);
        if held {
            // Nothing is in flight: what is wrong can still be corrected.
            story
                .override_value(&person("ADMIN"), "amount", json!("2.00"))
                .unwrap();
            story.resume(&jane()).unwrap();
        }
        story.executes = true;
        assert_eq!(story.wake().kinds(), ["grant_voided", "packet_opened"]);
        assert_eq!(story.intents().len(), 4, "the old amount is not sent");
    }
    let mut story = unread();
    story.executes = false;
    redrive(&mut story, &[("vendor", json!("Other Vendor"))]).unwrap();
    story.executes = true;
    let then = story.wake();
    let Event::CallStarted {
        retries, values, ..
    } = &then.events[0]
    else {
        panic!("{:?}", then.events);
    };
    assert_eq!(
        (*retries, &values.arguments),
        (0, &json!({"name": "Other Vendor"}))
    );
}

#[test]
fn what_a_person_changed_since_voids_the_approval_though_the_effect_is_the_same() {
    let mut story = not_done();
    let then = redrive(&mut story, &[("note", json!("stop"))]).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "state_overridden",
            "dead_letter_redriven",
            "grant_voided",
            "packet_opened"
        ]
    );
}

#[test]
fn what_the_target_refused_of_an_approved_effect_is_asked_about_again() {
    let mut story = asking("bank.pay");
    story.verdict(&jane(), Verdict::Approve).unwrap();
    story.fail(FailureClass::Refused, "status_422");
    let then = redrive(&mut story, &[("payee", json!("Somebody else"))]).unwrap();
    assert_eq!(
        then.kinds(),
        ["state_overridden", "dead_letter_redriven", "packet_opened"]
    );
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn a_process_that_may_not_call_tools_leaves_the_call_to_the_one_that_may() {
    let mut story = unread();
    story.executes = false;
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_redriven"]);
    assert_eq!(story.state().timer(), Some(story.now));
    story.executes = true;
    assert_eq!(story.wake().kinds(), ["call_started"]);
}

#[test]
fn a_call_whose_target_has_no_room_waits_for_whoever_has_it() {
    let mut story = unread();
    story.full.insert("register".to_owned());
    let then = redrive(&mut story, &[]).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_redriven"]);
    assert_eq!(story.state().timer(), Some(story.now));
    story.full.clear();
    assert_eq!(story.wake().kinds(), ["call_started"]);
}

/// A write was answered, and the step parked by a program that did not record where.
fn parked_by_an_older_program() -> Story {
    let sheet = Sheet {
        steps: UNFINISHED,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    story.answer(json!({}));
    let mut journal = story.journal.clone();
    let Some(Event::StepParked {
        stuck,
        attempts,
        values,
        ..
    }) = journal.last_mut().map(|last| &mut last.event)
    else {
        panic!("nothing is parked in {journal:?}");
    };
    // As an event of version 1 is lifted.
    (*stuck, *attempts, values.output) = (StuckAt::Unrecorded, 0, None);
    story.given(&journal)
}

#[test]
fn a_letter_that_does_not_say_where_it_is_stuck_is_not_redriven_and_may_be_discarded() {
    let mut story = parked_by_an_older_program();
    let (dead_letter, stuck) = letter(&story);
    assert_eq!(stuck, StuckAt::Unrecorded);
    let sent = story.intents().len();
    for edits in [&[][..], &[("gone", json!("here"))]] {
        let refused = redrive(&mut story, edits).unwrap_err();
        assert_eq!(refused, Rejection::CannotRedrive { dead_letter });
        assert_eq!(refused.code(), "cannot_redrive");
        assert!(refused.to_string().contains("look at the target"));
    }
    assert_eq!(letter(&story).0, dead_letter, "it stays as it was");
    assert_eq!(story.intents().len(), sent, "nothing is sent for it");
    let then = discard(&mut story, dead_letter).unwrap();
    assert_eq!(then.kinds().first(), Some(&"dead_letter_discarded"));
    assert_eq!(story.status(), RunStatus::Failed);
}
