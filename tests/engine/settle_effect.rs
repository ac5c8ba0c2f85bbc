//! A person says whether an effect of unknown outcome happened.

use countersign::domain::{Actor, PacketStatus, RunStatus, Verdict};
use countersign::engine::{Command, FailureClass, Phase, Rejection, Settled};
use serde_json::{Value, json};

use crate::people::{jane, person};
use crate::story::{Story, Then};
use crate::workflows::{Sheet, row, sending};

const UNKNOWN: FailureClass = FailureClass::Unknown;

/// A mail that was sent, and nobody knows more.
fn in_question(tool: &str) -> Story {
    let mut story = sending(tool);
    story.fail(UNKNOWN, "reset");
    for _ in 0..3 {
        if story.state().packet.is_none() {
            story.wake();
            story.fail(UNKNOWN, "reset");
        }
    }
    assert_eq!(story.status(), RunStatus::Waiting);
    story
}

fn settle(
    story: &mut Story,
    by: &Actor,
    settled: Settled,
    output: Option<Value>,
) -> Result<Then, Rejection> {
    let effect = story.state().live_effect().expect("an effect in question");
    let command = Command::SettleEffect {
        key: effect.key,
        settled,
        output,
        reason: Some("The target's log says so.".to_owned()),
    };
    story.when(by, command)
}

#[test]
fn what_happened_is_never_sent_again() {
    let mut story = in_question("mail.send");
    let packet = story.state().packet.clone().unwrap();
    let then = settle(&mut story, &jane(), Settled::Happened, Some(json!({}))).unwrap();
    assert_eq!(
        then.kinds(),
        ["effect_settled", "step_completed", "run_ended"]
    );
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.intents().len(), 1);
    let closed = story.state().closed_packet.clone().unwrap();
    assert_eq!(
        (closed.packet, closed.status),
        (packet.packet, PacketStatus::Decided)
    );
}

#[test]
fn what_happened_but_cannot_be_finished_is_parked_as_done() {
    let steps = "
  act:
    tool: mail.send
    args: { payee: '${ state.payee }', cents: '${ state.amount.minor }' }
    amount: '${ state.amount }'
    save: { note: '${ state.gone }' }
    next: end";
    let sheet = Sheet {
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile("mail.send"));
    story.start(row());
    story.fail(UNKNOWN, "reset");
    let then = settle(&mut story, &jane(), Settled::Happened, None).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "step_parked"]);
    assert_eq!(story.state().live_effect(), None);
    assert_eq!(story.effect(), None);
}

#[test]
fn what_did_not_happen_is_sent_under_its_key() {
    let mut story = in_question("mail.send");
    let key = story.intents()[0].key;
    let then = settle(&mut story, &jane(), Settled::NotHappened, None).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "effect_intended"]);
    assert_eq!(story.sending().key, key);
    assert_eq!(story.attempt(), 2);
}

#[test]
fn asking_again_repeats_the_key_or_asks_the_target_and_sends_nothing_new() {
    let mut story = in_question("bank.pay");
    let then = settle(&mut story, &jane(), Settled::AskAgain, None).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "effect_intended"]);
    let keys: Vec<_> = story.intents().iter().map(|effect| effect.key).collect();
    assert!(keys.iter().all(|key| *key == keys[0]));
    // It is not known still: a person is asked again, not the target for ever.
    let then = story.fail(UNKNOWN, "reset");
    assert_eq!(then.kinds(), ["effect_unknown", "packet_opened"]);

    let mut story = sending("bank.transfer");
    story.fail(UNKNOWN, "reset");
    story.fail(UNKNOWN, "status_503");
    let then = settle(&mut story, &jane(), Settled::AskAgain, None).unwrap();
    assert_eq!(then.kinds(), ["effect_settled", "probe_started"]);
    // One "no" after an outage proves nothing.
    let then = story.answer(json!({"found": false}));
    assert_eq!(then.kinds(), ["probe_answered", "effect_unknown"]);
    assert_eq!(story.intents().len(), 1);
}

#[test]
fn what_cannot_be_asked_is_not_asked_again() {
    let mut story = in_question("mail.send");
    let refused = settle(&mut story, &jane(), Settled::AskAgain, None).unwrap_err();
    assert_eq!(refused.code(), "cannot_ask");
}

#[test]
fn only_who_may_decide_says_what_happened_and_verdicts_do_not() {
    let mut story = in_question("mail.send");
    let other = Actor {
        roles: countersign::domain::Roles::Named(std::collections::BTreeSet::new()),
        ..person("NOBODY")
    };
    let refused = settle(&mut story, &other, Settled::Happened, None).unwrap_err();
    assert_eq!(refused.code(), "not_permitted");
    for verdict in [Verdict::Approve, Verdict::Reject, Verdict::Return] {
        let refused = story.verdict(&jane(), verdict).unwrap_err();
        assert_eq!(refused.code(), "asks_outcome");
    }
    let refused = story
        .amend(&jane(), "payee", json!("Somebody"))
        .unwrap_err();
    assert_eq!(refused.code(), "asks_outcome");
    assert!(matches!(story.state().phase, Phase::Unsettled { .. }));
}

#[test]
fn an_effect_that_is_not_in_question_is_not_settled() {
    let mut story = sending("bank.pay");
    let refused = settle(&mut story, &jane(), Settled::Happened, None).unwrap_err();
    assert_eq!(refused.code(), "not_unsettled");
}

#[test]
fn a_held_run_sends_nothing_and_goes_on_from_there() {
    let mut story = in_question("mail.send");
    story.pause(&jane()).unwrap();
    let then = settle(&mut story, &jane(), Settled::NotHappened, None).unwrap();
    assert_eq!(then.kinds(), ["effect_settled"]);
    assert_eq!(story.effect(), None);
    story.resume(&jane()).unwrap();
    assert_eq!(story.wake().kinds(), ["effect_intended"]);
}
