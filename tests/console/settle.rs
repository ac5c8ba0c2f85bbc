//! Packets that ask whether an effect happened: three verbs, and no verdict.

use countersign::console::message::{Beside, Message, Refusal};
use countersign::console::request::Request;
use countersign::domain::{EffectState, Packet, PacketStatus, Question, RunStatus, Tier};
use countersign::engine::Settled;
use countersign::runtime::{EffectMoved, Settlement};
use countersign::views::{Came, Try, TryKind};
use serde_json::{Value, json};

use crate::hostile::{check, texts};
use crate::stage::{NOW, Stage, closed, order, seal};
use crate::stray_keys::Numbers;

pub(crate) fn in_question(n: u128, verifiable: bool) -> Packet {
    let mut packet = order(n, Tier::Critical, "7850.00");
    packet.title = format!("Did it happen? erp.commit_order PO-{}", 9_900 + n);
    packet.question = Question::Outcome {
        attempts: 4,
        message: "the connection was lost after the request was sent".to_owned(),
        verifiable,
    };
    seal(&mut packet);
    packet
}

fn stage(verifiable: bool) -> Stage {
    Stage::with(80, 24, vec![in_question(1, verifiable)])
}

pub(crate) fn said(stage: &Stage) -> Vec<Settlement> {
    let asked = stage.asked.iter();
    asked
        .filter_map(|request| match request {
            Request::Settle { settlement, .. } => Some(settlement.clone()),
            _ => None,
        })
        .collect()
}

fn says(stage: &Stage, words: &str) {
    let picture = stage.picture();
    assert!(picture.contains(words), "{words}: {picture}");
}

#[test]
fn what_happened_needs_words_and_the_amount() {
    for (key, settled) in [("D", Settled::Happened), ("R", Settled::NotHappened)] {
        let mut stage = stage(true);
        stage.press(key).press("tab tab tab y");
        says(&stage, "write how you know");
        stage
            .press("tab")
            .write("seen in the ERP")
            .press("tab tab y");
        says(&stage, "what you typed is not what the packet says");
        assert!(said(&stage).is_empty());
        stage.press("shift-tab").write("7850.00").press("tab y");
        let told = said(&stage);
        assert_eq!(told.len(), 1, "{key}");
        assert_eq!(
            (told[0].settled, told[0].reason.as_deref(), told[0].key),
            (
                settled,
                Some("seen in the ERP"),
                in_question(1, true).effects[0].key
            )
        );
    }
}

#[test]
fn asking_again_needs_its_y_alone() {
    let mut stage = stage(true);
    stage.press("v enter");
    assert!(said(&stage).is_empty() && stage.model.overlays.is_empty());
    stage.press("v tab y");
    assert_eq!(said(&stage)[0].settled, Settled::AskAgain);
    let Some(Request::Settle { ticket, .. }) = stage.asked.last() else {
        panic!("{:?}", stage.asked);
    };
    let outcome = Ok(EffectMoved {
        idempotency_key: in_question(1, true).effects[0].key,
        run: in_question(1, true).run,
        tool: "erp.commit_order".into(),
        state: EffectState::Unknown,
        run_status: RunStatus::Running,
    });
    let ticket = *ticket;
    stage.tell(Message::EffectMoved { ticket, outcome });
    says(&stage, "it is being asked about; the run is running now");
    stage.press("v");
    says(&stage, "move the cursor first");
}

