//! A run that fails undoes what it did, the effect confirmed last first.

use std::collections::BTreeSet;

use countersign::domain::{EffectState, RunStatus, Verdict, limits};
use countersign::engine::{Command, Event, FailureClass, Phase, Rejection, Settled, StuckAt};
use countersign::views::rows_of;
use serde_json::json;

use crate::people::{jane, person};
use crate::story::{Story, Then};
use crate::workflows::{ALLOW, Sheet, row};

const SAFE: FailureClass = FailureClass::Safe;
const UNKNOWN: FailureClass = FailureClass::Unknown;

/// Three writes, and a fourth that nothing undoes.
const STEPS: &str = "
  one:
    tool: bank.pay
    args: { payee: one, cents: 1 }
    amount: '1.00 USD'
    next: two
  two:
    tool: bank.transfer
    args: { payee: two, cents: 2 }
    amount: '2.00 USD'
    next: three
  three:
    tool: bank.pay
    args: { payee: three, cents: 3 }
    amount: '3.00 USD'
    next: mail
  mail:
    tool: mail.send
    args: { payee: four, cents: 4 }
    amount: '4.00 USD'
    next: end";

pub(crate) fn saga(policy: &str) -> Story {
    let sheet = Sheet {
        policy,
        steps: STEPS,
        undo: true,
        ..Sheet::default()
    };
    Story::of(&sheet.compile(""))
}

/// Three payments were done; the mail was refused, and a person waits over it.
pub(crate) fn stuck_after_three(policy: &str) -> Story {
    let mut story = saga(policy);
    story.start(row());
    for _ in 0..3 {
        if story.state().packet.is_some() {
            story.verdict(&jane(), Verdict::Approve).unwrap();
        }
        story.answer(json!({}));
    }
    if story.state().packet.is_some() {
        story.verdict(&jane(), Verdict::Approve).unwrap();
    }
    story.fail(FailureClass::Refused, "status_400");
    assert_eq!(story.status(), RunStatus::DeadLettered);
    story
}

fn letter(story: &Story) -> (countersign::domain::DeadLetterId, StuckAt) {
    match &story.state().phase {
        Phase::Parked { letter, .. } => (letter.dead_letter, letter.stuck.at()),
        other => panic!("nothing is parked in {other:?}"),
    }
}

pub(crate) fn discard(story: &mut Story) -> Result<Then, Rejection> {
    let command = Command::DiscardDeadLetter {
        dead_letter: letter(story).0,
        reason: "Not needed any more.".to_owned(),
    };
    story.when(&person("ADMIN"), command)
}

fn redrive(story: &mut Story) -> Then {
    let command = Command::RedriveDeadLetter {
        dead_letter: letter(story).0,
        set: Vec::new(),
        output: None,
        reason: None,
    };
    story.when(&person("ADMIN"), command).unwrap()
}

/// Given up, and on its way back.
fn undoing(policy: &str) -> Story {
    let mut story = stuck_after_three(policy);
    discard(&mut story).unwrap();
    story.system(Command::Proceed);
    story
}

/// What the run sent, by what it says: the payee of each INTENT.
fn sent(story: &Story) -> Vec<String> {
    let intents = story.intents();
    let said = |effect: &&countersign::domain::PlannedEffect| {
        format!(
            "{} {}",
            effect.tool,
            effect.arguments["payee"].as_str().unwrap()
        )
    };
    intents.iter().map(said).collect()
}

#[test]
fn what_was_done_is_undone_in_reverse_order_each_once() {
    let mut story = stuck_after_three(ALLOW);
    let then = discard(&mut story).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_discarded", "compensation_started"]
    );
    assert_eq!(story.status(), RunStatus::Compensating);
    story.system(Command::Proceed);
    for _ in 0..3 {
        assert_eq!(story.status(), RunStatus::Compensating);
        story.answer(json!({}));
    }
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(
        sent(&story)[4..],
        [
            "bank.take_back three",
            "bank.recall two",
            "bank.take_back one"
        ]
    );
    let error = story.state().error.clone().unwrap();
    assert_eq!(error.code, "discarded");
    let keys: BTreeSet<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert_eq!(keys.len(), 7, "every effect has a key of its own");
}

