//! What a target answered, where a person has to tell it: the one field that takes pasted text.

use std::sync::Arc;

use countersign::console::message::{Beside, LetterRead, Message, Refusal};
use countersign::console::model::answer::WantedAnswer;
use countersign::console::overlays::Overlay;
use countersign::console::request::Request;
use countersign::domain::Packet;
use countersign::engine::{Settled, StuckAt};
use countersign::runtime::Would;
use countersign::workflow::{Definition, SourceFile, ToolBox, check, shipped};
use serde_json::{Value, json};

use crate::hostile::{check as check_picture, texts};
use crate::letter_stage::{Letters, letter};
use crate::settle::{in_question, said};
use crate::stage::{Stage, seal};

const ANSWER: &str = r#"{"id":"re_1","object":"refund","charge":"ch_1","amount":12500,"currency":"usd","status":"succeeded"}"#;

/// The shipped refund, whose last step saves the refund's id.
fn refund() -> Arc<Definition> {
    let (tools, _) = ToolBox::load(&shipped().tools);
    let mut files = shipped().workflows.iter();
    let file = files
        .find(|file| file.text.contains("workflow: refund"))
        .unwrap();
    let checked = check(&SourceFile::new("refund.yaml", file.text.clone()), &tools);
    checked.definition.unwrap()
}

/// A refund of which nobody knows whether it was made.
fn refund_in_question() -> Packet {
    let mut packet = in_question(1, true);
    packet.effects[0].step = "issue".into();
    packet.effects[0].tool = "payments.refund".into();
    seal(&mut packet);
    packet
}

fn stage_of(columns: u16, rows: u16) -> Stage {
    let packet = refund_in_question();
    let mut stage = Stage::empty(columns, rows);
    stage.beside = Beside::Outcome {
        tries: Vec::new(),
        answer: WantedAnswer::of_effect(refund(), &packet.effects[0]),
    };
    stage.put(packet);
    stage.draw();
    stage
}

/// The dialog with everything but the answer.
fn answering() -> Stage {
    let mut stage = stage_of(80, 24);
    stage.press("D").wait(1_001);
    stage
        .write("seen in the log")
        .press("tab")
        .write("7850.00")
        .press("tab");
    stage
}

fn says(stage: &Stage, words: &str) {
    let picture = stage.picture();
    assert!(picture.contains(words), "{words}: {picture}");
}

fn field(stage: &Stage, index: usize) -> String {
    let dialog = stage.model.overlays.last().and_then(Overlay::dialog);
    dialog.unwrap().walk().text(index).to_owned()
}

fn paste(stage: &mut Stage, text: &str) {
    let at_ms = stage.at_ms();
    let text = text.to_owned();
    stage.tell(Message::Pasted { text, at_ms });
    stage.draw();
}

/// A text as it comes from a terminal that does not mark pastes.
fn burst(stage: &mut Stage, text: &str) {
    stage.wait(1_000);
    for c in text.chars() {
        stage.press_now(&match c {
            '\n' => "enter".to_owned(),
            '\t' => "tab".to_owned(),
            ' ' => "space".to_owned(),
            other => other.to_string(),
        });
    }
    stage.wait(1_000);
    stage.draw();
}

#[test]
fn the_field_is_there_only_where_something_is_made_of_the_answer() {
    let mut stage = stage_of(80, 24);
    for (keys, shown) in [("D", true), ("R", false), ("v", false)] {
        stage.press(keys);
        let picture = stage.picture();
        assert_eq!(
            picture.contains("what it answered"),
            shown,
            "{keys}: {picture}"
        );
        stage.press("esc");
    }
    let mut packet = refund_in_question();
    packet.effects[0].step = "assess".into();
    assert!(WantedAnswer::of_effect(refund(), &packet.effects[0]).is_some());
    packet.effects[0].step = "refuse".into();
    assert!(WantedAnswer::of_effect(refund(), &packet.effects[0]).is_none());
}

#[test]
fn what_is_no_answer_of_the_tool_says_why_and_sends_nothing() {
    for (typed, why) in [
        ("{", "this is no JSON"),
        ("{\"id\":1,\"id\":2}", "twice"),
        ("{\"id\":\"re_1\"}", "required"),
        ("[]", "must be an object"),
    ] {
        let mut stage = answering();
        stage.write(typed);
        says(&stage, why);
        stage.press("tab tab y");
        assert!(said(&stage).is_empty(), "{typed}");
    }
}

#[test]
fn a_pasted_answer_is_sent_with_what_was_said() {
    let mut stage = answering();
    paste(&mut stage, &ANSWER.replace(',', ",\r\n\t "));
    says(&stage, "this can be an answer of payments.refund");
    assert!(!stage.picture().contains("<U+"), "{}", stage.picture());
    stage.press("ctrl-u");
    paste(&mut stage, &ANSWER.replace(',', ",\r  "));
    assert!(!stage.picture().contains("<U+"), "{}", stage.picture());
    stage.press("tab tab y");
    let sent = said(&stage);
    assert_eq!(sent.len(), 1, "{}", stage.picture());
    assert_eq!(sent[0].settled, Settled::Happened);
    let answer: Value = serde_json::from_str(ANSWER).unwrap();
    assert_eq!(sent[0].output, Some(answer));
}

#[test]
fn an_answer_that_nobody_knows_may_be_left_out() {
    let mut stage = answering();
    says(&stage, "left empty, the step waits as a dead letter");
    stage.press("tab tab y");
    assert_eq!(said(&stage)[0].output, None);
}

