//! Packets that ask for more budget: three answers, and no verdict.

use countersign::console::message::{Beside, Message, Refusal};
use countersign::console::overlays::Overlay;
use countersign::console::request::{Request, Ticket};
use countersign::domain::{
    BudgetLimit, Digest, IdempotencyKey, Packet, PacketStatus, Question, RunStatus, Tier,
};
use countersign::engine::BudgetAnswer;
use countersign::runtime::{BudgetAnswered, BudgetRequest, Stake, StakeEffect};

use crate::hostile::{check, texts};
use crate::stage::{Stage, closed, order, seal};
use crate::stray_keys::Numbers;

/// A run that may use no more of `limit`, whatever it did.
pub(crate) fn over(n: u128, limit: BudgetLimit) -> Packet {
    let mut packet = order(n, Tier::Elevated, "1.00");
    let (used, allowed, next) = match limit {
        BudgetLimit::Cost => (1_960_000, 2_000_000, 80_000),
        BudgetLimit::Steps => (5, 5, 1),
    };
    let amount = |amount| limit.amount(amount);
    packet.title = format!("More budget? {} of {} used", amount(used), amount(allowed));
    let message = match limit {
        BudgetLimit::Cost => {
            "The budget allows 2.00 USD, and 1.96 USD of it are spent; the next call of `pass` costs 0.08 USD."
        }
        BudgetLimit::Steps => "The budget allows 5 steps; `pass` would be one more.",
    };
    packet.question = Question::Budget {
        limit,
        used,
        allowed,
        next,
        entered: false,
        message: message.to_owned(),
    };
    limit.code().clone_into(&mut packet.flags[0].code);
    message.clone_into(&mut packet.flags[0].message);
    "budget".clone_into(&mut packet.reasons[0].rule);
    message.clone_into(&mut packet.reasons[0].text);
    (packet.effects, packet.evidence, packet.policy) = (Vec::new(), Vec::new(), Vec::new());
    (packet.amount, packet.confidence, packet.agent_note) = (None, None, None);
    packet.step = "pass".into();
    seal(&mut packet);
    packet
}

fn effect(n: u8, undone_by: Option<&str>) -> StakeEffect {
    StakeEffect {
        idempotency_key: IdempotencyKey(Digest::of(&[n])),
        tool: "erp.commit_order".into(),
        operation: format!("PO-{n}"),
        amount: Some(format!("{n}250.00 USD").parse().unwrap()),
        undone_by: undone_by.map(Into::into),
        problem: None,
    }
}

fn stake(done: Vec<StakeEffect>) -> Beside {
    Beside::Stake(Stake {
        spent_micro_usd: 1_920_000,
        reserved_micro_usd: 40_000,
        steps_taken: 5,
        more_micro_usd: 500_000,
        more_steps: 0,
        done,
    })
}

fn some_done() -> Beside {
    let by = Some("erp.cancel_order");
    stake(vec![effect(3, by), effect(2, by), effect(1, None)])
}

fn stage_of(columns: u16, rows: u16, limit: BudgetLimit, beside: Beside) -> Stage {
    let mut stage = Stage::empty(columns, rows);
    stage.beside = beside;
    stage.put(over(1, limit));
    stage.draw();
    stage
}

fn stage(limit: BudgetLimit) -> Stage {
    stage_of(80, 24, limit, some_done())
}

fn answers(stage: &Stage) -> Vec<BudgetRequest> {
    let asked = stage.asked.iter();
    asked
        .filter_map(|request| match request {
            Request::Resolve { answer, .. } => Some(answer.clone()),
            _ => None,
        })
        .collect()
}

fn ticket(stage: &Stage) -> Ticket {
    match stage.asked.last() {
        Some(Request::Resolve { ticket, .. }) => *ticket,
        other => panic!("{other:?}"),
    }
}

/// Opens a dialog and waits until it hears.
fn open<'s>(stage: &'s mut Stage, key: &str) -> &'s mut Stage {
    stage.press(key).wait(1_001);
    stage
}

fn says(stage: &Stage, words: &str) {
    let picture = stage.picture();
    assert!(picture.contains(words), "{words}: {picture}");
}

#[test]
fn raising_shows_the_new_limit_and_needs_an_amount_and_a_reason() {
    let mut stage = stage(BudgetLimit::Cost);
    stage.press("L tab tab tab y");
    says(&stage, "write how much more, in US dollars");
    stage.press("tab").write("1 EUR");
    says(&stage, "new limit");
    says(&stage, "is no cost in US dollars");
    stage.press("tab tab tab y");
    assert!(answers(&stage).is_empty());
    stage.press("tab ctrl-u").write("0.16");
    says(&stage, "2.16 USD, enough for 2 such calls");
    stage.press("tab tab tab y");
    says(&stage, "write a reason");
    stage
        .press("tab tab")
        .write("the month is long")
        .press("tab tab");
    assert!(answers(&stage).is_empty());
    stage.press("y");
    let sent = answers(&stage);
    let packet = over(1, BudgetLimit::Cost);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].answer,
        BudgetAnswer::MoreCost { micro_usd: 160_000 }
    );
    assert_eq!(
        (sent[0].packet, &sent[0].digest, sent[0].reason.as_str()),
        (
            packet.packet,
            &packet.digest.to_string(),
            "the month is long"
        )
    );
}

