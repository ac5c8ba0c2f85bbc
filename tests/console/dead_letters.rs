//! Dead letters under the cursor, and what can be done about them.

use countersign::console::message::{Message, Refusal, RunsNews};
use countersign::console::overlays::Overlay;
use countersign::console::request::{Request, Ticket};
use countersign::domain::{DeadLetterId, DeadLetterStatus, Digest, EffectState, RunStatus, Tier};
use countersign::runtime::{LetterMoved, Would};
use countersign::views::{EffectRow, RunRow};
use serde_json::json;

use crate::letter_stage::{Letters, closed, letter, letter_id};
use crate::stage::{NOW, order, run_id};
use crate::stray_keys::Numbers;

fn moved(n: u128, run_status: RunStatus) -> LetterMoved {
    LetterMoved {
        dead_letter: letter_id(n),
        run: run_id(n),
        run_status,
    }
}

fn three() -> Letters {
    Letters::with(80, 24, vec![letter(1), letter(2), letter(3)])
}

#[test]
fn the_oldest_comes_first_and_closed_ones_last() {
    let gone = closed(&letter(9), DeadLetterStatus::Discarded, "jane");
    let letters = Letters::with(80, 24, vec![letter(1), gone, letter(3)]);
    let picture = letters.picture();
    let place = |name: &str| {
        picture
            .find(name)
            .unwrap_or_else(|| panic!("{name}: {picture}"))
    };
    assert!(place("PO-9903") < place("PO-9901"));
    assert!(place("PO-9901") < place("PO-9909"));
    letters.says("Dead letters 2");
    letters.says("3 Dead 2");
}

#[test]
fn a_redrive_is_shown_whole_before_its_y_counts() {
    let mut letters = three();
    letters.press("R");
    for words in [
        "REDRIVE",
        "SEND this effect",
        "7 850.00 USD",
        "the one that was given still binds",
        "The target does not know of it.",
        "a newer one stands in the",
    ] {
        letters.says(words);
    }
    letters.press("enter").press("R enter space");
    assert!(letters.told().is_empty(), "enter and space do nothing");
    letters.press("tab y");
    let told = letters.told();
    assert!(
        matches!(told.as_slice(), [Request::Redrive { letter, set, .. }]
            if *letter == letter_id(3) && set.is_empty()),
        "{told:?}"
    );
}

#[test]
fn a_y_before_the_answer_came_is_none() {
    let mut letters = three();
    letters.stage.press("R");
    letters.stage.press("tab y");
    assert!(letters.told().is_empty());
    letters.says("still being asked");
    letters.answer();
    letters.stage.press_now("y");
    letters.stage.wait(400);
    assert!(letters.told().is_empty(), "it was not on the screen yet");
    letters.stage.draw();
    letters.press("y");
    assert_eq!(letters.told().len(), 1);
}

#[test]
fn what_is_longer_than_the_screen_is_read_to_its_end_first() {
    let mut letters = Letters::with(60, 20, vec![letter(1)]);
    letters.press("R tab y");
    assert!(letters.told().is_empty());
    letters.says("read it to its end first");
    letters.press("pgdn pgdn pgdn pgdn");
    letters.says("the end; pgup scrolls back");
    letters.press("y");
    assert_eq!(letters.told().len(), 1);
}

#[test]
fn what_would_be_stuck_again_is_not_redriven() {
    let mut letters = three();
    letters.would = Would::ParkAgain;
    letters.press("R tab y");
    assert!(letters.told().is_empty());
    letters.says("it would be stuck again at once");
}

#[test]
fn it_is_recovered_once_its_target_said_so() {
    let mut letters = three();
    letters.press("R tab y");
    let ticket = letters.ticket();
    let outcome = Ok(moved(3, RunStatus::Running));
    letters.stage.tell(Message::LetterMoved { ticket, outcome });
    letters.says("PO-9903 is redriven; its run is running");
    let effect = |state| EffectRow {
        idempotency_key: order(3, Tier::Routine, "1.00").effects[0].key,
        run: run_id(3),
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        state,
        digest: Digest::ZERO,
        operation: "PO-9903".to_owned(),
        identity: None,
        undoes: None,
        undone_by: None,
        amount: None,
        attempt: 5,
        updated_at: NOW,
        error: None,
    };
    letters.stage.tell(Message::Settled {
        run: run_id(3),
        status: RunStatus::Succeeded,
        error: None,
        effects: vec![effect(EffectState::Confirmed)],
    });
    letters.says("PO-9903 is recovered: its run succeeded, its target confirmed");
    letters.press("R");
    letters.says("move the cursor first");
}