#[test]
fn the_undone_effect_is_shown_as_compensated_with_its_undoing() {
    let mut story = undoing(ALLOW);
    let before = story.state().clone();
    let from = story.journal.len();
    story.answer(json!({}));
    let rows = rows_of(Some(&before), &story.journal[from..], story.state());
    let states: Vec<_> = rows
        .effects
        .iter()
        .map(|row| (row.tool.as_str(), row.state))
        .collect();
    assert_eq!(
        states,
        [
            ("bank.take_back", EffectState::Confirmed),
            ("bank.pay", EffectState::Compensated),
            ("bank.recall", EffectState::Intent)
        ]
    );
    let undone = before.saga.done.last().unwrap();
    assert_eq!(rows.effects[1].idempotency_key, undone.key);
    assert_eq!(rows.effects[1].digest, undone.digest);
}

#[test]
fn an_effect_whose_undo_the_contract_does_not_list_stays() {
    let sheet = Sheet {
        steps: STEPS,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    for _ in 0..3 {
        story.answer(json!({}));
    }
    story.fail(FailureClass::Refused, "status_400");
    let then = discard(&mut story).unwrap();
    assert_eq!(then.kinds(), ["dead_letter_discarded", "run_ended"]);
}

#[test]
fn a_run_that_runs_out_of_its_budget_undoes_what_it_did() {
    let sheet = Sheet {
        steps: STEPS,
        undo: true,
        budget: "{ steps: 2, on_breach: fail }",
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.answer(json!({}));
    let then = story.answer(json!({}));
    assert_eq!(
        then.kinds(),
        ["effect_confirmed", "step_completed", "compensation_started"]
    );
    assert_eq!(
        story.state().error.as_ref().unwrap().code,
        "max_steps_exceeded"
    );
    story.system(Command::Proceed);
    story.answer(json!({}));
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(
        story.state().error.as_ref().unwrap().code,
        "max_steps_exceeded"
    );
    assert_eq!(sent(&story)[2..], ["bank.recall two", "bank.take_back one"]);
}

#[test]
fn a_run_that_is_rejected_keeps_what_it_did() {
    let policy = "[{ id: pay, when: 'effect.tool != \"mail.send\"', then: allow },
        { id: mail, when: 'effect.tool == \"mail.send\"', then: ask }]";
    let mut story = saga(policy);
    story.start(row());
    for _ in 0..3 {
        story.answer(json!({}));
    }
    story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(story.status(), RunStatus::Rejected);
    assert_eq!(story.count("compensation_started"), 0);
}

#[test]
fn an_undoing_is_judged_and_one_that_is_rejected_leaves_its_effect() {
    let asks = "[{ id: all, when: 'true', then: allow },
        { id: back, when: 'effect.tool == \"bank.recall\"', then: ask }]";
    let mut story = undoing(asks);
    let then = story.answer(json!({}));
    assert_eq!(then.kinds(), ["effect_confirmed", "packet_opened"]);
    assert_eq!(story.status(), RunStatus::Waiting);
    let packet = story.state().packet.clone().unwrap();
    assert!(packet.effects[0].undoes.is_some());
    assert_eq!(packet.effects[0].operation, "undo two");
    let refused = story.verdict(&jane(), Verdict::Return).unwrap_err();
    assert_eq!(refused.code(), "no_return");
    let then = story.verdict(&jane(), Verdict::Reject).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "vote_cast",
            "effect_blocked",
            "packet_closed",
            "effect_intended"
        ]
    );
    assert_eq!(story.sending().arguments["payee"], "one");
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Failed);

    let mut story = undoing(asks);
    story.answer(json!({}));
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.sending().arguments["payee"], "two");
}

