//! A message for a run that listens.

use countersign::domain::RunStatus;
use countersign::engine::{Command, Rejection};
use serde_json::{Value, json};

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{Sheet, order, row};

const LISTENS: &str = "
  ask: { wait: { signal: customer.answered }, save: { note: '${ output.text }' }, next: tell }
  tell: { compute: { done: true }, end: succeeded }";

fn listening() -> Story {
    let sheet = Sheet {
        steps: LISTENS,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story
}

fn signal(name: &str, payload: Value) -> Command {
    Command::DeliverSignal {
        name: name.to_owned(),
        payload,
    }
}

#[test]
fn a_run_that_listens_takes_the_message_and_goes_on() {
    let mut story = listening();
    assert_eq!(story.status(), RunStatus::Waiting);
    let command = signal("customer.answered", json!({ "text": "yes" }));
    let then = story.when(&jane(), command).unwrap();
    assert_eq!(
        then.kinds(),
        ["step_completed", "step_completed", "run_ended"]
    );
    assert_eq!(story.field("note"), "yes");
}

#[test]
fn another_name_is_refused() {
    let mut story = listening();
    let refused = story
        .when(&jane(), signal("customer.called", json!({})))
        .unwrap_err();
    assert!(
        matches!(refused, Rejection::NotListening { .. }),
        "{refused}"
    );
}

#[test]
fn a_second_message_is_refused() {
    let mut story = listening();
    let command = signal("customer.answered", json!({ "text": "yes" }));
    story.when(&jane(), command.clone()).unwrap();
    let refused = story.when(&jane(), command).unwrap_err();
    assert_eq!(refused.code(), "run_ended");
}

#[test]
fn a_message_is_no_verdict() {
    let mut story = order("7850.00", true, 0.97);
    let refused = story
        .when(&jane(), signal("approve", json!({ "verdict": "approve" })))
        .unwrap_err();
    assert_eq!(refused.code(), "not_listening");
    assert_eq!(story.intents().len(), 0);
}

#[test]
fn a_payload_that_cannot_be_saved_parks_the_step() {
    let mut story = listening();
    let command = signal("customer.answered", json!({ "text": 7 }));
    let then = story.when(&jane(), command).unwrap();
    assert_eq!(then.kinds(), ["step_parked"]);
    assert_eq!(story.state().error.as_ref().unwrap().code, "state_schema");
}

#[test]
fn a_held_run_takes_the_message_and_goes_on_when_it_is_released() {
    let mut story = listening();
    story.pause(&jane()).unwrap();
    let command = signal("customer.answered", json!({ "text": "yes" }));
    assert_eq!(
        story.when(&jane(), command).unwrap().kinds(),
        ["step_completed"]
    );
    let then = story.resume(&jane()).unwrap();
    assert_eq!(then.kinds(), ["run_resumed", "step_completed", "run_ended"]);
}