#[test]
fn a_second_failure_is_not_called_recovered() {
    let mut letters = three();
    letters.press("R tab y");
    let ticket = letters.ticket();
    let outcome = Ok(moved(3, RunStatus::Running));
    letters.stage.tell(Message::LetterMoved { ticket, outcome });
    letters.stage.tell(Message::Settled {
        run: run_id(3),
        status: RunStatus::DeadLettered,
        error: None,
        effects: Vec::new(),
    });
    letters.says("PO-9903 is not recovered, it is stuck again");
}

#[test]
fn discarding_needs_a_reason_and_the_end_of_the_id() {
    let mut letters = three();
    letters.press("X").press("tab tab tab y");
    letters.says("write a reason");
    letters.press("tab").write("the vendor is gone");
    letters.press("tab").write("0001").press("tab tab y");
    letters.says("what you typed is not what stands here");
    assert!(letters.told().is_empty());
    letters.press("shift-tab shift-tab backspace").write("3");
    letters.press("tab tab y");
    let told = letters.told();
    assert!(
        matches!(told.as_slice(), [Request::Discard { letter, reason, .. }]
            if *letter == letter_id(3) && reason == "the vendor is gone"),
        "{told:?}"
    );
    let ticket = letters.ticket();
    let outcome = Ok(moved(3, RunStatus::Failed));
    letters.stage.tell(Message::LetterMoved { ticket, outcome });
    letters.says("PO-9903 is discarded; its run is failed");
    // What was told is not told again, in words that sound like a mishap.
    let run = moved(3, RunStatus::Failed).run;
    letters.stage.tell(Message::Settled {
        run,
        status: RunStatus::Failed,
        error: None,
        effects: Vec::new(),
    });
    letters.says("PO-9903 is discarded; its run is failed");
}

#[test]
fn who_comes_second_is_told_and_does_nothing() {
    for keys in ["R tab", "X"] {
        let mut letters = three();
        letters.press(keys);
        letters.put(closed(&letter(3), DeadLetterStatus::Redriven, "bob"));
        letters.press("y");
        letters.says("bob was first: it is redriven now. Nothing was done.");
        assert!(letters.told().is_empty(), "{keys}");
    }
}

#[test]
fn a_run_that_changed_takes_the_buttons_from_the_dialog() {
    let mut letters = three();
    letters.press("R tab");
    let row = RunRow {
        run: run_id(3),
        workflow: "purchase-order".into(),
        key: None,
        status: RunStatus::DeadLettered,
        step: Some("commit".into()),
        started_at: NOW,
        updated_at: NOW,
        cost_micro_usd: 0,
        tokens: 0,
        packet: None,
        timer: None,
    };
    letters.stage.tell(Message::Runs(RunsNews {
        whole: false,
        of: None,
        rows: vec![row],
        counts: Vec::new(),
    }));
    letters.press("y");
    assert!(letters.told().is_empty());
    letters.says("The run changed since this was asked.");
}

#[test]
fn verifying_shows_what_would_happen_and_changes_nothing() {
    let mut letters = Letters::with(140, 45, vec![letter(1)]);
    letters.press("v");
    letters.says("a redrive would SEND this effect. The target does not know of it.");
    letters.says("Asked at 14:00:");
    assert!(letters.stage.asked.is_empty());
    assert!(letters.stage.model.overlays.is_empty());
}

#[test]
fn an_edit_is_shown_as_a_redrive_before_anything_is_done() {
    let mut letters = Letters::with(140, 45, vec![letter(1)]);
    letters.press("e");
    letters.says("EDIT");
    for _ in 0..7 {
        letters.press("backspace");
    }
    letters.write("9000.00").press("ctrl-s");
    letters.says("write why");
    letters.write("a typo").press("ctrl-s");
    letters.says("REDRIVE");
    letters.says("9 000.00 USD");
    assert!(letters.told().is_empty());
    letters.press("tab y");
    let told = letters.told();
    assert!(
        matches!(told.as_slice(), [Request::Redrive { set, reason, .. }]
            if set[0].0 == "amount" && reason.as_deref() == Some("a typo")),
        "{told:?}"
    );
    let ticket = letters.ticket();
    let outcome = Ok(moved(1, RunStatus::Running));
    letters.stage.tell(Message::LetterMoved { ticket, outcome });
    assert!(
        letters.stage.model.overlays.is_empty(),
        "the form is gone too"
    );
}

#[test]
fn a_state_that_changed_under_the_form_is_not_redriven() {
    let mut letters = Letters::with(140, 45, vec![letter(1)]);
    letters.press("e");
    let mut other = letter(1);
    other
        .detail
        .state
        .insert("vendor".to_owned(), json!("Other"));
    letters.put(other);
    letters.says("The state changed while you edited. Nothing was done.");
}

