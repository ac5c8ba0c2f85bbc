//! Pictures of the alerts, of one of them, and of the dialog on them.

use serde_json::json;

use crate::alerts::{Alerts, acknowledged, breaker, jump, set_aside};
use crate::hostile::{check, texts};

const SIZES: [(u16, u16); 4] = [(40, 20), (60, 20), (80, 24), (140, 45)];

fn mixed() -> Vec<countersign::views::AlertRow> {
    let mut other = breaker(150);
    "payments".clone_into(&mut other.subject);
    vec![
        jump(1),
        set_aside(5),
        breaker(41),
        acknowledged(&other, "MGR_JANE_DOE", 40),
        acknowledged(&breaker(900), "MGR_JOHN", 600),
    ]
}

fn pictures(name: &str, keys: &str) {
    for (columns, rows) in SIZES {
        let mut console = Alerts::with(columns, rows, mixed());
        console.press(keys);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), console.picture());
    }
}

#[test]
fn the_list() {
    pictures("list", "j k");
}

#[test]
fn one_in_full() {
    pictures("whole", "j k enter");
}

#[test]
fn one_that_was_acknowledged() {
    pictures("acknowledged", "j j j enter");
}

#[test]
fn acknowledging_a_clock_jump() {
    pictures("acknowledge_clock", "j k a");
}

#[test]
fn acknowledging_another() {
    pictures("acknowledge_target", "j j a tab");
}

#[test]
fn a_run_that_is_set_aside() {
    pictures("set_aside", "j k j enter");
}

#[test]
fn without_any() {
    for (columns, rows) in SIZES {
        let console = Alerts::with(columns, rows, Vec::new());
        insta::assert_snapshot!(format!("none_{columns}x{rows}"), console.picture());
    }
}

#[test]
fn every_size_from_40_by_12_to_200_by_60_is_drawn() {
    for columns in [40, 60, 110, 200] {
        for rows in [12, 14, 20, 60] {
            let mut console = Alerts::with(columns, rows, mixed());
            console.press("j a esc tab G esc");
            console.says("Alerts");
        }
    }
}

#[test]
fn nothing_of_elsewhere_is_obeyed_or_hidden() {
    for texts in texts().chunks(5) {
        let text = |at: usize| texts[at % texts.len()].clone();
        let mut row = breaker(1);
        (row.message, row.subject) = (text(0), text(1));
        row.evidence = json!({ text(2): text(3) });
        let mut shut = acknowledged(&breaker(2), &text(4), 1);
        shut.reason = Some(text(0));
        let mut console = Alerts::with(100, 60, vec![row, shut]);
        check(&console.stage);
        for keys in ["a", "esc enter z", "esc esc j enter z"] {
            console.press(keys);
            check(&console.stage);
        }
    }
}
