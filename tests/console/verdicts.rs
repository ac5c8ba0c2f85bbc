//! No verdict without the gesture its tier asks for, and none on anything but what was seen.

use countersign::console::message::{Message, Refusal};
use countersign::console::request::Request;
use countersign::domain::{PacketStatus, RunStatus, Tier, Verdict};
use countersign::engine::RunError;
use countersign::runtime::VerdictTaken;

use crate::stage::{Stage, amended, closed, order, packet_id, run_id};

fn on(tier: Tier) -> Stage {
    let packets = (1..=3).map(|n| order(n, tier, "7850.00")).collect();
    Stage::with(80, 24, packets)
}

/// Reads the packet to its end.
fn read(stage: &mut Stage) {
    stage.press("tab");
    for _ in 0..40 {
        stage.press("space");
    }
    stage.press("esc");
}

#[test]
fn a_routine_packet_needs_the_key_and_then_y() {
    let mut stage = on(Tier::Routine);
    stage.press("a");
    assert!(stage.verdicts().is_empty());
    stage.press("y");
    let verdicts = stage.verdicts();
    assert_eq!(verdicts.len(), 1);
    assert_eq!(
        (verdicts[0].packet, verdicts[0].verdict),
        (packet_id(1), Verdict::Approve)
    );
    assert_eq!(
        verdicts[0].digest,
        order(1, Tier::Routine, "7850.00").digest.to_string()
    );
}

#[test]
fn enter_and_space_never_approve() {
    let mut stage = on(Tier::Routine);
    stage.press("enter space enter space esc a tab enter space");
    assert!(stage.verdicts().is_empty());
    stage.press("shift-tab enter");
    assert!(stage.verdicts().is_empty() && stage.model.overlays.is_empty());
}

#[test]
fn an_elevated_packet_needs_a_reason() {
    let mut stage = on(Tier::Elevated);
    stage.press("a tab y");
    assert!(stage.verdicts().is_empty());
    assert!(
        stage.picture().contains("write a reason"),
        "{}",
        stage.picture()
    );
    stage
        .press("shift-tab")
        .write("checked by phone")
        .press("tab y");
    let verdicts = stage.verdicts();
    assert_eq!(verdicts[0].reason.as_deref(), Some("checked by phone"));
}

#[test]
fn a_critical_packet_needs_reading_a_reason_and_the_amount() {
    let mut stage = on(Tier::Critical);
    stage.press("a");
    assert!(stage.model.overlays.is_empty());
    assert!(
        stage.picture().contains("read it whole"),
        "{}",
        stage.picture()
    );
    read(&mut stage);
    stage.press("a").wait(1_001);
    stage
        .write("checked")
        .press("tab")
        .write("7850")
        .press("tab y");
    assert!(stage.verdicts().is_empty(), "7850 is not 7850.00");
    stage.press("shift-tab").write(".00").press("tab tab y");
    assert_eq!(stage.verdicts().len(), 1, "{}", stage.picture());
}

#[test]
fn rejecting_and_returning_need_words() {
    for (key, verdict) in [("r", Verdict::Reject), ("i", Verdict::Return)] {
        let mut stage = on(Tier::Routine);
        stage.press(key).press("tab y");
        assert!(stage.verdicts().is_empty());
        stage.press("shift-tab").write("not ours").press("tab y");
        assert_eq!(stage.verdicts()[0].verdict, verdict);
    }
}

#[test]
fn keys_typed_early_are_absorbed_and_begin_the_dead_time_anew() {
    let mut stage = on(Tier::Routine);
    stage.press_now("a");
    stage.draw();
    for _ in 0..10 {
        stage.wait(300);
        stage.press_now("y");
    }
    assert!(stage.verdicts().is_empty());
    stage.wait(350);
    stage.press_now("y");
    assert!(stage.verdicts().is_empty(), "it must stand alone first");
    stage.wait(310);
    assert_eq!(stage.verdicts().len(), 1);
}

