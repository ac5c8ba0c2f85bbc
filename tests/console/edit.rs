//! The edit form: what is typed is checked by the schema, and nothing is staged by accident.

use std::sync::Arc;

use countersign::console::message::{Message, Refusal};
use countersign::console::overlays::edit::row::Check;
use countersign::console::overlays::{EditForm, Overlay};
use countersign::console::request::Request;
use countersign::domain::{Packet, PacketStatus, Tier};
use countersign::runtime::{Amended, Amendment};
use countersign::workflow::{Definition, SourceFile, ToolBox, check, shipped};
use serde_json::{Value, json};

use crate::stage::{Stage, amended, closed, order, packet_id, seal};

/// A definition whose state has a field of every kind.
const EVERY_KIND: &str = "
workflow: purchase-order
intent: {purpose: p, owner: o, done_when: 'true'}
authority: {decide: [finance-reviewer], window: 24h, silence: reject, valid: 24h}
policy:
  - {id: routine, when: 'true', then: allow}
scope: {agent: po-agent, tools: [register.lookup], data: [orders]}
meaning:
  state:
    type: object
    required: [po_id, vendor, amount]
    properties:
      po_id: {type: string, minLength: 1}
      vendor: {type: string, minLength: 1, description: Who is paid.}
      amount: {x-money: USD, exclusiveMinimum: 0, maximum: '50000.00'}
      status: {type: string, enum: [Draft, Pending Approval, Approved, Rejected]}
      urgent: {type: boolean}
      retries: {type: integer, minimum: 0}
      note: {type: string}
      lines: {type: array, items: {type: object, properties: {price: {x-money: USD}}}}
budget: {steps: 10, wall: 1h}
steps:
  read: {tool: register.lookup, args: {name: '${ state.vendor }'}, next: end}
";

