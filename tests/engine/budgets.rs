//! Steps, visits and time of a run; edges and cycles.

use countersign::domain::RunStatus;
use countersign::engine::Command;
use serde_json::json;

use crate::people::jane;
use crate::story::Story;
use crate::workflows::{ASK, Sheet, row};

const COUNTS: &str = "
  count: { compute: { passes: '${ state.passes + 1 }' }, next: [{ when: 'state.passes < 1000', to: count }, { to: end }] }";

fn counting(budget: &str, steps: &str) -> Story {
    let sheet = Sheet {
        budget,
        steps,
        ..Sheet::default()
    };
    let mut story = Story::of(&sheet.compile(""));
    story.start(row());
    story
}

fn code(story: &Story) -> &str {
    &story.state().error.as_ref().unwrap().code
}

#[test]
fn a_run_takes_as_many_steps_as_its_budget_grants() {
    for most in [1, 5, 50] {
        let story = counting(&format!("{{ steps: {most}, on_breach: fail }}"), COUNTS);
        assert_eq!(story.status(), RunStatus::Failed);
        assert_eq!(code(&story), "max_steps_exceeded");
        assert_eq!(*story.field("passes"), json!(most));
        assert_eq!(story.state().steps_taken, most);
    }
}

#[test]
fn a_step_is_entered_as_often_as_it_says() {
    let steps = COUNTS.replace("{ compute", "{ visits: 4, compute");
    let story = counting("{ steps: 50 }", &steps);
    assert_eq!(code(&story), "max_visits_exceeded");
    assert_eq!(*story.field("passes"), json!(4));
}

#[test]
fn a_budget_of_steps_is_checked_before_an_effect() {
    let steps = "
  note: { compute: { note: x }, next: act }
  act: { tool: bank.pay, args: { payee: a, cents: 1 }, amount: '${ state.amount }', next: end }";
    let story = counting("{ steps: 1, on_breach: fail }", steps);
    assert_eq!(code(&story), "max_steps_exceeded");
    assert_eq!(story.intents().len(), 0);
    assert_eq!(counting("{ steps: 2 }", steps).intents().len(), 1);
}

#[test]
fn time_spent_moving_counts_and_time_spent_waiting_does_not() {
    let steps = "
  look: { tool: desk.look, args: { payee: a }, next: act }
  act: { tool: bank.pay, args: { payee: a, cents: 1 }, amount: '${ state.amount }', next: note }
  note: { compute: { done: true }, end: succeeded }";
    let sheet = Sheet {
        policy: ASK,
        budget: "{ steps: 10, wall: 1m }",
        steps,
        ..Sheet::default()
    };
    for (look_ms, status) in [(60_000, RunStatus::Succeeded), (60_001, RunStatus::Failed)] {
        let mut story = Story::of(&sheet.compile(""));
        story.start(row());
        story.later(look_ms);
        story.answer(json!({ "ready": true }));
        if story.status() == RunStatus::Waiting {
            story.later(7 * 24 * 3_600_000);
            story
                .verdict(&jane(), countersign::domain::Verdict::Approve)
                .unwrap();
            story.answer(json!({}));
        }
        assert_eq!(story.status(), status);
    }
}

#[test]
fn a_clock_that_goes_back_takes_no_time_away() {
    let steps = "
  look: { tool: desk.look, args: { payee: a }, next: again }
  again: { tool: desk.look, args: { payee: a }, next: end }";
    let mut story = counting("{ steps: 10, wall: 1m }", steps);
    story.later(50_000);
    story.answer(json!({ "ready": true }));
    story.later(-3_600_000);
    story.system(Command::Proceed);
    assert_eq!(story.state().active_ms, 50_000);
    story.answer(json!({ "ready": true }));
    assert_eq!(story.state().active_ms, 50_000);
    assert_eq!(story.status(), RunStatus::Succeeded);
}

#[test]
fn the_first_edge_that_holds_is_taken() {
    let steps = |passes: &str| {
        format!(
            "
  set: {{ compute: {{ passes: {passes} }}, next: [{{ when: 'state.passes > 5', to: large }}, {{ when: 'state.passes > 2', to: middle }}, {{ to: small }}] }}
  large: {{ compute: {{ note: large }}, end: succeeded }}
  middle: {{ compute: {{ note: middle }}, end: succeeded }}
  small: {{ compute: {{ note: small }}, end: succeeded }}"
        )
    };
    for (passes, note) in [("9", "large"), ("5", "middle"), ("2", "small")] {
        let story = counting("{ steps: 10 }", &steps(passes));
        assert_eq!(*story.field("note"), json!(note));
    }
}

#[test]
fn no_edge_that_holds_parks_the_run() {
    let steps = "
  set: { compute: { passes: 1 }, next: [{ when: 'state.passes > 5', to: end }] }";
    let story = counting("{ steps: 10 }", steps);
    assert_eq!(story.status(), RunStatus::DeadLettered);
    assert_eq!(code(&story), "no_edge");
}

#[test]
fn an_edge_that_cannot_be_evaluated_parks_the_run() {
    let steps = "
  set: { compute: { passes: 1 }, next: [{ when: 'state.gone == \"x\"', to: end }, { to: end }] }";
    let story = counting("{ steps: 10 }", steps);
    assert_eq!(story.status(), RunStatus::DeadLettered);
    assert_eq!(code(&story), "expression");
}

#[test]
fn ends_end_as_they_say() {
    for (end, status) in [
        ("succeeded", RunStatus::Succeeded),
        ("rejected", RunStatus::Rejected),
        ("failed", RunStatus::Failed),
    ] {
        let steps = format!("\n  only: {{ compute: {{ done: true }}, end: {end} }}");
        assert_eq!(counting("{ steps: 10 }", &steps).status(), status);
    }
}

#[test]
fn a_step_sets_its_fields_from_the_state_as_it_was() {
    let steps = "
  swap: { compute: { note: '${ state.payee }', payee: '${ state.operation }' }, end: succeeded }";
    let story = counting("{ steps: 10 }", steps);
    assert_eq!(*story.field("note"), json!("Alpha"));
    assert_eq!(*story.field("payee"), json!("op"));
}

#[test]
fn a_budget_of_steps_may_be_computed_from_input_or_state() {
    for (limit, most) in [("input.cents", 7), ("state.passes + 3", 6)] {
        let budget = format!("{{ steps: '${{ {limit} }}', on_breach: fail }}");
        let steps = if most == 7 {
            COUNTS.to_owned()
        } else {
            COUNTS.replace("passes: '${ state.passes + 1 }'", "note: x")
        };
        let sheet = Sheet {
            budget: &budget,
            steps: &steps,
            ..Sheet::default()
        };
        let mut story = Story::of(&sheet.compile(""));
        let mut row = row();
        row["cents"] = json!(7);
        row["passes"] = json!(if most == 7 { 0 } else { 3 });
        story.start(row);
        assert_eq!(code(&story), "max_steps_exceeded");
        assert_eq!(story.state().steps_taken, most);
    }
}

#[test]
fn a_computed_budget_that_is_no_number_parks_the_run() {
    for limit in ["input.gone", "'many'", "-1", "1000001", "1.5"] {
        let budget = format!("{{ steps: \"${{ {limit} }}\" }}");
        let story = counting(&budget, COUNTS);
        assert_eq!(story.status(), RunStatus::DeadLettered, "{limit}");
        assert_eq!(story.state().steps_taken, 0);
    }
}