#[test]
fn an_undoing_that_a_rule_denies_is_passed_over() {
    let denies = "[{ id: all, when: 'true', then: allow },
        { id: back, when: 'effect.tool == \"bank.recall\"', then: deny }]";
    let mut story = undoing(denies);
    let then = story.answer(json!({}));
    assert_eq!(
        then.kinds(),
        ["effect_confirmed", "effect_blocked", "effect_intended"]
    );
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Failed);
}

#[test]
fn an_undoing_whose_outcome_is_unknown_is_settled_before_the_next() {
    let mut story = undoing(ALLOW);
    let key = story.sending().key;
    let then = story.fail(UNKNOWN, "reset");
    assert_eq!(then.kinds(), ["effect_unknown"]);
    assert_eq!(story.status(), RunStatus::Compensating);
    story.wake();
    assert_eq!(story.sending().key, key);
    story.answer(json!({}));
    // The recall is asked about.
    let then = story.fail(UNKNOWN, "reset");
    assert_eq!(then.kinds(), ["effect_unknown", "probe_started"]);
    let then = story.answer(json!({ "found": true }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_confirmed", "effect_intended"]
    );
    assert_eq!(story.sending().arguments["payee"], "one");
}

#[test]
fn an_undoing_that_fails_for_good_waits_and_does_not_hide_why_the_run_failed() {
    let mut story = undoing(ALLOW);
    story.fail(FailureClass::Refused, "status_409");
    assert_eq!(letter(&story).1, StuckAt::Refused);
    assert_eq!(story.status(), RunStatus::DeadLettered);
    assert_eq!(story.state().error.as_ref().unwrap().code, "discarded");
    let last = story.journal.last().unwrap();
    assert!(matches!(&last.event, Event::StepParked { code, .. } if code == "status_409"));
    let first = story.intents().last().unwrap().key;
    let then = redrive(&mut story);
    assert_eq!(then.kinds(), ["dead_letter_redriven", "effect_intended"]);
    assert_ne!(story.sending().key, first, "the target refused that key");
    assert_eq!(story.sending().arguments["payee"], "three");
    assert_eq!(story.state().error.as_ref().unwrap().code, "discarded");
}

#[test]
fn an_undoing_that_was_put_off_keeps_its_key_and_its_retries_are_three() {
    let mut story = undoing(ALLOW);
    let key = story.sending().key;
    for _ in 0..3 {
        story.fail(SAFE, "status_503");
        story.wake();
    }
    story.fail(SAFE, "status_503");
    assert_eq!(letter(&story).1, StuckAt::NotDone);
    redrive(&mut story);
    assert_eq!(story.sending().key, key);
}

#[test]
fn an_undoing_that_is_given_up_leaves_its_effect_and_goes_on_with_the_one_before() {
    for class in [FailureClass::Refused, SAFE] {
        let mut story = undoing(ALLOW);
        story.fail(class, "status_503");
        while !matches!(story.state().phase, Phase::Parked { .. }) {
            story.wake();
            story.fail(class, "status_503");
        }
        let then = discard(&mut story).unwrap();
        assert_eq!(then.kinds().first(), Some(&"dead_letter_discarded"));
        assert_eq!(then.kinds().last(), Some(&"effect_intended"));
        assert_eq!(story.sending().arguments["payee"], "two");
        assert_eq!(story.status(), RunStatus::Compensating);
    }
}

#[test]
fn a_held_run_undoes_nothing_until_it_is_released() {
    let mut story = undoing(ALLOW);
    story.pause(&jane()).unwrap();
    let then = story.answer(json!({}));
    assert_eq!(then.kinds(), ["effect_confirmed"]);
    assert_eq!(story.status(), RunStatus::Paused);
    assert_eq!(story.effect(), None);
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "effect_intended"]);
}

