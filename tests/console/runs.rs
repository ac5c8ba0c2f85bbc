//! Runs under the cursor: the list, and the way to a packet and back.

use countersign::console::message::{Message, RunsNews};
use countersign::console::model::Screen;
use countersign::console::request::Request;
use countersign::domain::RunStatus;
use serde_json::json;

use crate::run_stage::{Runs, failed, five, nth, refused, run};
use crate::stage::{NOW, packet_id, run_id};

#[test]
fn the_newest_stands_first_and_the_cursor_stays_on_its_run() {
    let mut runs = Runs::with(80, 24, five());
    assert_eq!(runs.selected(), Some(nth(1)));
    runs.press("j");
    let before = runs.line();
    runs.put(run(0, RunStatus::Running));
    assert_eq!((runs.selected(), runs.line()), (Some(nth(2)), before));
    assert_eq!(runs.shown(), 6);
    runs.says("1 new ↑ (gg)");
    runs.press("g g");
    assert_eq!(runs.selected(), Some(nth(0)));
    assert!(!runs.picture().contains("new ↑"));
}

#[test]
fn the_cursor_stays_on_its_run_before_its_first_movement_too() {
    let mut runs = Runs::with(80, 24, five());
    let before = runs.line();
    runs.put(run(0, RunStatus::Running));
    assert_eq!((runs.selected(), runs.line()), (Some(nth(1)), before));
    runs.says("1 new ↑ (gg)");
}

#[test]
fn a_list_that_nobody_saw_yet_opens_at_its_top() {
    let mut runs = Runs::with(80, 24, Vec::new());
    runs.press("1");
    for n in (0..9).rev() {
        runs.put(run(n, RunStatus::Running));
    }
    runs.press("2");
    assert_eq!(runs.selected(), Some(nth(0)));
}

#[test]
fn a_list_that_cannot_be_read_says_so_until_it_is_read() {
    let mut runs = Runs::with(80, 24, five());
    runs.stage.tell(Message::RunsUnread {
        of: None,
        why: refused("the disk is gone"),
    });
    runs.says("not read anew: ctrl-r tries again");
    runs.says("the runs cannot be read: the disk is gone");
    runs.stage
        .tell(Message::Link(countersign::console::message::Link::Executes));
    runs.stage.asked.clear();
    runs.put(run(0, RunStatus::Running));
    runs.says("the disk is gone");
    let again = |request: &Request| matches!(request, Request::ReadRuns(None));
    assert!(runs.stage.asked.iter().any(again), "it is tried again");
    let rows = runs.reads.iter().map(|read| read.detail.row.clone());
    let rows = rows.collect();
    runs.news(true, rows);
    assert!(!runs.picture().contains("the disk is gone"));
}

#[test]
fn a_run_with_more_events_than_are_read_says_so() {
    let mut read = run(1, RunStatus::Running);
    read.unread = 13_418;
    let mut runs = Runs::with(140, 45, vec![read]);
    runs.says("only the first 10 000 of 23 418 are read");
    runs.press("esc");
}

#[test]
fn f_follows_the_newest_until_the_cursor_is_moved() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("j j F");
    runs.news(false, vec![run(90, RunStatus::Running).detail.row]);
    assert_eq!(runs.selected(), runs.stage.model.runs.list.first());
    runs.press("j");
    let selected = runs.selected();
    runs.news(false, vec![run(91, RunStatus::Running).detail.row]);
    assert_eq!(runs.selected(), selected);
}

#[test]
fn a_run_that_is_read_stays_under_the_eyes() {
    for keys in ["tab", "p", "/"] {
        let mut runs = Runs::with(80, 24, five());
        runs.press(keys);
        runs.put(run(0, RunStatus::Running));
        assert_eq!(runs.selected(), Some(nth(1)), "{keys}");
    }
}

#[test]
fn a_run_older_than_the_list_is_gone_to_once_it_was_read() {
    let mut runs = Runs::with(80, 24, five());
    let mut old = run(70, RunStatus::Waiting);
    old.detail.row.run = run_id(2);
    runs.stage.press("1 j t");
    // The answer takes its time, and rows of others come first.
    runs.stage.asked.clear();
    runs.news(false, vec![run(0, RunStatus::Running).detail.row]);
    runs.stage.tell(Message::Run {
        run: run_id(2),
        found: Ok(Box::new(old)),
    });
    assert_eq!(runs.selected(), Some(run_id(2)));
    runs.says("PO-9970");
}

#[test]
fn a_run_that_no_longer_passes_stays_until_the_cursor_leaves_it() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("/").write("status:waiting").press("enter j");
    assert_eq!((runs.shown(), runs.selected()), (2, Some(nth(4))));
    runs.put(run(4, RunStatus::Succeeded));
    runs.put(run(1, RunStatus::Failed));
    assert_eq!((runs.shown(), runs.selected()), (1, Some(nth(4))));
    runs.press("k");
    runs.put(run(1, RunStatus::Waiting));
    runs.press("k");
    assert_eq!((runs.shown(), runs.selected()), (1, Some(nth(1))));
}