#[test]
fn too_little_is_said_and_steps_are_whole() {
    let mut stage = stage(BudgetLimit::Cost);
    stage.press("L").write("0.01");
    says(&stage, "too little for what is next");
    let mut stage = self::stage(BudgetLimit::Steps);
    stage.press("L").write("1.5");
    says(&stage, "is no whole number of steps");
    stage.press("ctrl-u").write("3");
    says(&stage, "8 steps, 3 more steps");
    stage.press("tab").write("go on").press("tab tab y");
    assert_eq!(
        answers(&stage)[0].answer,
        BudgetAnswer::MoreSteps { steps: 3 }
    );
}

#[test]
fn stopping_needs_a_reason_and_says_what_stays() {
    let mut stage = stage(BudgetLimit::Cost);
    open(&mut stage, "X");
    says(&stage, "3 effects stay done");
    stage.press("tab tab y");
    says(&stage, "write a reason");
    stage.press("tab").write("enough").press("tab tab y");
    assert_eq!(answers(&stage)[0].answer, BudgetAnswer::Stop);
}

#[test]
fn undoing_lists_what_is_undone_and_what_cannot_and_needs_their_number() {
    let mut stage = stage(BudgetLimit::Cost);
    open(&mut stage, "b");
    says(&stage, "2 of 3 effects are undone, the last first");
    says(&stage, "undone by erp.cancel_order");
    says(&stage, "for PO-1  cannot be undone");
    stage
        .write("over")
        .press("tab")
        .write("3")
        .press("tab tab y");
    says(&stage, "what you typed is not what stands here");
    assert!(answers(&stage).is_empty());
    stage
        .press("shift-tab shift-tab ctrl-u")
        .write("2")
        .press("tab tab y");
    assert_eq!(answers(&stage)[0].answer, BudgetAnswer::Compensate);
}

#[test]
fn what_is_longer_than_the_screen_is_read_to_its_end_first() {
    let many = (1..=40).map(|n| effect(n, Some("erp.cancel_order")));
    let mut stage = stage_of(80, 24, BudgetLimit::Cost, stake(many.collect()));
    open(&mut stage, "b").write("over").press("tab").write("40");
    stage.press("tab tab y");
    says(&stage, "read it to its end first");
    for _ in 0..20 {
        stage.press("pgdn");
    }
    says(&stage, "the end; pgup scrolls back");
    stage.press("y");
    assert_eq!(answers(&stage).len(), 1);
}

#[test]
fn a_window_that_hides_what_is_undone_takes_no_answer() {
    let many = (1..=40).map(|n| effect(n, Some("erp.cancel_order")));
    let mut stage = stage_of(80, 12, BudgetLimit::Cost, stake(many.collect()));
    open(&mut stage, "b").write("over").press("tab").write("40");
    for _ in 0..45 {
        stage.press("pgdn");
    }
    stage.press("tab tab y");
    assert!(answers(&stage).is_empty(), "{}", stage.picture());
    says(&stage, "too small");
}

#[test]
fn what_cannot_be_undone_or_read_opens_no_dialog() {
    let none = stage_of(80, 24, BudgetLimit::Cost, stake(vec![effect(1, None)]));
    let unread = stage_of(
        80,
        24,
        BudgetLimit::Cost,
        Beside::Unread("its row is torn".to_owned()),
    );
    for (mut stage, keys, words) in [
        (none, "b", "nothing that this run did can be undone"),
        (unread, "X", "could not be read: its row is torn"),
    ] {
        stage.press(keys);
        says(&stage, words);
        assert!(stage.model.overlays.is_empty());
    }
}

#[test]
fn the_keys_of_other_packets_say_why_they_do_nothing() {
    for key in ["a", "r", "i", "e", "v", "D", "R"] {
        let mut stage = stage(BudgetLimit::Cost);
        stage.press(key);
        says(&stage, "L raises the limit, X stops the run");
        assert!(stage.model.overlays.is_empty(), "{key}");
    }
    for key in ["L", "X", "b"] {
        let mut stage = Stage::with(80, 24, vec![order(1, Tier::Routine, "1.00")]);
        stage.press(key);
        says(&stage, "a approves, r rejects");
        assert!(stage.model.overlays.is_empty(), "{key}");
    }
}

#[test]
fn it_is_deaf_at_first_and_enter_or_space_never_answer() {
    for (keys, dead_ms) in [("L", 350), ("X", 1_000), ("b", 1_000)] {
        let mut stage = stage(BudgetLimit::Cost);
        stage.wait(2_000);
        stage.press_now(keys);
        stage.draw();
        stage.wait(dead_ms - 1);
        stage.press_now("q");
        stage.draw();
        let typed = |stage: &Stage| {
            let dialog = stage.model.overlays.last().and_then(Overlay::dialog);
            dialog.unwrap().walk().field(0).unwrap().text().to_owned()
        };
        assert_eq!(typed(&stage), "", "{keys}");
        stage.wait(dead_ms - 1);
        stage.press_now("q");
        assert_eq!(typed(&stage), "", "{keys}: it restarts on each");
        stage.wait(dead_ms);
        stage.press_now("q");
        assert_eq!(typed(&stage), "q", "{keys}");
    }
    for key in ["enter", "space"] {
        let mut stage = stage(BudgetLimit::Cost);
        open(&mut stage, "X")
            .write("enough")
            .press("tab tab")
            .press(key);
        assert!(answers(&stage).is_empty(), "{key}");
    }
}

