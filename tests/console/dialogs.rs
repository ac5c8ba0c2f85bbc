//! What every dialog that decides has: a `y` that stands alone, a picture that shows all of it, and
//! fields that no paste writes into.

use countersign::console::key::{Code, Key};
use countersign::console::message::{Message, Refusal};
use countersign::console::model::Screen;
use countersign::console::overlays::Overlay;
use countersign::console::overlays::walk::ALONE_MS;
use countersign::console::request::Request;
use countersign::domain::{RunStatus, Tier, Verdict};

use crate::run_stage::{Runs, run};
use crate::stage::{Stage, order, packet_id};

fn paused() -> Runs {
    let mut runs = Runs::with(80, 24, vec![run(1, RunStatus::Waiting)]);
    runs.press("p").write("why").press("tab").stage.wait(2_000);
    runs
}

fn packets(tier: Tier) -> Vec<countersign::domain::Packet> {
    (1..=3).map(|n| order(n, tier, "7850.00")).collect()
}

/// A text as it comes from a terminal that does not mark pastes.
fn burst(stage: &mut Stage, text: &str) {
    for c in text.chars() {
        stage.press_now(&match c {
            '\n' => "enter".to_owned(),
            '\t' => "tab".to_owned(),
            ' ' => "space".to_owned(),
            other => other.to_string(),
        });
    }
}

fn field(stage: &Stage) -> String {
    let dialog = stage.model.overlays.last().and_then(Overlay::dialog);
    dialog.unwrap().walk().field(0).unwrap().text().to_owned()
}

#[test]
fn a_y_on_a_run_counts_once_it_stood_alone() {
    let mut runs = paused();
    runs.stage.press_now("y");
    runs.stage.wait(ALONE_MS - 1);
    assert!(runs.controls().is_empty());
    runs.stage.wait(1);
    assert_eq!(runs.controls().len(), 1);
}

#[test]
fn a_y_with_anything_right_behind_or_before_it_is_no_answer() {
    for text in ["yes", "y\n", "yy", "y "] {
        let mut runs = paused();
        burst(&mut runs.stage, text);
        runs.stage.wait(1_000);
        assert!(runs.controls().is_empty(), "{text:?}");
        runs.press("y");
        assert_eq!(runs.controls().len(), 1, "{text:?}");
    }
    for tier in [Tier::Routine, Tier::Elevated] {
        let mut stage = Stage::with(80, 24, packets(tier));
        stage.press("a").wait(2_000);
        burst(&mut stage, "ok\ty");
        stage.wait(1_000);
        assert!(stage.verdicts().is_empty(), "{tier}");
    }
}

#[test]
fn a_window_that_hides_what_is_done_to_a_run_takes_no_answer() {
    let mut runs = Runs::with(80, 9, vec![run(1, RunStatus::Waiting)]);
    runs.press("p").write("why").press("tab y");
    assert!(runs.controls().is_empty(), "{}", runs.picture());
    runs.says("too small");
}

#[test]
fn a_burst_leaves_a_reason_as_it_was_before_it_and_is_told_of() {
    for text in ["checked by phone", "a\nb\nc\nd\n", "a\ty\nyyyyyy"] {
        let mut stage = Stage::with(80, 24, packets(Tier::Elevated));
        stage.press("a").wait(2_000);
        stage.write("so far").wait(500);
        burst(&mut stage, text);
        assert_eq!(field(&stage), "so far", "{text:?}");
        assert!(
            stage.picture().contains("typed by hand"),
            "{}",
            stage.picture()
        );
        stage.wait(1_000);
        assert!(stage.verdicts().is_empty());
        stage.write(" and on");
        assert_eq!(field(&stage), "so far and on");
    }
    let mut runs = Runs::with(80, 24, vec![run(1, RunStatus::Waiting)]);
    runs.press("p").write("so far").stage.wait(500);
    burst(&mut runs.stage, "because of this");
    assert_eq!(field(&runs.stage), "so far");
    runs.says("typed by hand");
}

#[test]
fn a_fast_hand_loses_no_letter() {
    let mut stage = Stage::with(80, 24, packets(Tier::Elevated));
    stage.press("a").wait(2_000);
    for pair in ["th", "e ", "ve", "nd", "or"] {
        burst(&mut stage, pair);
        stage.wait(20);
    }
    assert_eq!(field(&stage), "the vendor");
}

#[test]
fn a_paste_that_is_marked_takes_nothing_back() {
    let mut stage = Stage::with(80, 24, packets(Tier::Elevated));
    stage.press("a").wait(2_000);
    stage.write("typed");
    let at_ms = stage.model.at_ms;
    let text = "pasted".to_owned();
    stage.tell(Message::Pasted { text, at_ms });
    assert_eq!(field(&stage), "typed");
}

#[test]
fn staging_is_deaf_from_its_picture_on() {
    let mut stage = crate::edit::opened();
    crate::edit::fill(&mut stage, "amount", "9000");
    stage.press("esc");
    stage.press_now("e");
    for _ in 0..3 {
        stage.wait(5_000);
        stage.press_now("ctrl-s");
        assert!(crate::edit::form(&stage).reason.is_none());
    }
    stage.draw();
    stage.wait(349);
    stage.press_now("ctrl-s");
    stage.wait(349);
    stage.press_now("ctrl-s");
    assert!(crate::edit::form(&stage).reason.is_none(), "it began anew");
    stage.wait(350);
    stage.press_now("ctrl-s");
    assert!(crate::edit::form(&stage).reason.is_some());
}

