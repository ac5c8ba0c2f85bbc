//! Packets that ask whether an effect happened: three verbs, and no verdict.

use countersign::console::message::{Message, Refusal};
use countersign::console::request::Request;
use countersign::domain::{EffectState, Packet, PacketStatus, Question, RunStatus, Tier};
use countersign::engine::Settled;
use countersign::runtime::{EffectMoved, Settlement};

use crate::stage::{Stage, closed, order, seal};
use crate::stray_keys::Numbers;

fn in_question(n: u128, verifiable: bool) -> Packet {
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

fn said(stage: &Stage) -> Vec<Settlement> {
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