#[test]
fn pastes_go_into_this_field_alone() {
    let mut stage = stage_of(80, 24);
    stage.press("D");
    paste(&mut stage, "early");
    stage.wait(1_001);
    paste(&mut stage, "a reason");
    says(&stage, "pasted text is ignored here");
    stage.wait(1_001);
    stage.press("tab");
    paste(&mut stage, "7850.00");
    stage.wait(1_001);
    stage.press("tab tab");
    paste(&mut stage, "y");
    stage.wait(1_001);
    let fields = [field(&stage, 0), field(&stage, 1), field(&stage, 2)];
    assert_eq!(fields, ["", "", ""]);
    assert!(said(&stage).is_empty());
}

#[test]
fn what_comes_without_marks_is_taken_whole_and_never_answers() {
    let mut stage = answering();
    burst(&mut stage, &ANSWER.replace(',', ",\n\t"));
    says(&stage, "this can be an answer of payments.refund");
    assert!(said(&stage).is_empty());
    // In a reason it is taken back, and a tab in it leads nowhere.
    let mut stage = stage_of(80, 24);
    stage.press("D").wait(1_001);
    burst(&mut stage, "pasted\t\tpasted\ty");
    assert!(said(&stage).is_empty());
    assert_eq!(field(&stage, 0), "");
    assert_eq!(field(&stage, 2), "");
}

#[test]
fn too_long_a_paste_is_left_out_whole() {
    let mut stage = answering();
    paste(&mut stage, &"x".repeat(5_000));
    says(&stage, "this is longer than the field takes");
    assert_eq!(field(&stage, 2), "");
}

#[test]
fn the_own_editor_writes_into_the_field_and_the_dialog_is_deaf_again() {
    let mut stage = answering();
    stage.write("{}").press("f4");
    let Some(Request::Edit(text)) = stage.asked.last().cloned() else {
        panic!("{:?}", stage.asked);
    };
    assert_eq!(text, "{}");
    let edited = format!("{ANSWER}\n");
    stage.tell(Message::Edited(Ok(Some(edited))));
    stage.press_now("q");
    stage.draw();
    assert_eq!(field(&stage, 2), ANSWER);
    stage.wait(1_001);
    stage.press("tab tab y");
    assert_eq!(said(&stage).len(), 1);
    let mut stage = answering();
    stage.press("f4");
    stage.tell(Message::Edited(Err(Refusal {
        code: "editor".to_owned(),
        message: "no editor is set".to_owned(),
    })));
    says(&stage, "no editor is set");
    let mut other = Stage::with(80, 24, vec![in_question(1, true)]);
    other.press("R").wait(1_001);
    other.press("f4");
    assert!(
        other
            .asked
            .iter()
            .all(|asked| !matches!(asked, Request::Edit(_)))
    );
}

/// A refund that was made, and whose answer could not be used.
fn finishing() -> LetterRead {
    let mut read = letter(1);
    let row = &mut read.detail.row;
    (row.workflow, row.step) = ("refund".into(), "issue".into());
    row.stuck = StuckAt::Finishing;
    "cannot_go_on".clone_into(&mut row.code);
    read.answer = WantedAnswer::of_step(refund(), &row.step);
    read
}

fn previews(letters: &Letters) -> Vec<Option<Value>> {
    let asked = letters.previewed.iter();
    asked.cloned().collect()
}

#[test]
fn a_finishing_letter_is_redriven_with_what_was_answered_once_that_is_previewed() {
    let mut letters = Letters::with(80, 24, vec![finishing()]);
    letters.would = Would::ParkAgain;
    letters.press("R");
    letters.says("what it answered, as JSON");
    letters.press("tab tab y");
    letters.says("write what its tool answered");
    letters.would = Would::End;
    letters.press("shift-tab shift-tab");
    paste(&mut letters.stage, "{\"id\":\"re_1\"}");
    letters.press("tab tab y");
    letters.says("required");
    assert_eq!(previews(&letters), [None], "nothing is asked of no answer");
    letters.press("shift-tab shift-tab ctrl-u");
    paste(&mut letters.stage, ANSWER);
    letters.press("tab");
    let answer: Value = serde_json::from_str(ANSWER).unwrap();
    assert_eq!(previews(&letters), [None, Some(answer.clone())]);
    letters.says("answered");
    letters.press("pgdn pgdn tab y");
    let told = letters.told();
    let [Request::Redrive { output, set, .. }] = told.as_slice() else {
        panic!("{told:?} {}", letters.picture());
    };
    assert_eq!((output, set.len()), (&Some(answer), 0));
}

#[test]
fn a_letter_that_was_not_answered_has_no_such_field() {
    let mut letters = Letters::with(80, 24, vec![letter(1)]);
    letters.press("R");
    assert!(!letters.picture().contains("what it answered"));
    letters.press("tab y");
    let told = letters.told();
    assert!(
        matches!(told.as_slice(), [Request::Redrive { output: None, .. }]),
        "{told:?}"
    );
}

#[test]
fn hostile_answers_stay_in_their_place() {
    for text in texts().iter().step_by(17) {
        let mut stage = stage_of(100, 60);
        stage.press("D tab tab").wait(1_001);
        paste(&mut stage, &json!({ text: text }).to_string());
        check_picture(&stage);
        paste(&mut stage, text);
        check_picture(&stage);
    }
}

#[test]
fn the_field_is_drawn() {
    for (columns, rows) in [(60, 24), (80, 24), (140, 45)] {
        let mut stage = stage_of(columns, rows);
        stage.press("D").wait(1_001);
        stage.press("tab tab");
        paste(&mut stage, "{\"id\": 7}");
        insta::assert_snapshot!(format!("happened_{columns}x{rows}"), stage.picture());
        let mut letters = Letters::with(columns, rows, vec![finishing()]);
        letters.press("R");
        insta::assert_snapshot!(format!("redrive_{columns}x{rows}"), letters.picture());
    }
}