pub(crate) fn definition() -> Arc<Definition> {
    let (tools, _) = ToolBox::load(&shipped().tools);
    let file = SourceFile::new("order.yaml", EVERY_KIND);
    let checked = check(&file, &tools);
    checked
        .definition
        .unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// An order whose state fits the definition.
pub(crate) fn editable(n: u128) -> Packet {
    let mut packet = order(n, Tier::Elevated, "7850.00");
    packet.definition = definition().digest;
    let state = json!({
        "po_id": format!("PO-{}", 9_900 + n),
        "vendor": "Alpha Tech Systems",
        "amount": {"minor": 785_000, "currency": "USD"},
        "status": "Pending Approval",
        "urgent": false,
        "retries": 0,
        "note": "as agreed",
        "lines": [{"price": {"minor": 785_000, "currency": "USD"}}],
    });
    packet.state = state.as_object().cloned().unwrap();
    seal(&mut packet);
    packet
}

/// The next version of the packet, as the engine would make it of these values.
pub(crate) fn version_two(packet: &Packet, set: &[(String, Value)]) -> Packet {
    let mut next = amended(packet, "9000.00");
    next.state.extend(set.iter().cloned());
    seal(&mut next);
    next
}

/// A stage with two such orders.
pub(crate) fn stage(columns: u16, rows: u16) -> Stage {
    Stage::with(columns, rows, vec![editable(1), editable(2)])
}

/// Opens the form and gives it the definition it asks for.
pub(crate) fn open(stage: &mut Stage) {
    stage.press("e");
    answer(stage);
}

fn answer(stage: &mut Stage) {
    let Some(Request::ReadDefinition(digest)) = stage.asked.last() else {
        panic!("no definition was asked for: {}", stage.picture());
    };
    let digest = *digest;
    stage.tell(Message::Definition {
        digest,
        found: Ok(definition()),
    });
    stage.draw();
}

pub(crate) fn opened() -> Stage {
    let mut stage = stage(80, 24);
    open(&mut stage);
    stage
}

pub(crate) fn form(stage: &Stage) -> &EditForm {
    match stage.model.overlays.last() {
        Some(Overlay::Edit(form)) => form,
        other => panic!("no form is open, but {other:?}"),
    }
}

/// Goes to a field, takes its text away and writes another.
pub(crate) fn fill(stage: &mut Stage, name: &str, text: &str) {
    go_to(stage, name);
    stage.press("end ctrl-u").write(text);
}

pub(crate) fn go_to(stage: &mut Stage, name: &str) {
    for _ in 0..20 {
        if form(stage).row().is_some_and(|row| row.about.name == name) {
            return;
        }
        stage.press("tab");
    }
    panic!("there is no field {name}: {}", stage.picture());
}

fn wrong(stage: &Stage, name: &str) -> Vec<String> {
    let row = form(stage).rows.iter().find(|row| row.about.name == name);
    match &row.unwrap().check {
        Check::Wrong(problems) => problems.clone(),
        Check::Good | Check::Unchanged => Vec::new(),
    }
}

fn value(stage: &Stage, name: &str) -> Option<Value> {
    let set = form(stage).set();
    let found = set.into_iter().find(|(field, _)| field == name);
    found.map(|(_, value)| value)
}

fn amendments(stage: &Stage) -> Vec<Amendment> {
    let amendments = stage.asked.iter().filter_map(|request| match request {
        Request::Amend { amendment, .. } => Some(amendment.clone()),
        _ => None,
    });
    amendments.collect()
}

fn answer_amend(stage: &mut Stage, outcome: Result<Amended, Refusal>) {
    let Some(Request::Amend { ticket, .. }) = stage.asked.last() else {
        panic!("nothing was sent: {}", stage.picture());
    };
    let ticket = *ticket;
    stage.tell(Message::Amended { ticket, outcome });
}

fn paste(stage: &mut Stage, text: &str) {
    stage.wait(500);
    let at_ms = stage.model.at_ms;
    stage.tell(Message::Pasted {
        text: text.to_owned(),
        at_ms,
    });
    stage.draw();
}

fn shows(stage: &Stage, told: &str) {
    let picture = stage.picture();
    // Long sentences are wrapped.
    let flat: Vec<&str> = picture
        .lines()
        .flat_map(|line| line.trim_matches(['│', ' ']).split_whitespace())
        .collect();
    assert!(flat.join(" ").contains(told), "{told}: {picture}");
}

/// The raw JSON as it stands.
fn raw(stage: &Stage) -> String {
    form(stage).raw.as_ref().unwrap().text()
}

/// Replaces the raw JSON as an editor would.
fn edit_outside(stage: &mut Stage, text: &str) {
    stage.press("f4");
    assert!(matches!(stage.asked.last(), Some(Request::Edit(_))));
    stage.tell(Message::Edited(Ok(Some(text.to_owned()))));
    stage.draw();
}

#[test]
fn typed_money_is_decimal_and_becomes_minor_units() {
    let mut stage = opened();
    shows(&stage, "7850.00 USD");
    assert!(!stage.picture().contains("785000"), "{}", stage.picture());
    for typed in ["9000", "9000.00", "9 000.00", "9000.00 USD"] {
        fill(&mut stage, "amount", typed);
        let expected = json!({"minor": 900_000, "currency": "USD"});
        assert_eq!(value(&stage, "amount"), Some(expected), "{typed}");
    }
    shows(&stage, "- amount 7 850.00 USD");
    shows(&stage, "+ amount 9 000.00 USD");
    fill(&mut stage, "amount", "7850.0");
    assert_eq!((form(&stage).changed(), form(&stage).set().len()), (0, 0));
}

#[test]
fn a_wrong_amount_is_told_beside_it_on_each_key() {
    let mut stage = opened();
    for (typed, told) in [
        (
            "12,5",
            "is not an amount: write digits with at most two decimals",
        ),
        ("0.001", "has more than two decimals"),
        ("-1", "amount must be more than 0.00 USD"),
        ("90000", "amount must be at most 50000.00 USD"),
        ("1 EUR", "is in EUR, but must be in USD"),
    ] {
        fill(&mut stage, "amount", typed);
        assert_eq!(value(&stage, "amount"), None, "{typed}");
        shows(&stage, told);
        shows(&stage, "x wrong");
    }
}

#[test]
fn a_choice_is_turned_or_typed() {
    let mut stage = opened();
    go_to(&mut stage, "status");
    stage.press("right");
    assert_eq!(value(&stage, "status"), Some(json!("Approved")));
    stage.press("left left");
    assert_eq!(value(&stage, "status"), Some(json!("Draft")));
    stage.write("Re");
    assert_eq!(wrong(&stage, "status").len(), 1, "{}", stage.picture());
    stage.press("tab");
    assert_eq!(value(&stage, "status"), Some(json!("Rejected")));
    go_to(&mut stage, "urgent");
    stage.press("right");
    assert_eq!(value(&stage, "urgent"), Some(json!(true)));
    stage.write("maybe").press("tab");
    shows(&stage, "urgent must be true or false");
}

#[test]
fn a_required_field_cannot_be_emptied() {
    let mut stage = opened();
    fill(&mut stage, "vendor", "");
    shows(&stage, "vendor is empty");
    fill(&mut stage, "amount", "");
    shows(&stage, "amount is empty");
    fill(&mut stage, "retries", "");
    shows(&stage, "retries cannot be removed: set another value");
    stage.press("ctrl-s");
    let row = form(&stage).row().unwrap();
    assert_eq!(
        row.about.name, "amount",
        "the cursor stands on the first wrong field"
    );
    assert!(amendments(&stage).is_empty() && form(&stage).reason.is_none());
}

#[test]
fn undo_takes_the_field_back_step_by_step() {
    let mut stage = opened();
    fill(&mut stage, "vendor", "Beta");
    stage.press("backspace ctrl-z");
    assert_eq!(value(&stage, "vendor"), Some(json!("Beta")));
    stage.press("ctrl-z ctrl-z");
    assert_eq!(form(&stage).changed(), 0, "{}", stage.picture());
    stage.press("ctrl-z");
    shows(&stage, "nothing to undo in this field");
}

#[test]
fn lists_are_edited_as_json_alone() {
    let mut stage = opened();
    go_to(&mut stage, "lines");
    stage.press("x");
    shows(&stage, "lists and objects are edited as JSON");
    stage.press("f2");
    assert!(
        raw(&stage).contains("\"price\": \"7850.00 USD\""),
        "{}",
        raw(&stage)
    );
    let text = raw(&stage).replace("\"price\": \"7850.00 USD\"", "\"price\": \"1.00 USD\"");
    edit_outside(&mut stage, &text);
    let expected = json!([{"price": {"minor": 100, "currency": "USD"}}]);
    assert_eq!(value(&stage, "lines"), Some(expected));
    assert_eq!(form(&stage).changed(), 1);
}

#[test]
fn raw_json_comes_back_as_it_was_with_every_hidden_character() {
    let mut packet = editable(1);
    let note = "a\u{202e}b\n\u{e0041}\"\\";
    packet.state.insert("note".to_owned(), json!(note));
    seal(&mut packet);
    let mut stage = Stage::with(80, 24, vec![packet]);
    open(&mut stage);
    shows(&stage, "a<U+202E>b");
    stage.press("f2");
    let text = raw(&stage);
    assert!(text.contains(r#""a\u202eb\n\udb40\udc41\"\\""#), "{text}");
    stage.press("f2");
    assert_eq!(form(&stage).changed(), 0, "{}", stage.picture());
    go_to(&mut stage, "note");
    shows(&stage, "it holds characters that do not show");
    stage.press("end").write("c");
    assert_eq!(value(&stage, "note"), Some(json!(format!("{note}c"))));
    stage.write("\"");
    assert!(!wrong(&stage, "note").is_empty());
}

#[test]
fn json_that_cannot_be_taken_keeps_the_person_there() {
    let mut stage = opened();
    stage.press("f2");
    let good = raw(&stage);
    for (text, told) in [
        (good.replace("false", "nonsense"), "line"),
        (
            good.replace("\"urgent\"", "\"urgently\""),
            "the state has no field `urgently`",
        ),
        (
            good.replace("\"urgent\": false,", ""),
            "`urgent` is missing",
        ),
        (
            good.replace("\"urgent\": false", "\"po_id\": \"\""),
            "stands in it twice",
        ),
        ("[]".to_owned(), "the state is an object"),
    ] {
        assert_ne!(text, good, "{told}");
        edit_outside(&mut stage, &text);
        shows(&stage, told);
        stage.press("f2 ctrl-s");
        assert!(form(&stage).raw.is_some(), "{}", stage.picture());
    }
    edit_outside(&mut stage, &good);
    assert!(form(&stage).raw.is_none() && form(&stage).changed() == 0);
    edit_outside(&mut stage, &good.replace("7850.00", "x"));
    assert!(form(&stage).raw.is_none());
    shows(&stage, "amount is no amount");
    assert!(amendments(&stage).is_empty());
}

#[test]
fn raw_json_is_typed_with_a_place_for_each_mistake() {
    let mut stage = opened();
    stage.press("f2 down end").write(",");
    shows(&stage, "line 2, column");
    stage.press("ctrl-z f2");
    assert!(form(&stage).raw.is_none() && form(&stage).changed() == 0);
}

#[test]
fn an_editor_that_is_missing_or_changes_nothing_is_told() {
    let mut stage = opened();
    stage.press("f4");
    let Some(Request::Edit(text)) = stage.asked.last() else {
        panic!("no editor was asked for");
    };
    assert!(text.contains("\"amount\": \"7850.00 USD\""), "{text}");
    stage.tell(Message::Edited(Ok(None)));
    shows(&stage, "the editor changed nothing");
    stage.tell(Message::Edited(Err(Refusal {
        code: "editor".to_owned(),
        message: "no editor is set: set EDITOR, as in EDITOR=vi".to_owned(),
    })));
    shows(&stage, "no editor is set");
}

#[test]
fn staging_takes_a_change_a_reason_and_two_presses() {
    let mut stage = opened();
    stage.press("ctrl-s");
    shows(&stage, "nothing is changed");
    fill(&mut stage, "amount", "9000");
    stage.press("ctrl-s");
    shows(&stage, "write why, then ctrl-s once more");
    stage.press("ctrl-s enter space ctrl-s");
    assert!(amendments(&stage).is_empty(), "there is no reason yet");
    go_to_reason(&mut stage);
    stage.write("quantity was wrong").press("enter");
    assert!(amendments(&stage).is_empty(), "enter stages nothing");
    stage.press("shift-tab ctrl-s");
    let sent = amendments(&stage);
    assert_eq!(sent.len(), 1, "{}", stage.picture());
    assert_eq!(sent[0].packet, packet_id(1));
    assert_eq!(sent[0].digest, editable(1).digest.to_string());
    let amount = json!({"minor": 900_000, "currency": "USD"});
    assert_eq!(sent[0].set, [("amount".to_owned(), amount)]);
    assert_eq!(sent[0].reason, "quantity was wrong");
    stage.press("ctrl-s x ctrl-s");
    assert_eq!(amendments(&stage).len(), 1, "it is sent once");
}

fn go_to_reason(stage: &mut Stage) {
    for _ in 0..20 {
        if form(stage).on_reason() {
            return;
        }
        stage.press("tab");
    }
    panic!("no reason is asked for");
}

/// Changes the amount and stages it.
fn staged() -> Stage {
    let mut stage = opened();
    fill(&mut stage, "amount", "9000");
    stage
        .press("ctrl-s")
        .write("quantity was wrong")
        .press("ctrl-s");
    assert_eq!(amendments(&stage).len(), 1, "{}", stage.picture());
    stage
}

#[test]
fn staging_is_not_heard_at_first() {
    let mut stage = opened();
    fill(&mut stage, "amount", "9000");
    stage.press("esc");
    stage.press_now("e");
    stage.draw();
    stage.wait(349);
    stage.press_now("ctrl-s");
    assert!(form(&stage).reason.is_none());
    stage.wait(350);
    stage.press_now("ctrl-s");
    assert!(form(&stage).reason.is_some());
}

#[test]
fn the_new_version_is_shown_with_its_changes_before_anything_is_decided() {
    let mut stage = staged();
    let set = amendments(&stage)[0].set.clone();
    let next = version_two(&editable(1), &set);
    let outcome = Amended {
        packet: next.packet,
        version: next.version,
        digest: next.digest,
    };
    // The store tells it before the answer comes.
    stage.put(next.clone());
    answer_amend(&mut stage, Ok(outcome));
    assert!(stage.model.overlays.is_empty());
    shows(&stage, "version 2, digest");
    stage.wait(1_001);
    stage.press_now("a");
    assert!(stage.model.overlays.is_empty(), "it was not drawn yet");
    stage.draw();
    for told in [
        "CHANGED version 1 is now 2",
        "- state.amount 7 850.00 USD",
        "+ state.amount 9 000.00 USD",
    ] {
        shows(&stage, told);
    }
    stage.press("a");
    let Some(Overlay::Verdict(dialog)) = stage.model.overlays.last() else {
        panic!("{}", stage.picture());
    };
    assert_eq!(dialog.bound.digest, next.digest);
    assert!(stage.model.drafts.is_empty());
}

#[test]
fn the_numbers_of_the_sections_stay_when_changes_stand_before_them() {
    let mut stage = stage(80, 24);
    stage.put(version_two(&editable(1), &[]));
    stage.press("tab 2");
    let picture = stage.picture();
    let top = picture
        .lines()
        .position(|line| line.contains("read "))
        .unwrap();
    let under = picture.lines().nth(top + 1).unwrap();
    assert!(under.contains("2 EFFECT"), "{picture}");
}

#[test]
fn a_refused_edit_stays_in_the_form() {
    let mut stage = staged();
    let message = "the policy rule `limit` denies the edited effect: too much";
    let refusal = Refusal {
        code: "denied_by_policy".to_owned(),
        message: message.to_owned(),
    };
    answer_amend(&mut stage, Err(refusal));
    shows(&stage, message);
    fill(&mut stage, "amount", "8000");
    stage.press("ctrl-s ctrl-s");
    assert_eq!(amendments(&stage).len(), 2, "{}", stage.picture());
}

#[test]
fn a_stale_edit_can_only_be_left_and_stays_readable() {
    let mut stage = staged();
    let refusal = Refusal {
        code: "stale_digest".to_owned(),
        message: "that is not the digest of the packet as it stands".to_owned(),
    };
    answer_amend(&mut stage, Err(refusal));
    shows(&stage, "that is not the digest");
    shows(&stage, "9000");
    stage.press("x ctrl-s f2 f4 ctrl-s");
    assert_eq!(amendments(&stage).len(), 1);
    assert!(!matches!(stage.asked.last(), Some(Request::Edit(_))));
    stage.press("esc");
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn a_packet_that_changes_under_the_form_ends_it() {
    let mut stage = opened();
    fill(&mut stage, "vendor", "Beta Works");
    stage.put(amended(&editable(1), "9000.00"));
    stage.draw();
    shows(
        &stage,
        "This packet changed while you edited (version 1 is now 2)",
    );
    shows(&stage, "Beta Works");
    stage.press("ctrl-s ctrl-s");
    assert!(amendments(&stage).is_empty());

    let mut stage = opened();
    stage.put(closed(&editable(1), PacketStatus::Rejected, "rv2"));
    stage.draw();
    shows(&stage, "rv2 was first: the packet is rejected now");
}

#[test]
fn a_draft_is_kept_until_the_packet_changes() {
    let mut stage = opened();
    fill(&mut stage, "amount", "12,5");
    stage.press("esc");
    shows(&stage, "your draft is kept");
    stage.press("j k e");
    shows(&stage, "this is your draft");
    assert_eq!(wrong(&stage, "amount").len(), 1);
    stage.press("esc");
    stage.put(amended(&editable(1), "9000.00"));
    stage.draw();
    stage.press("e");
    shows(
        &stage,
        "your draft is gone: it was for version 1, and this is version 2",
    );
    answer(&mut stage);
    shows(&stage, "your draft is gone");
    assert_eq!(form(&stage).changed(), 0);
    stage.press("esc");
    assert!(
        stage.model.drafts.is_empty(),
        "nothing was changed: nothing is kept"
    );
}

#[test]
fn only_what_is_open_and_on_the_screen_can_be_edited() {
    let mut stage = stage(80, 24);
    stage.put(amended(&editable(1), "9000.00"));
    stage.wait(1_000);
    stage.press_now("e");
    assert!(stage.model.overlays.is_empty());
    stage.put(closed(&editable(1), PacketStatus::Approved, "rv2"));
    stage.draw();
    stage.press("e");
    assert!(stage.model.overlays.is_empty());
    shows(&stage, "nothing is left to decide");
}

#[test]
fn a_definition_that_cannot_be_read_is_told() {
    let mut stage = stage(80, 24);
    stage.press("e");
    shows(&stage, "reading the schema");
    stage.press("x ctrl-s");
    stage.tell(Message::Definition {
        digest: definition().digest,
        found: Err(Refusal {
            code: "runtime".to_owned(),
            message: "the store does not hold it".to_owned(),
        }),
    });
    stage.draw();
    shows(&stage, "the store does not hold it");
    stage.press("esc");
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn pasted_text_is_typing_and_nothing_more() {
    let mut stage = opened();
    go_to(&mut stage, "vendor");
    stage.press("end ctrl-u");
    paste(&mut stage, "Beta\u{202e}Works\n");
    assert_eq!(value(&stage, "vendor"), Some(json!("Beta\u{202e}Works\n")));
    shows(&stage, "Beta\\u202eWorks\\n");
    paste(&mut stage, &"x".repeat(5_000));
    shows(&stage, "what was pasted is cut");
    go_to(&mut stage, "amount");
    stage.press("end ctrl-u");
    paste(&mut stage, "  9000.00\n");
    assert_eq!(
        value(&stage, "amount"),
        Some(json!({"minor": 900_000, "currency": "USD"}))
    );
    assert!(amendments(&stage).is_empty());
}

#[test]
fn keys_as_fast_as_a_paste_are_typed_into_a_form_but_open_none() {
    let mut stage = opened();
    go_to(&mut stage, "note");
    stage.press("end ctrl-u");
    for key in ["q", "u", "i", "c", "k", "space", "a", "y"] {
        stage.press_now(key);
    }
    assert_eq!(value(&stage, "note"), Some(json!("quick ay")));

    let mut stage = self::stage(80, 24);
    stage.wait(1_000);
    for key in ["e", "d", "i", "t", "space", "i", "t"] {
        stage.press_now(key);
    }
    assert!(stage.model.overlays.is_empty(), "{}", stage.picture());
}

#[test]
fn every_size_is_drawn() {
    for columns in [40, 59, 60, 80, 109, 110, 200] {
        for rows in [12, 13, 19, 20, 60] {
            let mut stage = stage(columns, rows);
            if columns < 60 {
                stage.press("enter");
            }
            open(&mut stage);
            stage.press("tab tab tab x f2 x");
            let picture = stage.press("ctrl-z f2").picture();
            assert!(picture.contains("EDIT"), "{columns}x{rows}: {picture}");
        }
    }
}

#[test]
fn leaving_with_a_draft_asks_first() {
    let quits = |stage: &Stage| {
        let asked = stage.asked.iter();
        asked
            .filter(|request| matches!(request, Request::Quit))
            .count()
    };
    let mut stage = opened();
    fill(&mut stage, "amount", "12.50");
    stage.press("esc q");
    shows(&stage, "Edits that were not staged are lost");
    stage.press("q");
    assert_eq!(quits(&stage), 0);
    stage.press("q y");
    assert_eq!(quits(&stage), 1);
}
