//! What can be done to the run under the cursor.

use countersign::console::message::Message;
use countersign::console::request::Request;
use countersign::domain::{EffectState, RunStatus};
use countersign::runtime::RunMoved;
use countersign::views::Undoing;
use serde_json::json;

use crate::run_stage::{Runs, fate, five, nth, refused, run};
use crate::stage::NOW;

#[test]
fn pausing_needs_a_reason_and_y_on_the_buttons() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p tab y");
    runs.says("write a reason");
    assert!(runs.controls().is_empty());
    runs.press("shift-tab").write("look closer").press("enter");
    runs.press("space tab enter space");
    assert!(runs.controls().is_empty(), "enter and space never commit");
    runs.press("y");
    let Some(Request::Pause { run, reason, .. }) = runs.stage.asked.last() else {
        panic!("{:?}", runs.stage.asked);
    };
    assert_eq!((*run, reason.as_str()), (nth(1), "look closer"));
    runs.press("y y");
    assert_eq!(runs.controls().len(), 1, "it is on its way");
}

#[test]
fn enter_on_cancel_and_esc_leave() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why").press("tab enter");
    assert!(runs.stage.model.overlays.is_empty());
    runs.press("p").write("why").press("esc");
    assert!(runs.stage.model.overlays.is_empty() && runs.controls().is_empty());
}

#[test]
fn keys_typed_early_are_absorbed_and_begin_the_dead_time_anew() {
    let mut runs = Runs::with(80, 24, five());
    runs.stage.press_now("p");
    runs.stage.draw();
    for _ in 0..10 {
        runs.stage.wait(300);
        runs.stage.press_now("x");
    }
    runs.says("keys typed this early are ignored");
    runs.stage.wait(350);
    assert!(!runs.picture().contains("typed this early"));
    runs.stage.press_now("z");
    runs.says("reason  z");
}

#[test]
fn a_paste_writes_nothing_and_closes_what_it_opened() {
    let mut runs = Runs::with(80, 24, five());
    for key in ["p", "a", "b", "c", "d", "e", "f"] {
        runs.stage.press_now(key);
    }
    assert!(runs.stage.model.overlays.is_empty());
    runs.press("p");
    runs.stage.tell(Message::Pasted {
        text: "reason".to_owned(),
        at_ms: 99_000,
    });
    runs.says("pasted text is ignored");
    assert!(!runs.picture().contains("reason  reason"));
}

#[test]
fn a_control_that_cannot_work_now_says_why_and_opens_nothing() {
    for (keys, why) in [
        ("P", "not paused: there is nothing to resume"),
        ("O", "pause it first (p)"),
        ("j p", "paused already"),
        ("j p", "has ended (succeeded)"),
    ] {
        let mut runs = Runs::with(80, 24, five());
        if why.contains("ended") {
            runs.press("j");
        }
        runs.press(keys);
        runs.says(why);
        assert!(runs.stage.model.overlays.is_empty(), "{keys}");
    }
}

#[test]
fn a_value_is_json_where_it_is_json_and_text_where_it_is_not() {
    for (typed, value, said) in [
        ("78500", json!(78_500), "then 78500  a number"),
        ("Beta Ltd", json!("Beta Ltd"), "then \"Beta Ltd\"  a text"),
        ("\"12\"", json!("12"), "then \"12\"  a text"),
        ("{\"a\":1}", json!({"a": 1}), "an object"),
    ] {
        let mut runs = Runs::with(80, 24, five());
        runs.press("j O").write("amount");
        runs.says("now \"7850.00\"");
        runs.press("tab").write(typed);
        runs.says(said);
        runs.press("tab").write("typo").press("tab tab y");
        let sent = runs.stage.asked.iter().find_map(|request| match request {
            Request::Override { path, value, .. } => Some((path.clone(), value.clone())),
            _ => None,
        });
        assert_eq!(
            sent,
            Some(("amount".to_owned(), value)),
            "{}",
            runs.picture()
        );
    }
}

#[test]
fn a_value_that_means_two_things_is_not_sent() {
    for typed in ["{\"a\":1,\"a\":2}", "4999.99999999999999999"] {
        let mut runs = Runs::with(80, 24, five());
        runs.press("j O").write("amount").press("tab").write(typed);
        runs.press("tab").write("typo").press("tab y");
        assert!(runs.controls().is_empty(), "{typed}");
    }
}

#[test]
fn a_refusal_stays_in_the_dialog_in_full() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why").press("tab y");
    let ticket = runs.controls()[0];
    let message = "run 1 is paused already, by MGR_JOHN at 2026-11-21T14:00:00.000Z";
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Err(refused(message)),
    });
    runs.says("by MGR_JOHN at 2026-11-21T14:00:00.000Z");
    runs.press("y y");
    assert_eq!(runs.controls().len(), 1);
    runs.press("enter");
    assert!(runs.stage.model.overlays.is_empty());
}

#[test]
fn the_answer_tells_the_status_and_the_fate_of_every_effect() {
    let mut runs = Runs::with(140, 45, five());
    runs.press("p").write("why").press("tab y");
    let ticket = runs.controls()[0];
    let moved = RunMoved {
        run: nth(1),
        status: RunStatus::Paused,
        effects: vec![fate(
            "PO-9901",
            EffectState::Blocked,
            Undoing::NothingToUndo,
        )],
        undoes: false,
    };
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Ok(moved),
    });
    assert!(runs.stage.model.overlays.is_empty());
    runs.says("PO-9901 is paused now; erp.commit_order not sent");
}

#[test]
fn a_dialog_on_a_run_that_ended_meanwhile_can_no_longer_commit() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why");
    runs.put(run(1, RunStatus::Succeeded));
    runs.says("nothing left to pause");
    runs.press("tab y y");
    assert!(runs.controls().is_empty());
}

#[test]
fn controls_work_from_the_details_too() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("tab p").write("why").press("tab y");
    assert_eq!(runs.controls().len(), 1);
}

#[test]
fn values_of_every_kind_find_their_old_ones() {
    let mut runs = Runs::with(80, 24, five());
    let mut held = run(2, RunStatus::Paused);
    held.detail.row.updated_at = NOW;
    held.detail.state = json!({
        "address": {"city": "Lyon"},
        "amount": {"currency": "USD", "minor": 785_000},
    })
    .as_object()
    .cloned()
    .unwrap();
    runs.put(held);
    runs.press("j O").write("address.city");
    runs.says("now \"Lyon\"");
    runs.write("x");
    runs.says("nothing stands there now");
    runs.press("ctrl-u").write("amount");
    runs.says("now 7 850.00 USD");
}
