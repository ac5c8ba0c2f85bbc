//! Stopping a run for good.

use countersign::domain::{Actor, EffectState, PacketStatus, RunStatus, Verdict};
use countersign::engine::event::{ClosedValues, ReasonValues};
use countersign::engine::{
    BudgetAnswer, Command, DigestPrefix, Event, FailureClass, Next, Phase, Recorded, Rejection,
    RunState, Settled, replay,
};
use countersign::views::rows_of;
use serde_json::{Value, json};

use crate::compensate::{discard, saga, stuck_after_three};
use crate::people::{jane, person};
use crate::story::{Story, Then};
use crate::workflows::{ALLOW, Sheet, asking, order_row, purchase_order, row, sending};

const UNKNOWN: FailureClass = FailureClass::Unknown;

fn terminate(story: &mut Story, compensate: bool) -> Result<Then, Rejection> {
    let command = Command::TerminateRun {
        reason: "Enough.".to_owned(),
        compensate,
    };
    story.when(&person("ADMIN"), command)
}

fn settle(story: &mut Story, by: &Actor, settled: Settled) -> Result<Then, Rejection> {
    let command = Command::SettleEffect {
        key: story
            .state()
            .live_effect()
            .expect("an effect in question")
            .key,
        settled,
        output: None,
        reason: Some("The target's log says so.".to_owned()),
    };
    story.when(by, command)
}

/// The states of the effects that the events since `from` wrote.
fn states(story: &Story, before: &RunState, from: usize) -> Vec<EffectState> {
    let rows = rows_of(Some(before), &story.journal[from..], story.state());
    rows.effects.iter().map(|row| row.state).collect()
}

#[test]
fn what_a_packet_asks_about_is_never_sent_and_the_packet_is_withdrawn() {
    let mut story = asking("bank.pay");
    let (before, from) = (story.state().clone(), story.journal.len());
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "run_terminated",
            "effect_blocked",
            "packet_closed",
            "run_ended"
        ]
    );
    assert_eq!(story.status(), RunStatus::Terminated);
    assert_eq!(states(&story, &before, from), [EffectState::Blocked]);
    let closed = story.state().closed_packet.clone().unwrap();
    assert_eq!(closed.status, PacketStatus::Withdrawn);
    assert_eq!(story.state().packet, None);
    let error = story.state().error.clone().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("terminated", "Enough.")
    );
}

#[test]
fn a_grant_is_void_and_what_it_was_given_for_is_not_sent() {
    let mut story = asking("bank.pay");
    story.pause(&jane()).unwrap();
    story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(story.state().grants.len(), 1);
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_terminated", "effect_blocked", "run_ended"]
    );
    assert!(story.state().grants.is_empty());
    assert!(story.intents().is_empty());
    assert_eq!(story.effect(), None);
}

#[test]
fn a_read_under_way_is_answered_to_nobody() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    let attempt = story.attempt();
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(then.kinds(), ["run_terminated", "run_ended"]);
    let late = Command::CompleteCall {
        attempt,
        status: 200,
        output: json!({}),
    };
    let refused = story.when(&Actor::system(), late).unwrap_err();
    assert_eq!(refused.code(), "late_answer");
}

#[test]
fn a_parked_step_is_given_up_with_what_was_not_done() {
    let mut story = sending("bank.pay");
    for _ in 0..3 {
        story.fail(FailureClass::Safe, "status_503");
        story.wake();
    }
    story.fail(FailureClass::Safe, "status_503");
    let (before, from) = (story.state().clone(), story.journal.len());
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(
        then.kinds(),
        [
            "run_terminated",
            "dead_letter_discarded",
            "effect_blocked",
            "run_ended"
        ]
    );
    let rows = rows_of(Some(&before), &story.journal[from..], story.state());
    assert_eq!(rows.dead_letters.len(), 1);
    assert_eq!(rows.effects[0].state, EffectState::Blocked);
}

#[test]
fn a_write_that_waits_for_a_retry_is_not_sent_again() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_terminated", "effect_blocked", "run_ended"]
    );
    assert_eq!(story.state().timer(), None);
}