#[test]
fn giving_a_held_run_up_does_not_release_it() {
    let mut story = stuck_after_three(ALLOW);
    story.pause(&jane()).unwrap();
    let then = discard(&mut story).unwrap();
    assert_eq!(
        then.kinds(),
        ["dead_letter_discarded", "compensation_started"]
    );
    assert_eq!(story.status(), RunStatus::Paused);
    assert_eq!(story.effect(), None);
    assert!(story.system(Command::Proceed).events.is_empty());
    assert!(!story.recover());
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "effect_intended"]);
    assert_eq!(story.status(), RunStatus::Compensating);
}

/// Payments whose undoings fill what a run remembers of them, and one more.
fn beyond_the_limit() -> Story {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: '${ state.passes + 1 }' }
    amount: '1.00 USD'
    save: { passes: '${ state.passes + 1 }' }
    next: [{ when: 'state.passes < 3', to: act }, { to: mail }]
    visits: 5
  mail:
    tool: mail.send
    args: { payee: four, cents: 4 }
    amount: '4.00 USD'
    next: end";
    let sheet = Sheet {
        steps,
        undo: true,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    let payee = "x".repeat(limits::SAGA_BYTES_MAX / 2 - 1_000);
    story.start(json!({ "payee": payee, "amount": "120.00" }));
    for _ in 0..3 {
        story.answer(json!({}));
    }
    story
}

#[test]
fn what_a_run_has_no_room_to_undo_is_recorded_and_named() {
    let mut story = beyond_the_limit();
    assert_eq!(
        (story.state().saga.done.len(), story.state().saga.beyond),
        (2, 1)
    );
    let confirmed = story.journal.iter().filter_map(|recorded| {
        let Event::EffectConfirmed { beyond_limit, .. } = &recorded.event else {
            return None;
        };
        Some(*beyond_limit)
    });
    assert_eq!(confirmed.collect::<Vec<_>>(), [false, false, true]);
    let mut terminated = story.clone();
    story.fail(FailureClass::Refused, "status_400");
    discard(&mut story).unwrap();
    story.system(Command::Proceed);
    terminated.fail(FailureClass::Refused, "status_400");
    let command = Command::TerminateRun {
        reason: "Enough.".to_owned(),
        compensate: true,
    };
    terminated.when(&jane(), command).unwrap();
    for (mut story, why) in [
        (story, "Not needed any more. 1 of"),
        (terminated, "Enough. 1 of"),
    ] {
        for _ in 0..2 {
            assert_eq!(story.status(), RunStatus::Compensating);
            story.answer(json!({}));
        }
        assert!(matches!(story.state().phase, Phase::Ended { .. }));
        let message = story.state().error.clone().unwrap().message;
        assert!(message.starts_with(why), "{message}");
        assert_eq!(message.matches("cannot be undone and stay").count(), 1);
    }
}

#[test]
fn a_person_says_what_became_of_an_undoing() {
    let mut story = undoing(ALLOW);
    story.answer(json!({}));
    story.fail(UNKNOWN, "reset");
    story.fail(UNKNOWN, "timeout");
    assert_eq!(story.status(), RunStatus::Waiting);
    let command = Command::SettleEffect {
        key: story.state().live_effect().unwrap().key,
        settled: Settled::Happened,
        output: None,
        reason: Some("The bank says so.".to_owned()),
    };
    let then = story.when(&jane(), command).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "effect_intended"]);
    assert_eq!(story.sending().arguments["payee"], "one");
}

#[test]
fn a_process_that_does_not_execute_leaves_the_undoing_to_one_that_does() {
    let mut story = stuck_after_three(ALLOW);
    story.executes = false;
    discard(&mut story).unwrap();
    assert!(story.system(Command::Proceed).events.is_empty());
    assert_eq!(story.status(), RunStatus::Compensating);
    story.executes = true;
    assert!(story.recover());
    assert_eq!(story.sending().arguments["payee"], "three");
}
