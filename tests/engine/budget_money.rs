//! Money of a run: reserved before a call, spent after it, never past the cap.

use countersign::domain::{Question, RunStatus, Verdict};
use countersign::engine::{Command, Event, FailureClass, Phase, evolve};
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{ASK, GATED, Sheet, row};

/// A read that is repeated for ever, at 8 cents each.
const LOOKS: &str = "
  look:
    tool: desk.look
    args: { payee: '${ state.payee }' }
    cost: 0.08 USD
    save: { passes: '${ state.passes + 1 }' }
    next: [{ when: 'state.passes < 1000', to: look }, { to: end }]";

fn looking(budget: &str) -> Story {
    let sheet = Sheet {
        budget,
        steps: LOOKS,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story
}

fn look(story: &mut Story) {
    story.answer(json!({ "ready": true }));
}

/// Folds the journal and checks the promise at every event.
pub(crate) fn never_over(story: &Story, cap_micro_usd: i64) {
    let mut state = None;
    for recorded in &story.journal {
        let folded = evolve(state, recorded).unwrap();
        let ledger = folded.ledger;
        let most = cap_micro_usd + ledger.more_micro_usd;
        assert!(ledger.spent_micro_usd >= 0 && ledger.reserved_micro_usd >= 0);
        assert!(
            ledger.spent_micro_usd + ledger.reserved_micro_usd <= most,
            "{ledger:?} at {}",
            recorded.run_seq
        );
        state = Some(folded);
    }
}

#[test]
fn twenty_five_passes_of_eight_cents_fit_two_dollars_and_the_next_is_not_called() {
    let mut story = looking("{ steps: 1000, cost: 2.00 USD, on_breach: fail }");
    for pass in 1..=25 {
        assert_eq!(story.state().ledger.reserved_micro_usd, 80_000, "{pass}");
        look(&mut story);
    }
    assert_eq!(story.status(), RunStatus::Failed);
    assert_eq!(
        story.state().error.as_ref().unwrap().code,
        "budget_exhausted"
    );
    assert_eq!(story.count("call_started"), 25);
    assert_eq!(*story.field("passes"), json!(25));
    assert_eq!(story.state().ledger.spent_micro_usd, 2_000_000);
    never_over(&story, 2_000_000);
}

#[test]
fn a_cap_that_is_asked_about_opens_a_packet_and_resuming_spends_nothing() {
    let mut story = looking("{ steps: 1000, cost: 0.20 USD }");
    look(&mut story);
    look(&mut story);
    assert_eq!(story.status(), RunStatus::Waiting);
    let packet = story.state().packet.clone().unwrap();
    assert!(matches!(
        packet.question,
        Question::Budget {
            used: 160_000,
            allowed: 200_000,
            next: 80_000,
            entered: false,
            ..
        }
    ));
    assert_eq!(packet.flags[0].code, "budget_exhausted");
    assert!(packet.effects.is_empty());
    let taken = story.state().steps_taken;
    story.pause(&jane()).unwrap();
    assert_eq!(story.resume(&jane()).unwrap().kinds(), ["run_resumed"]);
    assert!(!story.recover());
    assert_eq!(story.count("call_started"), 2);
    assert_eq!(story.state().steps_taken, taken);
    never_over(&story, 200_000);
}

#[test]
fn every_try_of_a_read_costs() {
    let mut story = looking("{ steps: 1000, cost: 0.20 USD }");
    story.fail(FailureClass::Safe, "status_503");
    assert_eq!(story.state().ledger.spent_micro_usd, 80_000);
    story.wake();
    story.fail(FailureClass::Safe, "status_503");
    let then = story.wake();
    assert_eq!(then.kinds(), ["packet_opened"]);
    let Question::Budget { entered, .. } = story.state().packet.clone().unwrap().question else {
        panic!();
    };
    assert!(entered);
    assert_eq!(story.state().steps_taken, 1);
    never_over(&story, 200_000);
}

#[test]
fn a_write_costs_once_and_is_settled_whatever_the_budget() {
    let steps = "
  act:
    tool: bank.pay
    args: { payee: '${ state.payee }', cents: 1 }
    amount: '${ state.amount }'
    cost: 0.08 USD
    next: end";
    let sheet = Sheet {
        budget: "{ steps: 10, cost: 0.08 USD, on_breach: fail }",
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story.fail(FailureClass::Safe, "status_503");
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    story.fail(FailureClass::Unknown, "reset");
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
    assert!(story.recover());
    assert_eq!(story.state().ledger.reserved_micro_usd, 80_000);
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.state().ledger.spent_micro_usd, 80_000);
    never_over(&story, 80_000);
}

#[test]
fn an_approved_write_that_costs_too_much_is_not_sent_and_keeps_its_approval() {
    let steps = GATED.replace(
        "save: { done: true }",
        "cost: 0.08 USD\n    save: { done: true }",
    );
    let sheet = Sheet {
        policy: ASK,
        budget: "{ steps: 10, cost: 0.05 USD }",
        steps: &steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("bank.pay"));
    story.start(row());
    let then = story.verdict(&jane(), Verdict::Approve).unwrap();
    assert_eq!(
        then.kinds(),
        ["vote_cast", "packet_closed", "packet_opened"]
    );
    assert_eq!(story.intents().len(), 0);
    let then = crate::resolve_budget::more(&mut story, 50_000).unwrap();
    assert_eq!(then.kinds(), ["budget_resolved", "effect_intended"]);
    story.answer(json!({}));
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.state().steps_taken, 2);
    never_over(&story, 50_000);
}

#[test]
fn a_crash_at_any_event_spends_no_more_than_the_cap() {
    let mut story = looking("{ steps: 1000, cost: 0.40 USD, on_breach: fail }");
    story.fail(FailureClass::Safe, "status_503");
    story.wake();
    for _ in 0..4 {
        look(&mut story);
    }
    assert_eq!(story.status(), RunStatus::Failed);
    for cut in 1..=story.journal.len() {
        let mut after = story.given(&story.journal[..cut]);
        after.recover_or_go_on();
        for _ in 0..20 {
            match after.state().phase {
                Phase::Calling { .. } => look(&mut after),
                Phase::Retrying { .. } => drop(after.wake()),
                Phase::Ready { .. } => drop(after.system(Command::Proceed)),
                _ => break,
            }
        }
        assert_eq!(after.status(), RunStatus::Failed, "cut at {cut}");
        assert_eq!(after.state().ledger.spent_micro_usd, 400_000);
        never_over(&after, 400_000);
    }
    assert!(story.journal.iter().all(|recorded| match &recorded.event {
        Event::CallStarted { cost_micro_usd, .. } => *cost_micro_usd == Some(80_000),
        _ => true,
    }));
}

impl Story {
    /// What a process that takes the run over does first, where the run has not ended.
    fn recover_or_go_on(&mut self) {
        if !matches!(self.state().phase, Phase::Ended { .. }) {
            self.recover();
        }
    }
}