#[test]
fn what_cannot_be_asked_says_so() {
    let mut stage = stage(false);
    stage.press("v");
    says(&stage, "the target cannot be asked and keeps no key");
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn no_verdict_opens_on_it_and_no_outcome_on_another() {
    for key in ["a", "r", "i", "e"] {
        let mut stage = stage(true);
        stage.press(key);
        says(&stage, "v asks again, D it happened, R it did not");
    }
    let mut stage = Stage::with(80, 24, vec![order(1, Tier::Routine, "1.00")]);
    stage.press("D");
    says(&stage, "this packet asks whether it may be done");
    assert!(stage.model.overlays.is_empty());
}

#[test]
fn a_refusal_is_shown_word_for_word_and_who_was_first_is_named() {
    let mut stage = stage(true);
    stage.press("v tab y");
    let Some(Request::Settle { ticket, .. }) = stage.asked.last() else {
        panic!("{:?}", stage.asked);
    };
    let ticket = *ticket;
    stage.tell(Message::EffectMoved {
        ticket,
        outcome: Err(Refusal {
            code: "not_permitted".to_owned(),
            message: "this is not yours to say".to_owned(),
        }),
    });
    says(&stage, "this is not yours to say");
    let mut stage = self::stage(true);
    stage.press("D");
    stage.put(closed(&in_question(1, true), PacketStatus::Decided, "bob"));
    says(&stage, "by bob");
    assert!(said(&stage).is_empty());
}

pub(crate) fn tried(kind: TryKind, minutes: i64, came: Option<Came>) -> Try {
    let at = NOW.plus_ms(-60_000 * minutes);
    let asked = kind == TryKind::Asked;
    let tool = if asked {
        "erp.find_order"
    } else {
        "erp.commit_order"
    };
    let failed = matches!(came, Some(Came::NoAnswer | Came::Unknown));
    Try {
        at,
        kind,
        attempt: 1,
        tool: tool.into(),
        came,
        came_at: came.map(|_| at),
        answer: (asked && !failed && came.is_some()).then(|| answer(came != Some(Came::NotFound))),
        message: failed.then(|| "the connection was lost".to_owned()),
        by: (kind == TryKind::Said).then(|| "jane".to_owned()),
    }
}

fn answer(found: bool) -> Value {
    let order = found.then(|| json!({"order_id": "ord_1"}));
    json!({"found": found, "order": order})
}

/// One of each, over two days.
fn all_tries() -> Vec<Try> {
    vec![
        tried(TryKind::Asked, 1, None),
        tried(TryKind::Said, 2, Some(Came::AskAgain)),
        tried(TryKind::Asked, 10, Some(Came::Found)),
        tried(TryKind::Asked, 20, Some(Came::NotFound)),
        tried(TryKind::Asked, 30, Some(Came::SettlesNothing)),
        tried(TryKind::Asked, 40, Some(Came::NoAnswer)),
        tried(TryKind::Sent, 50, Some(Came::Unknown)),
        tried(TryKind::Sent, 1_500, Some(Came::AskedFirst)),
    ]
}

fn tried_stage(columns: u16, rows: u16, tries: Vec<Try>) -> Stage {
    let mut stage = Stage::empty(columns, rows);
    stage.beside = Beside::Outcome {
        tries,
        answer: None,
    };
    stage.put(in_question(1, true));
    stage.draw();
    stage
}

#[test]
fn every_question_and_its_answer_are_told_newest_first_with_the_key() {
    let mut stage = tried_stage(140, 45, all_tries());
    let key = in_question(1, true).effects[0].key.to_string();
    says(&stage, &key[..40]);
    for words in [
        "13:59:00  asked erp.find_order, no answer yet",
        "asked again by jane",
        "13:50:00  asked erp.find_order: found",
        "\"order_id\": \"ord_1\"",
        "asked erp.find_order: not found",
        "asking erp.find_order failed: the connection was lost",
        "sent with erp.commit_order, attempt 1, outcome unknown",
        "2026-11-20",
    ] {
        stage.press("enter");
        says(&stage, words);
    }
    let picture = stage.picture();
    let at = |words: &str| picture.find(words).unwrap();
    assert!(at("no answer yet") < at("asked again by jane"));
    assert!(at("asked again by jane") < at("outcome unknown"));
    stage.press("D");
    says(
        &stage,
        "last     13:59:00  asked erp.find_order, no answer yet",
    );
}

#[test]
fn tries_that_could_not_be_read_are_no_silence() {
    let mut stage = Stage::empty(140, 45);
    stage.beside = Beside::Unread("event 7 is torn".to_owned());
    stage.put(in_question(1, true));
    stage.draw();
    says(&stage, "what the run did: event 7 is torn");
}

#[test]
fn what_a_target_said_stays_in_its_place() {
    for text in texts().iter().step_by(17) {
        let mut found = tried(TryKind::Asked, 1, Some(Came::Found));
        found.answer = Some(json!({ text: [text] }));
        found.message = Some(text.clone());
        found.tool = text.as_str().into();
        let mut said = tried(TryKind::Said, 1, Some(Came::Happened));
        (said.by, said.message) = (Some(text.clone()), Some(text.clone()));
        for keys in ["", "D"] {
            let mut stage = tried_stage(100, 60, vec![found.clone(), said.clone()]);
            stage.press(keys);
            check(&stage);
        }
    }
}

#[test]
fn the_tries_are_drawn() {
    for (columns, rows) in [(60, 20), (80, 24), (140, 45)] {
        let mut stage = tried_stage(columns, rows, all_tries());
        stage.press("enter z");
        insta::assert_snapshot!(format!("tries_{columns}x{rows}"), stage.picture());
        let mut stage = tried_stage(columns, rows, all_tries());
        stage.press("R");
        insta::assert_snapshot!(format!("asked_last_{columns}x{rows}"), stage.picture());
    }
}

#[test]
fn bursts_of_keys_never_settle_anything() {
    const KEYS: [&str; 12] = [
        "v", "D", "R", "y", "tab", "enter", "space", "esc", "j", "right", "a", "7",
    ];
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let mut stage = stage(true);
        stage.wait(5_000);
        for _ in 0..40 {
            stage.wait(10 + numbers.below(191));
            let at = usize::try_from(numbers.below(12)).unwrap();
            stage.press_now(KEYS[at]);
            if numbers.below(2) == 0 {
                stage.draw();
            }
        }
        assert!(said(&stage).is_empty(), "seed {seed}");
    }
}

#[test]
fn what_each_verb_does_is_drawn() {
    for (columns, rows) in [(80, 24), (140, 45)] {
        for (name, keys) in [("ask", "v"), ("happened", "D"), ("not_happened", "R")] {
            let mut stage = Stage::with(columns, rows, vec![in_question(1, true)]);
            stage.press(keys);
            insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), stage.picture());
        }
    }
}
