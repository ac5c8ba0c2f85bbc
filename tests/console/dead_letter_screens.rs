//! Pictures of the dead letters, of one of them, and of the dialogs on them.

use countersign::domain::DeadLetterStatus;
use countersign::engine::StuckAt;
use serde_json::json;

use crate::hostile::{check, texts};
use crate::letter_stage::{Letters, closed, letter};

const SIZES: [(u16, u16); 3] = [(60, 20), (80, 24), (140, 45)];

fn mixed() -> Vec<countersign::console::message::LetterRead> {
    let mut refused = letter(62);
    refused.detail.row.stuck = StuckAt::Refused;
    "status_422".clone_into(&mut refused.detail.row.code);
    "due_date lies in the past".clone_into(&mut refused.detail.row.message);
    refused.detail.row.key = None;
    refused.detail.row.attempts = 1;
    let mut other = letter(430);
    other.detail.row.workflow = "vendor-check".into();
    other.detail.row.stuck = StuckAt::Reading;
    let gone = closed(&letter(1_500), DeadLetterStatus::Discarded, "jane");
    vec![letter(7), refused, other, gone]
}

fn pictures(name: &str, keys: &str) {
    for (columns, rows) in SIZES {
        let mut letters = Letters::with(columns, rows, mixed());
        letters.press(keys);
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), letters.picture());
    }
}

#[test]
fn the_list() {
    pictures("list", "j j");
}

#[test]
fn one_in_full() {
    pictures("whole", "j j v enter z");
}

#[test]
fn what_can_be_done() {
    pictures("recovery", "j j enter G");
}

#[test]
fn redriving() {
    pictures("redrive", "j j R");
}

#[test]
fn discarding() {
    pictures("discard", "j j X");
}

#[test]
fn several_at_once() {
    pictures("several", "space space R tab y");
}

#[test]
fn editing() {
    pictures("edit", "j j e");
}

#[test]
fn without_any() {
    for (columns, rows) in SIZES {
        let letters = Letters::with(columns, rows, Vec::new());
        insta::assert_snapshot!(format!("none_{columns}x{rows}"), letters.picture());
    }
}

#[test]
fn every_size_from_40_by_12_to_200_by_60_is_drawn() {
    for columns in [40, 60, 110, 200] {
        for rows in [12, 14, 20, 60] {
            let mut letters = Letters::with(columns, rows, mixed());
            letters.press("j R esc X esc tab G esc");
            letters.says("Dead letters");
        }
    }
}

#[test]
fn nothing_of_elsewhere_is_obeyed_or_hidden() {
    for texts in texts().chunks(8) {
        let text = |at: usize| texts[at % texts.len()].clone();
        let mut read = letter(1);
        let row = &mut read.detail.row;
        (row.code, row.message, row.key) = (text(0), text(1), Some(text(2)));
        read.detail.state.insert(text(3), json!(text(4)));
        read.history[1].words = Some(text(5));
        let call = read.detail.last_call.as_mut().unwrap();
        (call.failure, call.request.url) = (Some(text(6)), text(7));
        call.answer = Some(json!({ text(0): text(1) }));
        let mut letters = Letters::with(100, 60, vec![read]);
        check(&letters.stage);
        for keys in ["enter z G", "X"] {
            letters.press(keys);
            check(&letters.stage);
        }
    }
}