#[test]
fn a_paste_decides_nothing_and_opens_nothing() {
    let mut stage = on(Tier::Routine);
    for key in ["a", "y", "y", "y", "y", "y", "y"] {
        stage.press_now(key);
    }
    assert!(stage.verdicts().is_empty() && stage.model.overlays.is_empty());
    stage.press("a");
    stage.tell(Message::Pasted {
        text: "y".to_owned(),
        at_ms: 5_000,
    });
    assert!(stage.verdicts().is_empty());
    assert!(
        stage.picture().contains("pasted text is ignored"),
        "{}",
        stage.picture()
    );
}

#[test]
fn what_changed_before_it_was_drawn_cannot_be_decided() {
    let mut stage = on(Tier::Routine);
    stage.put(amended(&order(1, Tier::Routine, "7850.00"), "9000.00"));
    stage.wait(1_000);
    stage.press_now("a");
    assert!(stage.model.overlays.is_empty());
    stage.draw();
    stage.press("a");
    assert_eq!(stage.model.overlays.len(), 1);
}

#[test]
fn a_change_under_the_dialog_takes_its_buttons_away_and_shows_what_changed() {
    let mut stage = on(Tier::Routine);
    stage.press("a");
    stage.put(amended(&order(1, Tier::Routine, "7850.00"), "9000.00"));
    let picture = stage.draw();
    for told in [
        "changed while you looked",
        "- amount  7 850.00 USD",
        "+ amount  9 000.00 USD",
    ] {
        assert!(picture.contains(told), "{told}: {picture}");
    }
    stage.press("y tab y enter");
    assert!(stage.verdicts().is_empty());
}

#[test]
fn the_loser_of_a_race_is_told_who_won() {
    let mut stage = on(Tier::Routine);
    stage.press("a");
    stage.put(closed(
        &order(1, Tier::Routine, "7850.00"),
        PacketStatus::Approved,
        "rv2",
    ));
    assert!(
        stage.draw().contains("rv2 was first"),
        "{}",
        stage.picture()
    );
    stage.press("y");
    assert!(stage.verdicts().is_empty());
}

#[test]
fn a_refusal_stays_in_the_dialog() {
    let mut stage = on(Tier::Routine);
    stage.press("a y");
    let Some(Request::Decide { ticket, .. }) = stage.asked.last() else {
        panic!("nothing was sent");
    };
    let refusal = Refusal {
        code: "not_permitted".to_owned(),
        message: "MGR_JANE_DOE may not decide this packet".to_owned(),
    };
    stage.tell(Message::Decided {
        ticket: *ticket,
        outcome: Err(refusal),
    });
    assert!(
        stage.picture().contains("may not decide"),
        "{}",
        stage.picture()
    );
    stage.press("y y");
    assert_eq!(stage.verdicts().len(), 1);
}

#[test]
fn after_a_verdict_nothing_is_armed_until_the_cursor_moved() {
    let mut stage = on(Tier::Routine);
    stage.press("a y");
    let Some(Request::Decide { ticket, .. }) = stage.asked.last() else {
        panic!("nothing was sent");
    };
    let taken = VerdictTaken {
        packet: packet_id(1),
        verdict: Verdict::Approve,
        by: "MGR_JANE_DOE".to_owned(),
        run: run_id(1),
        run_status: RunStatus::Running,
    };
    stage.tell(Message::Decided {
        ticket: *ticket,
        outcome: Ok(taken),
    });
    stage.put(closed(
        &order(1, Tier::Routine, "7850.00"),
        PacketStatus::Approved,
        "MGR_JANE_DOE",
    ));
    stage.draw();
    stage.press("a y a y");
    assert_eq!(stage.verdicts().len(), 1);
    stage.press("j a y");
    assert_eq!(stage.verdicts().len(), 2);
    assert_eq!(stage.verdicts()[1].packet, packet_id(2));
}