#[test]
fn a_filter_narrows_and_names_a_field_that_is_not_there() {
    let mut runs = Runs::with(80, 24, five());
    for (filter, shown) in [
        ("key:9903", 1),
        ("step:review", 4),
        ("!status:succeeded", 4),
        ("workflow:purchase status:running", 1),
        ("po9905", 1),
        ("run:0194", 5),
        ("nothing_is_called_so", 0),
    ] {
        runs.press("/").write(filter).press("enter");
        assert_eq!(runs.shown(), shown, "{filter}: {}", runs.picture());
        if shown == 0 {
            runs.says("Nothing matches");
        }
        runs.press("esc");
    }
    runs.press("/").write("colour:red");
    runs.says("no field `colour`");
}

#[test]
fn a_filter_for_a_status_asks_the_store_for_all_of_it() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("/").write("status:waiting").press("enter");
    let asked = |runs: &Runs| {
        let reads = runs.stage.asked.iter().filter_map(|request| match request {
            Request::ReadRuns(status) => Some(*status),
            _ => None,
        });
        reads.collect::<Vec<_>>()
    };
    assert_eq!(asked(&runs), [Some(RunStatus::Waiting)]);
    let mut rows = vec![run(800, RunStatus::Waiting).detail.row];
    rows.push(run(1, RunStatus::Waiting).detail.row);
    runs.stage.tell(Message::Runs(RunsNews {
        whole: true,
        of: Some(RunStatus::Waiting),
        rows,
        counts: vec![("waiting".to_owned(), 7), ("running".to_owned(), 90_000)],
    }));
    runs.answer();
    assert_eq!(runs.shown(), 2, "the fourth waits no more");
    runs.says("the newest 2 of 7");
    runs.press("esc");
    assert_eq!(asked(&runs), [Some(RunStatus::Waiting), None]);
    runs.says("of 90007");
}

#[test]
fn an_answer_to_a_filter_that_is_gone_changes_no_row() {
    let mut runs = Runs::with(80, 24, five());
    runs.stage.tell(Message::Runs(RunsNews {
        whole: true,
        of: Some(RunStatus::Failed),
        rows: Vec::new(),
        counts: Vec::new(),
    }));
    assert_eq!(runs.shown(), 5);
}

#[test]
fn the_run_beside_the_list_is_read_anew_when_it_changes_and_keeps_its_place() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("tab space space");
    let top = runs.stage.model.runs.sheet.top;
    assert!(top > 0);
    runs.put(run(1, RunStatus::Paused));
    runs.says("=  paused");
    assert_eq!(runs.stage.model.runs.sheet.top, top);
}

#[test]
fn an_older_read_that_answers_late_is_not_shown() {
    let mut runs = Runs::with(80, 24, five());
    let mut newer = run(1, RunStatus::Succeeded);
    newer.detail.row.updated_at = NOW;
    runs.put(newer);
    let old = run(1, RunStatus::Waiting);
    runs.stage.tell(Message::Run {
        run: nth(1),
        found: Ok(Box::new(old)),
    });
    let read = runs.stage.model.runs.current().unwrap();
    assert_eq!(read.detail.row.status, RunStatus::Succeeded);
}

#[test]
fn a_packet_opens_its_run_and_a_run_its_packet() {
    let mut runs = Runs::with(80, 24, five());
    let mut row = run(7, RunStatus::Waiting);
    row.detail.row.run = run_id(2);
    row.detail.row.packet = Some(packet_id(2));
    // It is older than what the list read.
    runs.reads.push(row);
    runs.press("/").write("status:paused").press("enter 1 j t");
    assert_eq!(runs.stage.model.screen, Screen::Runs);
    assert_eq!(runs.selected(), Some(run_id(2)));
    runs.says("PO-9907");
    runs.press("o");
    assert_eq!(runs.stage.model.screen, Screen::Queue);
    assert_eq!(runs.stage.selected(), Some(packet_id(2)));
}

#[test]
fn a_run_without_an_open_packet_says_so() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("j j o");
    runs.says("waits for no packet");
    runs.press("j o");
    runs.says("is not open any more");
    assert_eq!(runs.stage.model.screen, Screen::Runs);
}

#[test]
fn a_run_that_is_not_there_says_so() {
    let mut runs = Runs::with(80, 24, five());
    runs.reads.retain(|read| read.detail.row.run != nth(2));
    runs.press("j");
    runs.says("there is no run");
}

#[test]
fn hostile_text_of_a_run_is_shown_as_tokens() {
    let mut runs = Runs::with(140, 45, vec![failed(9)]);
    runs.says("blocked<U+202E>");
    let mut hostile = run(8, RunStatus::Waiting);
    hostile.detail.row.key = Some("\u{1b}[2Jkey".to_owned());
    hostile.detail.state = json!({"note\u{200b}": "a\u{7}b"})
        .as_object()
        .cloned()
        .unwrap();
    runs.put(hostile);
    runs.press("g g");
    runs.says("<U+001B>[2Jkey");
    runs.says("a<U+0007>b");
}