#[test]
fn those_that_are_marked_are_told_one_by_one_and_each_says_what_came_of_it() {
    let mut letters = three();
    letters.press("space space");
    letters.says("2 marked");
    letters.press("R");
    letters.says("2 dead letters");
    letters.press("tab y");
    assert_eq!(letters.told().len(), 2);
    let tickets: Vec<(Ticket, DeadLetterId)> = letters
        .told()
        .iter()
        .map(|request| match request {
            Request::Redrive { ticket, letter, .. } => (*ticket, *letter),
            other => panic!("{other:?}"),
        })
        .collect();
    let (first, second) = (tickets[0], tickets[1]);
    letters.stage.tell(Message::LetterMoved {
        ticket: first.0,
        outcome: Ok(moved(3, RunStatus::Running)),
    });
    letters.stage.tell(Message::LetterMoved {
        ticket: second.0,
        outcome: Err(Refusal {
            code: "letter_closed".to_owned(),
            message: "bob was first".to_owned(),
        }),
    });
    letters.stage.draw();
    letters.says("PO-9903  the run is running");
    letters.says("PO-9902  bob was first");
    letters.stage.tell(Message::Settled {
        run: run_id(3),
        status: RunStatus::Succeeded,
        error: None,
        effects: Vec::new(),
    });
    letters.says("PO-9903  the run is succeeded");
    letters.press("esc");
    assert!(letters.stage.model.overlays.is_empty());
}

#[test]
fn esc_takes_the_marks_away_before_the_filter() {
    let mut letters = three();
    letters.press("/").write("po").press("enter").press("*");
    letters.says("3 marked");
    letters.press("esc");
    assert!(letters.stage.model.dead_letters.marked.is_empty());
    assert_eq!(letters.stage.model.dead_letters.rows.filter.text(), "po");
    letters.press("esc");
    assert_eq!(letters.stage.model.dead_letters.rows.filter.text(), "");
}

#[test]
fn what_arrives_moves_nothing_while_one_is_read() {
    let mut letters = three();
    letters.press("j enter");
    let (selected, line) = (letters.selected(), letters.line());
    letters.put(letter(50));
    letters.put(letter(60));
    assert_eq!((letters.selected(), letters.line()), (selected, line));
    letters.says("2 new (gg)");
    letters.press("esc g g");
    assert_eq!(letters.selected(), Some(letter_id(60)));
}

#[test]
fn one_that_closes_under_the_cursor_stays_until_the_cursor_leaves() {
    let mut letters = three();
    let line = letters.line();
    letters.put(closed(&letter(3), DeadLetterStatus::Redriven, "bob"));
    assert_eq!(
        (letters.selected(), letters.line()),
        (Some(letter_id(3)), line)
    );
    letters.press("R");
    letters.says("it was redriven by bob: nothing is left to do");
    letters.press("j");
    assert_eq!(
        (letters.selected(), letters.line()),
        (Some(letter_id(2)), line)
    );
}

#[test]
fn an_empty_list_says_what_it_is_for() {
    let mut letters = Letters::with(80, 24, Vec::new());
    letters.says("No step is stuck, and none ever was.");
    letters.press("R");
    letters.says("there is no dead letter under the cursor");
    let mut letters = three();
    letters.press("/").write("nothing").press("enter");
    letters.says("Nothing matches nothing. esc takes the filter away");
}

#[test]
fn bursts_of_keys_never_redrive_or_discard() {
    const KEYS: [&str; 20] = [
        "R", "X", "y", "e", "v", "enter", "space", "tab", "esc", "j", "k", "*", "o", "3", "2",
        "pgdn", "right", "ctrl-s", "n", "/",
    ];
    let mut opened = 0;
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let mut letters = three();
        letters.stage.wait(5_000);
        for n in 0..5 + numbers.below(46) {
            letters.stage.wait(10 + numbers.below(191));
            let at = usize::try_from(numbers.below(20)).unwrap();
            letters.stage.press_now(KEYS[at]);
            letters.answer();
            if numbers.below(4) == 0 {
                letters.put(letter(100 + u128::from(n)));
            }
            if numbers.below(2) == 0 {
                letters.stage.draw();
            }
            let dialog = letters.stage.model.overlays.last();
            opened += usize::from(matches!(dialog, Some(Overlay::Letter(_))));
        }
        let told = letters.told();
        assert!(told.is_empty(), "seed {seed}: {told:?}");
    }
    assert!(opened > 20, "dialogs were open: {opened}");
}