#[test]
fn a_paste_that_no_terminal_marked_is_no_answer_whatever_it_begins_with() {
    for text in ["yes", "y\n", "yy", "y "] {
        let mut stage = on(Tier::Routine);
        stage.press("a").wait(2_000);
        for c in text.chars() {
            let name = match c {
                '\n' => "enter".to_owned(),
                '\t' => "tab".to_owned(),
                ' ' => "space".to_owned(),
                other => other.to_string(),
            };
            stage.press_now(&name);
        }
        stage.wait(1_000);
        assert!(stage.verdicts().is_empty(), "{text:?}");
    }
}

#[test]
fn a_dialog_that_was_never_on_the_screen_hears_nothing() {
    let mut stage = on(Tier::Routine);
    stage.wait(5_000);
    stage.press_now("a");
    for _ in 0..5 {
        stage.wait(5_000);
        stage.press_now("y");
    }
    stage.wait(5_000);
    assert!(stage.verdicts().is_empty());
    stage.draw();
    stage.wait(300);
    stage.press_now("y");
    stage.wait(5_000);
    assert!(
        stage.verdicts().is_empty(),
        "the dead time counts from the picture"
    );
    stage.press("y");
    assert_eq!(stage.verdicts().len(), 1);
}

#[test]
fn a_window_that_hides_what_is_decided_takes_no_answer() {
    let packets = (1..=3).map(|n| order(n, Tier::Routine, "10.00")).collect();
    let mut stage = Stage::with(80, 8, packets);
    stage.press("enter z a y");
    assert!(stage.verdicts().is_empty(), "{}", stage.picture());
    assert!(stage.picture().contains("too small"), "{}", stage.picture());
}

#[test]
fn what_is_typed_right_behind_a_refused_key_opens_nothing() {
    let mut stage = on(Tier::Critical);
    stage.press("a");
    assert!(stage.picture().contains("read it whole"));
    for _ in 0..20 {
        stage.write("ok fine ");
    }
    assert!(stage.model.overlays.is_empty(), "the `i` is no key here");
    assert!(
        stage.picture().contains("read it whole"),
        "it is still said"
    );
    stage.wait(401);
    stage.press("i");
    assert!(!stage.model.overlays.is_empty());
}

#[test]
fn what_became_of_the_run_is_told() {
    for (status, error, said) in [
        (RunStatus::Succeeded, None, "the run succeeded"),
        (
            RunStatus::DeadLettered,
            Some("The target answered 503."),
            "dead letter: The target answered 503.",
        ),
    ] {
        let mut stage = on(Tier::Routine);
        let run = stage.model.packet.packet.as_ref().unwrap().run;
        let error = error.map(|message| RunError {
            code: "status_503".to_owned(),
            message: message.to_owned(),
        });
        stage.tell(Message::Settled {
            run,
            status,
            error,
            effects: Vec::new(),
        });
        let heard = status == RunStatus::DeadLettered;
        assert_eq!(
            stage.picture().contains(said),
            heard,
            "nobody waited for it"
        );
    }
}

#[test]
fn a_fact_that_could_be_typed_by_nothing_is_not_the_one_asked_for() {
    let mut packet = order(1, Tier::Critical, "7850.00");
    packet.amount = None;
    packet.effects[0].operation = "order____".to_owned();
    let digest = packet.digest.to_string();
    let mut stage = Stage::with(140, 45, vec![packet]);
    read(&mut stage);
    stage.press("a").wait(1_001);
    stage.write("checked").press("tab tab y");
    assert!(stage.verdicts().is_empty(), "{}", stage.picture());
    assert!(
        stage
            .picture()
            .contains("the first four characters of the digest")
    );
    stage.press("shift-tab").write(&digest[..4]).press("tab y");
    assert_eq!(stage.verdicts().len(), 1, "{}", stage.picture());
}