#[test]
fn what_is_in_flight_stays_unknown_and_its_late_answer_settles_it() {
    let mut story = sending("bank.pay");
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(then.kinds(), ["run_terminated"]);
    assert_eq!(story.status(), RunStatus::Terminated);
    assert_eq!(story.effect(), None, "nobody sends it again");
    assert!(!story.recover());
    let (before, from) = (story.state().clone(), story.journal.len());
    let then = story.answer(json!({}));
    assert_eq!(then.kinds(), ["effect_confirmed", "run_ended"]);
    assert_eq!(story.status(), RunStatus::Terminated);
    assert_eq!(states(&story, &before, from), [EffectState::Confirmed]);
    assert_eq!(story.field("done"), &json!(false), "the run did not go on");
}

#[test]
fn what_was_in_flight_and_not_done_is_not_sent_again() {
    for class in [FailureClass::Safe, FailureClass::Refused] {
        let mut story = sending("bank.pay");
        terminate(&mut story, false).unwrap();
        let then = story.fail(class, "status_503");
        assert_eq!(then.kinds().last(), Some(&"run_ended"));
        assert_eq!(story.intents().len(), 1);
        assert_eq!(story.effect(), None);
    }
}

#[test]
fn an_unknown_effect_waits_for_who_looks_after_it_and_is_never_sent_again() {
    for tool in ["bank.pay", "bank.transfer", "mail.send"] {
        let mut story = sending(tool);
        terminate(&mut story, false).unwrap();
        let then = story.fail(UNKNOWN, "reset");
        assert_eq!(then.kinds(), ["effect_unknown"]);
        assert!(matches!(story.state().phase, Phase::Unsettled { .. }));
        assert_eq!((story.effect(), story.state().timer()), (None, None));
        let asked = settle(&mut story, &jane(), Settled::AskAgain);
        if tool == "bank.transfer" {
            assert_eq!(asked.unwrap().kinds(), ["effect_settled", "probe_started"]);
            let then = story.answer(json!({ "found": true }));
            assert_eq!(
                then.kinds(),
                ["probe_answered", "effect_confirmed", "run_ended"]
            );
        } else {
            assert_eq!(asked.unwrap_err().code(), "cannot_ask");
            let then = settle(&mut story, &jane(), Settled::NotHappened).unwrap();
            assert_eq!(
                then.kinds(),
                ["effect_settled", "effect_blocked", "run_ended"]
            );
        }
        assert_eq!(story.status(), RunStatus::Terminated);
        assert_eq!(story.intents().len(), 1);
    }
}

#[test]
fn a_question_whether_it_happened_is_withdrawn_and_still_answered() {
    let mut story = sending("mail.send");
    story.fail(UNKNOWN, "reset");
    assert_eq!(story.status(), RunStatus::Waiting);
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(then.kinds(), ["run_terminated", "packet_closed"]);
    let nobody = Actor {
        roles: countersign::domain::Roles::Named(std::collections::BTreeSet::new()),
        ..person("NOBODY")
    };
    let refused = settle(&mut story, &nobody, Settled::Happened).unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
    let then = settle(&mut story, &jane(), Settled::Happened).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "run_ended"]);
}

#[test]
fn an_answer_that_comes_while_the_target_is_asked_is_late() {
    let mut story = sending("bank.transfer");
    let attempt = story.attempt();
    terminate(&mut story, false).unwrap();
    settle(&mut story, &jane(), Settled::AskAgain).unwrap();
    let late = Command::CompleteCall {
        attempt,
        status: 200,
        output: json!({}),
    };
    let refused = story.when(&Actor::system(), late).unwrap_err();
    assert_eq!(refused.code(), "late_answer");
    // Two looks settle that it was not done.
    story.answer(json!({ "found": false }));
    story.wake();
    let then = story.answer(json!({ "found": false }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_blocked", "run_ended"]
    );
}

#[test]
fn a_run_that_ended_otherwise_is_not_terminated() {
    let mut story = sending("bank.pay");
    story.answer(json!({}));
    let refused = terminate(&mut story, false).unwrap_err();
    assert_eq!(refused.code(), "run_ended");
}

#[test]
fn terminating_again_changes_nothing() {
    for mut story in [asking("bank.pay"), sending("bank.pay")] {
        terminate(&mut story, false).unwrap();
        let before = story.journal.len();
        assert!(terminate(&mut story, false).unwrap().events.is_empty());
        assert_eq!(story.journal.len(), before);
        for command in [
            Command::PauseRun {
                reason: String::new(),
            },
            Command::ResumeRun {
                reason: String::new(),
            },
            Command::DeliverSignal {
                name: "x".to_owned(),
                payload: Value::Null,
            },
        ] {
            let refused = story.when(&jane(), command).unwrap_err();
            assert_eq!(refused.code(), "run_ended");
        }
    }
}

#[test]
fn to_be_undone_what_was_done_is_undone_at_once() {
    let mut story = stuck_after_three(ALLOW);
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_terminated", "dead_letter_discarded", "effect_intended"]
    );
    assert_eq!(story.status(), RunStatus::Compensating);
    assert!(terminate(&mut story, true).unwrap().events.is_empty());
    for _ in 0..3 {
        story.answer(json!({}));
    }
    assert_eq!(story.status(), RunStatus::Terminated);
    assert_eq!(story.count("effect_intended"), 7);
}

