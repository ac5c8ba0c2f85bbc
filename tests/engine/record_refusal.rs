//! The record of a refused command.

use countersign::domain::Verdict;
use countersign::engine::event::MessageValues;
use countersign::engine::{Command, Event, RunState};
use serde_json::json;

use crate::people::jane;
use crate::workflows::{order, sending};

fn refusal() -> Command {
    Command::RecordRefusal {
        command: "give_verdict".to_owned(),
        code: "stale_digest".to_owned(),
        message: "It changed.".to_owned(),
    }
}

/// A state but for where its journal stands.
fn but_for_its_place(state: &RunState, like: &RunState) -> RunState {
    RunState {
        seq: like.seq,
        updated_at: like.updated_at,
        active_ms: like.active_ms,
        ..state.clone()
    }
}

#[test]
fn it_names_command_code_and_actor_and_changes_nothing_else() {
    let mut story = order("7850.00", true, 0.97);
    let before = story.state().clone();
    let then = story.when(&jane(), refusal()).unwrap();
    assert_eq!(
        then.events,
        [Event::CommandRefused {
            command: "give_verdict".to_owned(),
            code: "stale_digest".to_owned(),
            values: MessageValues {
                message: "It changed.".to_owned(),
            },
        }]
    );
    let last = story.journal.last().unwrap();
    assert_eq!(last.actor.name, "MGR_JANE_DOE");
    assert_eq!(but_for_its_place(story.state(), &before), before);
}

#[test]
fn it_stands_even_after_the_run_s_end() {
    let mut story = order("7850.00", true, 0.97);
    story.verdict(&jane(), Verdict::Reject).unwrap();
    let before = story.state().clone();
    let then = story.when(&jane(), refusal()).unwrap();
    assert_eq!(then.kinds(), ["command_refused"]);
    assert_eq!(but_for_its_place(story.state(), &before), before);
}

#[test]
fn it_leaves_a_call_in_flight_alone() {
    let mut story = sending("mail.send");
    let first = story.sending().clone();
    story.when(&jane(), refusal()).unwrap();
    assert_eq!(*story.sending(), first);
    story.answer(json!({}));
    assert_eq!(story.intents().len(), 1);
}
