//! A run is stopped for good: with the fate of every effect, and undone only by choice.

use countersign::console::message::{CHANGED, Message, Refusal};
use countersign::console::request::{Request, TerminateOrder};
use countersign::domain::{EffectState, RunStatus};
use countersign::engine::RunError;
use countersign::runtime::RunMoved;
use countersign::views::{EffectFate, Undoing};

use crate::run_stage::{Runs, failed, fate, nth, run_with, undoable};
use crate::stray_keys::Numbers;

fn effects() -> Vec<EffectFate> {
    vec![
        undoable("PO-1"),
        fate("deal 7", EffectState::Confirmed, Undoing::CannotBeUndone),
        fate("PO-2", EffectState::Refused, Undoing::NothingToUndo),
        fate("PO-3", EffectState::Unknown, Undoing::CannotBeUndone),
        fate("PO-4", EffectState::Planned, Undoing::NothingToUndo),
    ]
}

fn stage() -> Runs {
    of(RunStatus::Waiting, effects())
}

fn of(status: RunStatus, effects: Vec<EffectFate>) -> Runs {
    Runs::with(140, 45, vec![run_with(1, status, effects)])
}

fn orders(runs: &Runs) -> Vec<TerminateOrder> {
    let asked = runs.stage.asked.iter();
    asked
        .filter_map(|request| match request {
            Request::Terminate { order, .. } => Some(order.as_ref().clone()),
            _ => None,
        })
        .collect()
}

fn moved(status: RunStatus, effects: Vec<EffectFate>, undoes: bool) -> RunMoved {
    RunMoved {
        run: nth(1),
        status,
        effects,
        undoes,
    }
}

#[test]
fn every_fate_is_shown_before_anything_can_be_answered() {
    let mut runs = stage();
    runs.press("X");
    for words in [
        "confirmed  erp.commit_order  for PO-1",
        "stays done; can be undone, now or later, with erp.cancel_order",
        "\"order_id\": \"ord_17\"",
        "cannot be undone",
        "not done: the target refused it",
        "may have happened: stays open until that is known",
        "not sent, and never will be",
        "No further steps; what is planned is never sent.",
    ] {
        runs.says(words);
    }
}

#[test]
fn it_needs_a_reason_and_y_on_the_buttons_and_undoes_nothing_by_itself() {
    let mut runs = stage();
    runs.press("X tab tab tab y");
    runs.says("write a reason");
    assert!(orders(&runs).is_empty());
    runs.press("tab").write("no longer wanted");
    runs.press("enter enter enter");
    assert!(
        runs.stage.model.overlays.is_empty(),
        "enter on Cancel leaves"
    );
    runs.press("X")
        .write("no longer wanted")
        .press("tab tab tab enter space");
    assert!(orders(&runs).is_empty(), "enter and space never commit");
    runs.press("y");
    let sent = orders(&runs);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].run, sent[0].reason.as_str(), sent[0].compensate),
        (nth(1), "no longer wanted", false)
    );
    assert_eq!(sent[0].shown, effects());
    runs.press("y y");
    assert_eq!(orders(&runs).len(), 1, "it is on its way");
}

#[test]
fn undoing_is_a_choice_that_a_space_makes_and_takes_back() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab");
    runs.says("[ ] no: what was done stays done");
    runs.press("x y");
    runs.says("[ ] no");
    runs.press("space");
    runs.says("[x] yes, 1 of 3");
    runs.says("is UNDONE with erp.cancel_order");
    runs.says("[ y  Terminate and undo ]");
    runs.press("space");
    runs.says("[ ] no");
    runs.press("space tab tab y");
    assert!(orders(&runs)[0].compensate);
}

#[test]
fn where_nothing_can_be_undone_the_choice_is_none() {
    let mut runs = of(RunStatus::Running, vec![effects().remove(1)]);
    runs.press("X").write("why").press("tab");
    runs.says("nothing it did can be undone");
    runs.press("space tab tab y");
    assert!(!orders(&runs)[0].compensate);
}

#[test]
fn a_terminated_run_is_only_undone() {
    let mut runs = of(RunStatus::Terminated, effects());
    runs.press("X");
    runs.says("It was terminated already. What it did is undone now");
    runs.says("[ y  Undo what it did ]");
    assert!(!runs.picture().contains("[ ] no"));
    runs.write("customer cancelled").press("tab tab y");
    assert!(orders(&runs)[0].compensate);
}