#[test]
fn to_be_undone_what_is_unknown_is_settled_first() {
    let mut story = saga(ALLOW);
    story.start(row());
    story.answer(json!({}));
    // The transfer is in flight.
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(then.kinds(), ["run_terminated"]);
    assert_eq!(story.status(), RunStatus::Compensating);
    let then = story.fail(UNKNOWN, "reset");
    assert_eq!(then.kinds(), ["effect_unknown", "probe_started"]);
    let then = story.answer(json!({ "found": true }));
    assert_eq!(
        then.kinds(),
        ["probe_answered", "effect_confirmed", "effect_intended"]
    );
    assert_eq!(story.sending().tool.as_str(), "bank.recall");
    story.answer(json!({}));
    assert_eq!(story.sending().tool.as_str(), "bank.take_back");
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Terminated);
}

#[test]
fn to_be_undone_an_open_question_stays_open() {
    let mut story = saga(ALLOW);
    story.start(row());
    for _ in 0..3 {
        story.answer(json!({}));
    }
    story.fail(UNKNOWN, "reset");
    assert_eq!(story.status(), RunStatus::Waiting);
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(then.kinds(), ["run_terminated"]);
    assert_eq!(story.status(), RunStatus::Waiting);
    let then = settle(&mut story, &jane(), Settled::NotHappened).unwrap();
    assert_eq!(
        then.kinds(),
        ["effect_settled", "effect_blocked", "effect_intended"]
    );
    assert_eq!(story.sending().tool.as_str(), "bank.take_back");
}

/// A payment was done, and the budget does not reach for the next step.
fn over_budget() -> Story {
    let steps = "
  one:
    tool: bank.pay
    args: { payee: one, cents: 1 }
    amount: '1.00 USD'
    next: two
  two:
    tool: bank.pay
    args: { payee: two, cents: 2 }
    amount: '2.00 USD'
    next: end";
    let sheet = Sheet {
        steps,
        undo: true,
        budget: "{ steps: 1 }",
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    let then = story.answer(json!({}));
    assert_eq!(then.kinds().last(), Some(&"packet_opened"));
    story
}

#[test]
fn to_be_undone_a_question_about_the_budget_is_withdrawn() {
    let mut story = over_budget();
    let asked = story.state().packet.clone().unwrap();
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_terminated", "packet_closed", "effect_intended"]
    );
    let closed = story.state().closed_packet.clone().unwrap();
    assert_eq!(closed.status, PacketStatus::Withdrawn);
    assert_eq!(story.state().packet, None);
    for answer in [
        BudgetAnswer::Stop,
        BudgetAnswer::Compensate,
        BudgetAnswer::MoreSteps { steps: 5 },
    ] {
        let command = Command::ResolveBudget {
            packet: asked.packet,
            digest: DigestPrefix::parse(&asked.digest.to_string()).unwrap(),
            answer,
            reason: "Go on.".to_owned(),
        };
        let refused = story.when(&jane(), command).unwrap_err();
        assert_eq!(refused.code(), "already_decided");
    }
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Terminated);
    assert_eq!(story.intents().len(), 2);
}

