//! What was tried for one effect, folded from its run's events, newest first.

use countersign::engine::{Command, FailureClass, Settled};
use countersign::views::{Came, Try, TryKind, tries};
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::sending;

const UNKNOWN: FailureClass = FailureClass::Unknown;

fn told(story: &Story) -> Vec<Try> {
    let key = story.intents()[0].key;
    tries(&story.journal, key)
}

fn kinds(story: &Story) -> Vec<(TryKind, Option<Came>)> {
    let told = told(story);
    told.iter().map(|each| (each.kind, each.came)).collect()
}

#[test]
fn every_try_has_its_answer_and_the_newest_is_first() {
    let mut story = sending("bank.transfer");
    assert_eq!(kinds(&story), [(TryKind::Sent, None)]);
    story.fail(UNKNOWN, "timeout");
    assert_eq!(kinds(&story)[0], (TryKind::Asked, None));
    story.answer(json!({ "found": false }));
    story.wake();
    story.answer(json!({ "found": false }));
    story.fail(UNKNOWN, "timeout");
    story.answer(json!({ "found": true, "reference": "t1" }));
    assert_eq!(
        kinds(&story),
        [
            (TryKind::Asked, Some(Came::Found)),
            (TryKind::Sent, Some(Came::Unknown)),
            (TryKind::Asked, Some(Came::NotFound)),
            (TryKind::Asked, Some(Came::NotFound)),
            (TryKind::Sent, Some(Came::Unknown)),
        ]
    );
    let told = told(&story);
    assert_eq!(
        told[0].answer,
        Some(json!({ "found": true, "reference": "t1" }))
    );
    assert_eq!(
        (told[0].attempt, told[1].attempt, told[4].attempt),
        (2, 2, 1)
    );
    assert!(
        told[4].message.as_ref().unwrap().contains("timeout"),
        "{told:?}"
    );
    assert!(told[4].came_at >= Some(told[4].at));
}

#[test]
fn an_answer_that_settles_nothing_says_why_and_a_failure_to_ask_too() {
    let mut story = sending("bank.transfer");
    story.fail(UNKNOWN, "timeout");
    story.answer(json!({ "something": "else" }));
    let told = told(&story);
    assert_eq!(told[0].came, Some(Came::SettlesNothing));
    assert!(told[0].message.is_some(), "{told:?}");
    let mut story = sending("bank.transfer");
    story.fail(UNKNOWN, "timeout");
    story.fail(FailureClass::Safe, "connect");
    let told = self::told(&story);
    assert_eq!(told[0].came, Some(Came::NoAnswer));
    assert!(told[0].message.as_ref().unwrap().contains("connect"));
    assert_eq!(told[0].answer, None);
}

#[test]
fn what_a_person_said_stands_with_their_name() {
    let mut story = sending("bank.transfer");
    story.fail(UNKNOWN, "timeout");
    story.answer(json!({ "something": "else" }));
    let command = Command::SettleEffect {
        key: story.intents()[0].key,
        settled: Settled::AskAgain,
        output: None,
        reason: Some("It was late.".to_owned()),
    };
    story.when(&jane(), command).unwrap();
    story.answer(json!({ "found": true }));
    assert_eq!(
        kinds(&story)[..2],
        [
            (TryKind::Asked, Some(Came::Found)),
            (TryKind::Said, Some(Came::AskAgain)),
        ]
    );
    let said = &told(&story)[1];
    assert_eq!(said.by.as_deref(), Some("MGR_JANE_DOE"));
    assert_eq!(said.message.as_deref(), Some("It was late."));
}

#[test]
fn a_refusal_and_a_confirmation_close_what_was_sent() {
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Safe, "status_503");
    story.wake();
    story.answer(json!({}));
    assert_eq!(
        kinds(&story),
        [
            (TryKind::Sent, Some(Came::Confirmed)),
            (TryKind::Sent, Some(Came::NotDone)),
        ]
    );
    let mut story = sending("bank.pay");
    story.fail(FailureClass::Refused, "status_400");
    assert_eq!(kinds(&story), [(TryKind::Sent, Some(Came::Refused))]);
}