#[test]
fn where_nothing_is_left_to_do_it_says_so_and_opens_nothing() {
    let nothing = vec![effects().remove(1)];
    for (mut runs, why) in [
        (
            of(RunStatus::Terminated, nothing),
            "terminated already: nothing it did is left to undo",
        ),
        (
            Runs::with(140, 45, vec![failed(1)]),
            "has ended (failed): nothing can be changed",
        ),
        (Runs::with(140, 45, Vec::new()), "no run under the cursor"),
    ] {
        runs.press("X");
        runs.says(why);
        assert!(runs.stage.model.overlays.is_empty(), "{why}");
        runs.says(why);
    }
}

#[test]
fn what_changes_meanwhile_takes_the_button_until_it_was_looked_at() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab space tab tab");
    let mut now = effects();
    now[4] = fate("PO-4", EffectState::Confirmed, Undoing::CannotBeUndone);
    runs.put(run_with(1, RunStatus::Running, now.clone()));
    runs.stage.draw();
    runs.says("What it did CHANGED since you looked");
    runs.says("[ ] no: what was done stays done");
    assert!(
        !runs.picture().contains("Terminate ]"),
        "{}",
        runs.picture()
    );
    runs.press("y tab y");
    assert!(orders(&runs).is_empty());
    runs.press("pgdn");
    runs.says("[ y  Terminate ]");
    runs.press("tab y");
    let sent = orders(&runs);
    assert_eq!((sent.len(), sent[0].compensate), (1, false));
    assert_eq!((&sent[0].shown, sent[0].reason.as_str()), (&now, "why"));
}

#[test]
fn a_y_that_is_held_while_it_changes_is_no_answer() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab tab tab");
    runs.stage.wait(1_000);
    runs.stage.press_now("y");
    let mut now = effects();
    now.remove(0);
    runs.put(run_with(1, RunStatus::Waiting, now));
    runs.stage.draw();
    runs.stage.wait(1_000);
    assert!(orders(&runs).is_empty());
}

#[test]
fn a_change_that_touches_no_effect_takes_nothing() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab tab tab");
    runs.put(run_with(1, RunStatus::Paused, effects()));
    runs.stage.draw();
    runs.says("now = paused");
    runs.press("y");
    assert_eq!(orders(&runs).len(), 1);
}

#[test]
fn what_the_engine_finds_changed_is_shown_in_place() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab tab tab y");
    let ticket = runs.controls()[0];
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Err(Refusal {
            code: CHANGED.to_owned(),
            message: "What the run did changed meanwhile: nothing was done.".to_owned(),
        }),
    });
    runs.stage.draw();
    runs.says("What it did CHANGED since you looked");
    runs.says("why");
    let read = |request: &Request| matches!(request, Request::ReadRun(run) if *run == nth(1));
    assert!(runs.stage.asked.iter().any(read));
    runs.press("pgdn tab y");
    assert_eq!(orders(&runs).len(), 2);
}

#[test]
fn who_comes_second_is_told() {
    for (status, says) in [
        (
            RunStatus::Terminated,
            "terminated meanwhile, by somebody else",
        ),
        (RunStatus::Succeeded, "has ended (succeeded)"),
    ] {
        let mut runs = stage();
        runs.press("X").write("why");
        runs.put(run_with(1, status, effects()));
        runs.stage.draw();
        runs.says(says);
        runs.press("tab tab tab y y");
        assert!(orders(&runs).is_empty());
    }
}

#[test]
fn the_answer_tells_the_fates_and_later_what_was_undone() {
    let mut runs = stage();
    runs.press("X").write("why").press("tab space tab tab y");
    let ticket = runs.controls()[0];
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Ok(moved(RunStatus::Compensating, effects(), true)),
    });
    assert!(runs.stage.model.overlays.is_empty());
    runs.says("PO-9901 is compensating now; 1 unknown, 2 confirmed, 1 cannot be undone, 1 refused, 1 not sent");
    let mut rows = failed(1).effects;
    rows[0].state = EffectState::Compensated;
    runs.stage.tell(Message::Settled {
        run: nth(1),
        status: RunStatus::Terminated,
        error: None,
        effects: rows.clone(),
    });
    runs.says("PO-9901 is terminated: 1 undone");
    runs.stage.model.runs.undoing.insert(nth(1));
    rows[0].state = EffectState::Confirmed;
    runs.stage.tell(Message::Settled {
        run: nth(1),
        status: RunStatus::DeadLettered,
        error: Some(RunError {
            code: "refused".to_owned(),
            message: "the target answered 422".to_owned(),
        }),
        effects: rows,
    });
    runs.says("the undoing of PO-9901 is stuck (0 undone, 1 done and not undone): the target");
}