#[test]
fn an_answer_about_the_budget_fits_no_run_that_waits_for_none() {
    let asked = over_budget();
    let packet = asked.state().packet.clone().unwrap();
    let mut undoing = over_budget();
    terminate(&mut undoing, true).unwrap();
    let last = undoing.journal.last().unwrap().clone();
    for event in [
        Event::BudgetResolved {
            packet: packet.packet,
            step: packet.step.clone(),
            answer: BudgetAnswer::MoreSteps { steps: 5 },
            next: Next::Stay,
            values: ReasonValues { reason: None },
        },
        Event::PacketClosed {
            packet: packet.packet,
            version: packet.version,
            status: PacketStatus::Approved,
            grants: Vec::new(),
            next: Next::Stay,
            values: ClosedValues { review: None },
        },
    ] {
        let mut events = undoing.journal.clone();
        events.push(Recorded {
            run_seq: last.run_seq + 1,
            event,
            ..last.clone()
        });
        let misfit = replay(&events).unwrap_err();
        assert!(misfit.to_string().contains("waits for no"), "{misfit}");
    }
    assert!(replay(&undoing.journal).unwrap().is_some());
}

#[test]
fn what_was_terminated_is_undone_later() {
    let mut story = stuck_after_three(ALLOW);
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(
        then.kinds(),
        ["run_terminated", "dead_letter_discarded", "run_ended"]
    );
    assert_eq!(story.state().saga.done.len(), 3);
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(then.kinds(), ["run_terminated", "effect_intended"]);
    assert_eq!(story.status(), RunStatus::Compensating);
    for _ in 0..3 {
        story.answer(json!({}));
    }
    assert_eq!(story.status(), RunStatus::Terminated);
    assert!(terminate(&mut story, true).unwrap().events.is_empty());
}

#[test]
fn what_was_left_unknown_is_settled_before_it_is_undone_later() {
    for tool in ["bank.transfer", "mail.send"] {
        let mut story = sending(tool);
        terminate(&mut story, false).unwrap();
        story.fail(UNKNOWN, "reset");
        let then = terminate(&mut story, true).unwrap();
        assert_eq!(then.kinds(), ["run_terminated"]);
        assert_eq!(story.status(), RunStatus::Compensating);
        let then = story.wake();
        let asks = if tool == "mail.send" {
            "packet_opened"
        } else {
            "probe_started"
        };
        assert_eq!(then.kinds().last(), Some(&asks));
    }
}

#[test]
fn an_undoing_is_stopped_and_taken_up_again() {
    let mut story = stuck_after_three(ALLOW);
    discard(&mut story).unwrap();
    story.system(Command::Proceed);
    let key = story.sending().key;
    let then = terminate(&mut story, false).unwrap();
    assert_eq!(then.kinds(), ["run_terminated"]);
    // It was not sent: the run was terminated right before.
    let then = story.fail(FailureClass::Safe, "not_wanted");
    assert_eq!(
        then.kinds(),
        ["effect_deferred", "effect_blocked", "run_ended"]
    );
    assert_eq!(story.state().saga.done.len(), 3);
    terminate(&mut story, true).unwrap();
    assert!(story.state().packet.is_some() || story.sending().key == key);
}

#[test]
fn a_late_answer_is_not_taken_for_one_of_an_undoing() {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: 1 }
    amount: '1.00 USD'
    next: look
  look:
    tool: desk.look
    args: { payee: '${ state.payee }' }
    next: end";
    let sheet = crate::workflows::Sheet {
        steps,
        undo: true,
        ..crate::workflows::Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.answer(json!({}));
    let reading = story.attempt();
    let then = terminate(&mut story, true).unwrap();
    assert_eq!(then.kinds(), ["run_terminated"]);
    story.system(Command::Proceed);
    assert!(story.attempt() > reading);
    let late = Command::CompleteCall {
        attempt: reading,
        status: 200,
        output: json!({ "ready": true }),
    };
    let refused = story.when(&Actor::system(), late).unwrap_err();
    assert_eq!(refused.code(), "late_answer");
}

#[test]
fn a_reason_has_a_limit() {
    let mut story = sending("bank.pay");
    let command = Command::TerminateRun {
        reason: "x".repeat(5_000),
        compensate: false,
    };
    let refused = story.when(&jane(), command).unwrap_err();
    assert_eq!(refused.code(), "too_large");
}