#[test]
fn one_that_changed_or_was_answered_says_so_and_sends_nothing() {
    let mut stage = stage(BudgetLimit::Cost);
    stage.press("L").write("1.00").press("tab").write("go on");
    let mut next = over(1, BudgetLimit::Cost);
    next.version = 2;
    next.state_version += 1;
    seal(&mut next);
    stage.put(next);
    stage.press("tab tab y");
    says(
        &stage,
        "This packet changed while you looked (version 1 is now 2)",
    );
    assert!(answers(&stage).is_empty());
    let mut stage = self::stage(BudgetLimit::Cost);
    stage.press("X");
    stage.put(closed(
        &over(1, BudgetLimit::Cost),
        PacketStatus::Decided,
        "bob",
    ));
    says(&stage, "bob was first: the packet is decided now");
}

#[test]
fn what_came_of_it_is_told_and_nothing_is_armed() {
    let mut stage = stage(BudgetLimit::Cost);
    open(&mut stage, "X").write("enough").press("tab tab y");
    let (ticket, packet) = (ticket(&stage), over(1, BudgetLimit::Cost));
    let outcome = Ok(BudgetAnswered {
        packet: packet.packet,
        answer: BudgetAnswer::Stop,
        by: "jane".to_owned(),
        run: packet.run,
        run_status: RunStatus::Failed,
    });
    stage.tell(Message::Resolved { ticket, outcome });
    says(
        &stage,
        "stopped, what it did stays done; the run is failed now",
    );
    assert!(stage.model.overlays.is_empty());
    stage.press("L");
    says(&stage, "move the cursor first");
}

#[test]
fn a_refusal_is_shown_word_for_word_and_a_full_disk_keeps_what_was_written() {
    for (code, closes) in [("not_permitted", true), ("store", false)] {
        let mut stage = stage(BudgetLimit::Cost);
        open(&mut stage, "X").write("enough").press("tab tab y");
        let ticket = ticket(&stage);
        let outcome = Err(Refusal {
            code: code.to_owned(),
            message: "it was not taken".to_owned(),
        });
        stage.tell(Message::Resolved { ticket, outcome });
        says(&stage, "it was not taken");
        stage.press("y");
        assert_eq!(answers(&stage).len(), if closes { 1 } else { 2 }, "{code}");
    }
}

#[test]
fn bursts_of_keys_never_answer_anything() {
    const KEYS: [&str; 13] = [
        "L", "X", "b", "y", "tab", "enter", "space", "esc", "j", "right", "a", "7", "pgdn",
    ];
    for seed in 0..60 {
        let mut numbers = Numbers(seed);
        let mut stage = stage(BudgetLimit::Cost);
        stage.wait(5_000);
        for _ in 0..40 {
            stage.wait(10 + numbers.below(191));
            let at = usize::try_from(numbers.below(13)).unwrap();
            stage.press_now(KEYS[at]);
            if numbers.below(2) == 0 {
                stage.draw();
            }
        }
        assert!(answers(&stage).is_empty(), "seed {seed}");
    }
}

#[test]
fn hostile_words_stay_in_their_place() {
    for text in texts().iter().step_by(29) {
        let mut packet = over(1, BudgetLimit::Cost);
        if let Question::Budget { message, .. } = &mut packet.question {
            message.clone_from(text);
        }
        packet.title.clone_from(text);
        seal(&mut packet);
        let mut bad = effect(1, Some("erp.cancel_order"));
        bad.operation.clone_from(text);
        bad.problem = Some(text.clone());
        for keys in ["", "b", "X"] {
            let mut stage = Stage::empty(100, 60);
            stage.beside = stake(vec![bad.clone()]);
            stage.put(packet.clone());
            stage.draw();
            stage.press(keys);
            check(&stage);
        }
    }
}

#[test]
fn the_packet_and_its_dialogs_are_drawn() {
    for (columns, rows) in [(60, 20), (80, 24), (140, 45)] {
        for limit in [BudgetLimit::Cost, BudgetLimit::Steps] {
            for (name, keys) in [
                ("queue", ""),
                ("packet", "enter z"),
                ("raise", "L"),
                ("stop", "X"),
                ("undo", "b"),
            ] {
                if limit == BudgetLimit::Steps && name != "packet" && name != "raise" {
                    continue;
                }
                let mut stage = stage_of(columns, rows, limit, some_done());
                stage.press(keys);
                let name = format!("{name}_{limit}_{columns}x{rows}");
                insta::assert_snapshot!(name, stage.picture());
            }
        }
    }
}
