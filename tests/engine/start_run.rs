//! Starting a run.

use countersign::domain::{Fields, RunStatus, limits};
use countersign::engine::{Command, Effect, Event, Rejection};
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{Sheet, order_row, purchase_order, row};

#[test]
fn a_run_starts_and_goes_as_far_as_it_can_by_itself() {
    let mut story = Story::of(&purchase_order());
    let then = story.start(order_row("7850.00"));
    assert_eq!(then.kinds(), ["run_started", "call_started"]);
    assert_eq!(story.status(), RunStatus::Running);
    assert_eq!(story.state().initiator, "STARTER");
    let Some(Effect::ReadTool {
        step,
        attempt: 1,
        read,
    }) = story.effect()
    else {
        panic!("{:?}", story.effect());
    };
    assert_eq!(step.as_str(), "assess");
    assert_eq!(
        read.request.url,
        "http://register.test/register/vendors?name=Alpha%20Tech%20Systems"
    );
}

#[test]
fn the_first_event_pins_the_definition_and_keeps_the_row_as_it_came() {
    let mut story = Story::of(&purchase_order());
    let then = story.start(order_row("7850.00"));
    let Event::RunStarted {
        definition,
        first,
        values,
        ..
    } = &then.events[0]
    else {
        panic!("{:?}", then.events[0]);
    };
    assert_eq!(*definition, purchase_order().digest);
    assert_eq!(values.key.as_deref(), Some("the-key"));
    assert_eq!(first.as_str(), "assess");
    assert_eq!(values.input["amount"], "7850.00");
    assert_eq!(
        values.state["amount"],
        json!({"minor": 785_000, "currency": "USD"})
    );
    assert_eq!(values.state["status"], "Draft");
}

#[test]
fn a_process_that_may_not_call_tools_leaves_the_run_ready() {
    let mut story = Story::of(&purchase_order());
    story.executes = false;
    let then = story.start(order_row("7850.00"));
    assert_eq!(then.kinds(), ["run_started"]);
    assert_eq!(story.status(), RunStatus::Ready);
    assert_eq!(story.effect(), Some(Effect::Proceed));
}

#[test]
fn a_run_of_computing_steps_ends_in_the_command_that_starts_it() {
    let sheet = Sheet {
        steps: "\n  note: { compute: { note: 'for ${ state.payee }' }, end: succeeded }",
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    let then = story.start(row());
    assert_eq!(then.kinds(), ["run_started", "step_completed", "run_ended"]);
    assert_eq!(story.status(), RunStatus::Succeeded);
    assert_eq!(story.field("note"), "for Alpha");
}

#[test]
fn a_second_start_is_refused() {
    let mut story = Story::of(&purchase_order());
    story.start(order_row("7850.00"));
    let again = Command::StartRun {
        run: story.run,
        key: None,
        input: Fields::new(),
        state: Fields::new(),
    };
    let refused = story.when(&jane(), again).unwrap_err();
    assert!(matches!(refused, Rejection::Broken { .. }), "{refused}");
}

#[test]
fn a_key_over_its_limit_is_refused() {
    let mut story = Story::of(&purchase_order());
    let start = Command::StartRun {
        run: story.run,
        key: Some("k".repeat(limits::KEY_BYTES_MAX + 1)),
        input: Fields::new(),
        state: Fields::new(),
    };
    let refused = story.when(&jane(), start).unwrap_err();
    assert_eq!(refused.code(), "too_large");
    assert!(!story.has_started());
}

#[test]
fn any_other_command_without_a_run_is_refused() {
    let mut story = Story::of(&purchase_order());
    for command in [Command::Proceed, Command::Recover, Command::FireTimer] {
        let name = command.name();
        let refused = story.when(&jane(), command).unwrap_err();
        assert_eq!(refused, Rejection::NoRun { command: name });
    }
}