#[test]
fn few_effects_are_told_by_name() {
    let mut runs = of(RunStatus::Running, vec![effects().remove(1)]);
    runs.press("X").write("why").press("tab tab tab y");
    let ticket = runs.controls()[0];
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Ok(moved(
            RunStatus::Terminated,
            vec![effects().remove(1)],
            false,
        )),
    });
    runs.says("is terminated now; erp.commit_order confirmed, cannot be undone");
}

#[test]
fn what_does_not_fit_is_read_to_its_end_first() {
    let many: Vec<EffectFate> = (0..20).map(|n| undoable(&format!("PO-{n}"))).collect();
    let mut runs = Runs::with(80, 24, vec![run_with(1, RunStatus::Running, many)]);
    runs.press("X").write("why").press("tab tab tab y");
    runs.says("read it to its end first: pgdn");
    for _ in 0..20 {
        runs.press("pgdn");
    }
    runs.says("the end; pgup scrolls back");
    runs.press("y");
    assert_eq!(orders(&runs).len(), 1);
}

#[test]
fn a_window_that_hides_it_takes_no_answer() {
    let mut runs = Runs::with(40, 12, vec![run_with(1, RunStatus::Waiting, effects())]);
    runs.press("X").write("why").press("tab tab tab y");
    assert!(orders(&runs).is_empty());
    runs.stage.tell(Message::Resized {
        columns: 140,
        rows: 45,
    });
    runs.stage.draw();
    runs.press("y");
    assert_eq!(orders(&runs).len(), 1);
}

#[test]
fn a_paste_writes_nothing_into_the_reason() {
    let mut runs = stage();
    runs.press("X");
    runs.stage.tell(Message::Pasted {
        text: "yes".to_owned(),
        at_ms: 99_000,
    });
    runs.says("pasted text is ignored");
    assert!(!runs.picture().contains("yes"));
}

#[test]
fn hostile_names_are_shown_as_tokens() {
    let mut effect = undoable("\u{1b}[2JPO\u{202e}");
    effect.undo.as_mut().unwrap().arguments = Some(serde_json::json!({"id": "a\u{7}b"}));
    let mut runs = of(RunStatus::Running, vec![effect]);
    runs.press("X");
    for token in ["<U+001B>[2JPO<U+202E>", "a<U+0007>b"] {
        runs.says(token);
    }
    runs.write("be\u{202e}cause");
    runs.says("be<U+202E>cause");
}

#[test]
fn bursts_of_keys_never_terminate_anything() {
    const KEYS: [&str; 12] = [
        "X", "P", "y", "tab", "enter", "space", "esc", "j", "right", "pgdn", "w", "x",
    ];
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let mut runs = stage();
        runs.stage.wait(5_000);
        for _ in 0..40 {
            runs.stage.wait(10 + numbers.below(191));
            let at = usize::try_from(numbers.below(12)).unwrap();
            runs.stage.press_now(KEYS[at]);
            if numbers.below(2) == 0 {
                runs.stage.draw();
            }
        }
        assert!(orders(&runs).is_empty(), "seed {seed}");
    }
}

#[test]
fn the_dialog_is_drawn() {
    for (columns, rows) in [(40, 24), (60, 20), (80, 24), (140, 45)] {
        for (name, keys) in [("stop", "X"), ("undo", "X tab space")] {
            let mut runs = Runs::with(
                columns,
                rows,
                vec![run_with(1, RunStatus::Waiting, effects())],
            );
            runs.press(keys);
            insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), runs.picture());
        }
    }
    let mut runs = Runs::with(
        80,
        24,
        vec![run_with(1, RunStatus::Terminated, vec![undoable("PO-1")])],
    );
    runs.press("X");
    insta::assert_snapshot!("terminated_80x24", runs.picture());
}