#[test]
fn ending_with_a_draft_takes_the_same_walk() {
    let mut stage = crate::edit::opened();
    crate::edit::fill(&mut stage, "amount", "9000");
    stage.press("esc");
    let quits = |stage: &Stage| {
        let asked = stage.asked.iter();
        asked.filter(|asked| matches!(asked, Request::Quit)).count()
    };
    stage.press_now("q");
    stage.draw();
    stage.press_now("y");
    stage.wait(2_000);
    assert_eq!(quits(&stage), 0, "it came too early");
    burst(&mut stage, "yes");
    stage.wait(2_000);
    assert_eq!(quits(&stage), 0, "it did not stand alone");
    stage.press("enter");
    assert!(stage.model.overlays.is_empty());
    stage.press("q y");
    assert_eq!(quits(&stage), 1);
}

#[test]
fn an_enter_that_came_with_pasted_text_runs_nothing() {
    let mut stage = Stage::with(80, 24, packets(Tier::Routine));
    stage.press(":");
    burst(&mut stage, "approve\n");
    assert_eq!(stage.model.overlays.len(), 1, "{}", stage.picture());
    assert!(stage.picture().contains("press it once more"));
    stage.press("enter");
    let Some(Overlay::Verdict(dialog)) = stage.model.overlays.last() else {
        panic!("{}", stage.picture());
    };
    assert_eq!(dialog.verdict, Verdict::Approve);
}

#[test]
fn esc_in_the_filter_puts_list_and_cursor_back() {
    let packets = (1..=30).map(|n| order(n, Tier::Routine, "1.00")).collect();
    let mut stage = Stage::with(80, 24, packets);
    stage.press("/").write("99").press("enter");
    for _ in 0..20 {
        stage.press("j");
    }
    stage.press("k k");
    let top = stage.model.queue.list.top;
    assert!(top > 0);
    stage.press("/").write("03");
    assert_ne!(stage.selected(), Some(packet_id(19)));
    stage.press("esc");
    assert_eq!(stage.selected(), Some(packet_id(19)));
    assert_eq!(stage.model.queue.list.top, top);
    assert_eq!(stage.model.queue.filter.text(), "99");
    assert_eq!(stage.model.packet.wanted, Some(packet_id(19)));
}

#[test]
fn esc_in_the_filter_of_runs_puts_list_and_cursor_back() {
    let reads = (1..=30).map(|n| run(n, RunStatus::Waiting)).collect();
    let mut runs = Runs::with(80, 24, reads);
    for _ in 0..20 {
        runs.press("j");
    }
    runs.press("k");
    let list = &runs.stage.model.runs.list;
    let (selected, top) = (list.selected, list.top);
    assert!(top > 0 && runs.stage.model.screen == Screen::Runs);
    runs.press("/").write("9930");
    assert_ne!(runs.stage.model.runs.list.selected, selected);
    runs.press("esc");
    let list = &runs.stage.model.runs.list;
    assert_eq!((list.selected, list.top), (selected, top));
    assert_eq!(runs.stage.model.runs.wanted, selected);
}

#[test]
fn a_sentence_typed_over_the_buttons_is_no_answer() {
    for text in ["okay then", "yes of course", "you can go now", "by the way"] {
        for gap in [60, 120, 200, 280] {
            let packets = vec![order(1, Tier::Routine, "10.00")];
            let mut stage = Stage::with(80, 24, packets);
            stage.press("a");
            stage.wait(800);
            for c in text.chars() {
                stage.wait(gap);
                let name = if c == ' ' {
                    "space".to_owned()
                } else {
                    c.to_string()
                };
                stage.press_now(&name);
                stage.draw();
            }
            stage.wait(1_000);
            assert!(stage.verdicts().is_empty(), "{text} every {gap} ms");
        }
    }
}

#[test]
fn what_is_no_key_takes_an_answer_back() {
    let mut stage = Stage::with(80, 24, vec![order(1, Tier::Routine, "10.00")]);
    stage.press("a");
    stage.wait(800);
    stage.press_now("y");
    stage.wait(5);
    let at_ms = stage.at_ms();
    let key = Key::plain(Code::Other);
    stage.tell(Message::Key { key, at_ms });
    stage.wait(340);
    stage.press_now("y");
    stage.wait(1_000);
    assert!(stage.verdicts().is_empty(), "{}", stage.picture());
    stage.press("y");
    assert_eq!(stage.verdicts().len(), 1);
}

#[test]
fn a_busy_store_leaves_the_reason_where_it_was_written() {
    let mut stage = Stage::with(80, 24, vec![order(1, Tier::Elevated, "10.00")]);
    stage.press("a");
    stage.wait(800);
    stage.write("checked by phone").press("tab y");
    let ticket = stage.asked.iter().find_map(|request| match request {
        Request::Decide { ticket, .. } => Some(*ticket),
        _ => None,
    });
    let ticket = ticket.unwrap();
    stage.tell(Message::Decided {
        ticket,
        outcome: Err(Refusal {
            code: "store".to_owned(),
            message: "The store is busy: try again.".to_owned(),
        }),
    });
    stage.draw();
    let picture = stage.picture();
    assert!(
        picture.contains("checked by phone") && picture.contains("busy"),
        "{picture}"
    );
    stage.press("y");
    assert_eq!(stage.verdicts().len(), 2, "{}", stage.picture());
}
