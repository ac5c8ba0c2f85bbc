//! Footer, help and palette: one table, and only what works now.

use countersign::console::keymap::{KEYMAP, Place};
use countersign::console::model::Focus;
use countersign::console::overlays::Overlay;
use countersign::console::request::Request;
use countersign::domain::{PacketStatus, RunStatus, Tier};

use crate::run_stage::{Runs, run};
use crate::stage::{Stage, closed, order};

fn stage(tier: Tier) -> Stage {
    let packets = (1..=3).map(|n| order(n, tier, "7850.00")).collect();
    Stage::with(140, 45, packets)
}

/// The line of keys.
fn footer(stage: &Stage) -> String {
    let picture = stage.picture();
    let at = usize::from(stage.model.rows) - 2;
    picture.lines().nth(at).unwrap().to_owned()
}

#[test]
fn the_footer_shows_only_what_works_on_a_run() {
    for (status, works, not) in [
        (
            RunStatus::Waiting,
            vec!["p pause…"],
            vec!["P resume…", "O override…"],
        ),
        (
            RunStatus::Paused,
            vec!["P resume…", "O override…"],
            vec!["p pause…"],
        ),
        (
            RunStatus::Succeeded,
            vec!["enter open"],
            vec!["p pause…", "P resume…", "O override…", "o packet"],
        ),
    ] {
        let mut runs = Runs::with(140, 45, vec![run(1, status)]);
        let footer = {
            runs.press("k");
            footer(&runs.stage)
        };
        for word in works {
            assert!(footer.contains(word), "{status}: {word}: {footer}");
        }
        for word in not {
            assert!(!footer.contains(word), "{status}: {word}: {footer}");
        }
    }
}

#[test]
fn the_footer_shows_only_what_works_on_a_packet() {
    let mut stage = stage(Tier::Critical);
    let unread = footer(&stage);
    assert!(
        unread.contains("a approve… (read it first)") && unread.contains("r reject…"),
        "{unread}"
    );
    stage.press("tab");
    for _ in 0..40 {
        stage.press("space");
    }
    let read = footer(&stage);
    assert!(
        read.contains("a approve…") && !read.contains("read it first"),
        "{read}"
    );
    let packet = order(1, Tier::Critical, "7850.00");
    stage.put(closed(&packet, PacketStatus::Rejected, "MGR_JOHN"));
    stage.draw();
    let over = footer(&stage);
    assert!(
        !over.contains("reject…") && !over.contains("edit…"),
        "{over}"
    );
    let empty = Stage::with(140, 45, Vec::new());
    assert!(!footer(&empty).contains("open") && !footer(&empty).contains("run"));
}

#[test]
fn the_footer_of_a_dialog_follows_where_one_is_in_it() {
    let mut stage = stage(Tier::Elevated);
    stage.press("a");
    let in_field = footer(&stage);
    assert!(
        in_field.contains("tab next") && !in_field.contains("y answer"),
        "{in_field}"
    );
    stage.press("tab");
    let on_cancel = footer(&stage);
    assert!(
        on_cancel.contains("y answer") && on_cancel.contains("enter leave"),
        "{on_cancel}"
    );
    stage.press("tab");
    assert!(!footer(&stage).contains("enter"), "{}", footer(&stage));
}

#[test]
fn f1_in_every_overlay_shows_its_keys_and_leaves_it_where_it_was() {
    for (keys, place) in [
        ("a", Place::Dialog),
        ("/", Place::Filter),
        (":", Place::Palette),
        ("e", Place::Form),
    ] {
        let mut stage = stage(Tier::Routine);
        stage.press(keys).press("f1");
        let Some(Overlay::Help(help)) = stage.model.overlays.last() else {
            panic!("{keys}: {}", stage.picture());
        };
        assert_eq!(help.place, place);
        assert!(!help.found().is_empty());
        stage.press("enter f1");
        assert_eq!(stage.model.overlays.len(), 1, "{keys}");
    }
}

#[test]
fn f1_is_no_answer_and_what_it_covered_has_to_be_seen_again() {
    let mut stage = stage(Tier::Routine);
    stage.press("a").wait(2_000);
    stage.press_now("y");
    stage.press_now("f1");
    stage.wait(2_000);
    stage.draw();
    assert!(stage.verdicts().is_empty());
    stage.wait(2_000);
    stage.press_now("esc");
    stage.press_now("y");
    stage.wait(2_000);
    assert!(stage.verdicts().is_empty(), "it was not seen again");
    stage.draw();
    stage.press("y");
    assert_eq!(stage.verdicts().len(), 1);
}

#[test]
fn ctrl_z_suspends_in_every_overlay_but_the_form_where_it_undoes() {
    for (keys, suspends) in [("a", 1), ("/", 1), (":", 1), ("?", 1), ("e", 0)] {
        let mut stage = stage(Tier::Routine);
        stage.press(keys).press("ctrl-z");
        let asked = stage.asked.iter();
        let asked = asked.filter(|asked| matches!(asked, Request::Suspend));
        assert_eq!(asked.count(), suspends, "{keys}");
        assert_eq!(stage.model.overlays.len(), 1, "{keys}");
    }
}

#[test]
fn seven_goes_to_the_seventh_section() {
    let mut stage = Stage::with(80, 24, vec![order(1, Tier::Routine, "1.00")]);
    stage.press("tab 7");
    assert!(
        stage.picture().contains("7 AGENT SAYS"),
        "{}",
        stage.picture()
    );
    assert_eq!(stage.model.focus, Focus::Detail);
}

#[test]
fn labels_of_the_help_are_whole_at_40_columns() {
    let mut stage = Stage::with(40, 24, vec![order(1, Tier::Routine, "1.00")]);
    stage.press("?").write("feedback");
    let words: Vec<String> = stage
        .picture()
        .lines()
        .map(|line| line.trim_matches(['│', ' ']).to_owned())
        .collect();
    let words = words.join(" ");
    assert!(
        words.contains("return with") && words.contains("feedback…"),
        "{words}"
    );
}

#[test]
fn the_palette_holds_every_command_with_its_words_and_says_what_cannot_be_done() {
    let mut stage = stage(Tier::Routine);
    stage.press(":");
    let Some(Overlay::Help(help)) = stage.model.overlays.last() else {
        panic!("no palette");
    };
    let found = help.found();
    let mut seen = 0;
    for entry in KEYMAP {
        if entry.places.iter().any(|place| place.is_pane()) {
            let here = found.iter().any(|found| found.action == entry.action);
            assert!(here, "{}", entry.label);
            seen += 1;
        }
    }
    assert!(seen > 40, "the table was read");
    stage.write("check the chain");
    assert!(
        stage.picture().contains("this is a command of Audit"),
        "{}",
        stage.picture()
    );
    stage.press("enter");
    assert_eq!(stage.model.overlays.len(), 1);
    stage.press("esc : ").write("approve").press("enter");
    assert!(matches!(
        stage.model.overlays.last(),
        Some(Overlay::Verdict(_))
    ));
}

#[test]
fn the_palette_says_why_a_command_cannot_be_run_now() {
    let mut stage = stage(Tier::Critical);
    stage.press(":").write("approve");
    assert!(
        stage.picture().contains("read it whole"),
        "{}",
        stage.picture()
    );
    stage.press("enter");
    assert!(matches!(
        stage.model.overlays.last(),
        Some(Overlay::Help(_))
    ));
}
