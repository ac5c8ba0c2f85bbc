//! The journal under the cursor: pages, arrivals, filters, the check of the chain.

use countersign::console::message::{Message, Refusal, RunsNews};
use countersign::console::request::Request;
use countersign::domain::RunStatus;
use countersign::store::VerifyReport;
use countersign::views::RunRow;

use crate::journal::{Journal, opened, reads, refuse};
use crate::stage::{NOW, Stage, run_id};

fn at(stage: &Stage) -> u64 {
    stage.model.audit.selected.unwrap()
}

fn cursor_line(stage: &Stage) -> usize {
    let picture = stage.picture();
    picture.lines().position(|line| line.contains('▌')).unwrap()
}

fn filtered(stage: &mut Stage, journal: &Journal, text: &str) {
    stage.press("/ ctrl-u").write(text).press("enter");
    journal.serve(stage);
}

fn verified(stage: &mut Stage, journal: &Journal, bad: Option<u64>) {
    stage.tell(Message::Verified(Ok(VerifyReport {
        ok: bad.is_none(),
        events: journal.head().size,
        first_bad_seq: bad,
        problem: bad.map(|seq| format!("event {seq} does not match the journal")),
        head: journal.head(),
        missing_values: countersign::store::MissingValues::default(),
    })));
}

#[test]
fn nothing_is_read_until_the_screen_is_shown() {
    let journal = Journal::of(3_000);
    let mut stage = Stage::empty(80, 24);
    journal.tell(&mut stage);
    assert!(reads(&stage).is_empty());
    stage.press("5");
    assert_eq!(reads(&stage).len(), 1);
    assert!(stage.picture().contains("reading the journal"));
    assert_eq!(
        journal.serve(&mut stage),
        1,
        "one page is enough for a screen"
    );
    assert_eq!((at(&stage), stage.model.audit.len()), (3_000, 500));
}

#[test]
fn the_next_page_is_asked_for_before_the_cursor_reaches_the_end() {
    let journal = Journal::of(3_000);
    let mut stage = opened(140, 45, &journal);
    for _ in 0..25 {
        stage.press("ctrl-d");
    }
    let asked = reads(&stage);
    assert_eq!(asked.len(), 1, "one page at a time");
    assert_eq!(asked[0].1.before, Some(2_501));
    let before = at(&stage);
    journal.serve(&mut stage);
    assert_eq!((at(&stage), stage.model.audit.len()), (before, 1_000));
    stage.press("j");
    assert_eq!(
        at(&stage),
        before - 1,
        "no event is left out or shown twice"
    );
}

#[test]
fn an_answer_to_an_older_question_is_ignored() {
    let journal = Journal::of(700);
    let mut stage = Stage::empty(80, 24);
    stage.press("5");
    let (ticket, wanted) = reads(&stage).remove(0);
    stage.press("/").write("kind:vote_cast").press("enter");
    journal.answer(&mut stage, ticket, &wanted);
    assert!(stage.model.audit.is_empty(), "it was read for no filter");
    journal.serve(&mut stage);
    assert_eq!((stage.model.audit.len(), at(&stage)), (70, 700));
}

#[test]
fn any_event_of_a_long_journal_is_reached_and_memory_stays_bounded() {
    let journal = Journal::of(9_318);
    let mut stage = opened(80, 200, &journal);
    let mut seen = vec![at(&stage)];
    while at(&stage) > 1 {
        stage.press_now("ctrl-d");
        journal.serve(&mut stage);
        seen.push(at(&stage));
        assert!(stage.model.audit.len() <= 5_000);
    }
    assert!(
        seen.windows(2).all(|pair| pair[0] > pair[1]),
        "only ever older"
    );
    assert!(
        stage.picture().contains("newer ones ↑ (gg)"),
        "{}",
        stage.picture()
    );
    while at(&stage) < 9_318 {
        stage.press_now("ctrl-u");
        journal.serve(&mut stage);
        assert!(stage.model.audit.len() <= 5_000);
    }
    stage.press("G");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 1);
    stage.press("g g");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 9_318);
}

#[test]
fn arrivals_never_move_the_cursor_and_are_counted() {
    let mut journal = Journal::of(100);
    let mut stage = opened(80, 24, &journal);
    stage.press("j j");
    let (event, line) = (at(&stage), cursor_line(&stage));
    journal.grow(3);
    journal.tell(&mut stage);
    journal.serve(&mut stage);
    assert_eq!((at(&stage), cursor_line(&stage)), (event, line));
    assert!(
        stage.picture().contains("3 new ↑ (gg)"),
        "{}",
        stage.picture()
    );
    stage.press("g g");
    assert_eq!(at(&stage), 103);
    assert!(!stage.picture().contains("new ↑"), "{}", stage.picture());
}

#[test]
fn the_newest_is_followed_on_request() {
    let mut journal = Journal::of(100);
    let mut stage = opened(80, 24, &journal);
    stage.press("j j F");
    assert_eq!(at(&stage), 100);
    journal.grow(5);
    journal.tell(&mut stage);
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 105);
    assert!(stage.picture().contains("follows"), "{}", stage.picture());
    stage.press("j");
    journal.grow(1);
    journal.tell(&mut stage);
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 104, "a moved cursor follows nothing");
}

#[test]
fn what_came_while_another_screen_was_shown_is_read_on_return() {
    let mut journal = Journal::of(100);
    let mut stage = opened(80, 24, &journal);
    stage.press("1");
    journal.grow(10);
    journal.tell(&mut stage);
    assert!(reads(&stage).is_empty(), "nobody looks at it");
    stage.press("5");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 100);
    assert!(stage.picture().contains("10 new ↑"), "{}", stage.picture());
    stage.press("1");
    journal.grow(5_000);
    journal.tell(&mut stage);
    stage.press("5");
    assert!(journal.serve(&mut stage) < 5, "not all of them are read");
    stage.press("g g");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 5_110);
}

#[test]
fn fields_are_looked_up_by_the_store_on_enter() {
    let journal = Journal::of(1_200);
    let mut stage = opened(80, 24, &journal);
    stage.press("/").write("kind:vote_cast actor:MGR_JANE_DOE");
    assert!(reads(&stage).is_empty(), "not with every key");
    assert!(
        stage.picture().contains("enter looks it up"),
        "{}",
        stage.picture()
    );
    stage.press("enter");
    let asked = reads(&stage);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1.kind.as_deref(), Some("vote_cast"));
    assert_eq!(asked[0].1.actor.as_deref(), Some("MGR_JANE_DOE"));
    journal.serve(&mut stage);
    assert_eq!(stage.model.audit.len(), 120);
    stage.press("j j");
    let found = at(&stage);
    stage.press("esc");
    journal.serve(&mut stage);
    assert_eq!(
        at(&stage),
        found,
        "the cursor stays where the search led it"
    );
    assert!(stage.model.audit.filter.is_empty());
}

#[test]
fn a_wrong_filter_is_said_and_not_taken() {
    let journal = Journal::of(10);
    let mut stage = opened(80, 24, &journal);
    for (text, said) in [
        ("colour:red", "no field `colour` here: run, actor, kind"),
        ("run:PO-77", "no run known here is called `PO-77`"),
    ] {
        stage.press("/").write(text);
        assert!(stage.picture().contains(said), "{}", stage.picture());
        stage.press("enter esc");
    }
    assert!(reads(&stage).is_empty() && stage.model.audit.filter.is_empty());
    assert_eq!(stage.model.audit.len(), 10);
}

fn known_runs(stage: &mut Stage, numbers: std::ops::RangeInclusive<u128>) {
    stage.tell(Message::Runs(RunsNews {
        whole: true,
        of: None,
        rows: numbers.map(run_row).collect(),
        counts: Vec::new(),
    }));
}

#[test]
fn a_run_is_found_by_key_by_part_and_by_id() {
    let journal = Journal::of(60);
    let mut stage = opened(80, 24, &journal);
    known_runs(&mut stage, 1..=3);
    let id = run_id(2).to_string();
    for text in ["run:PO-9902", "run:00000002", &format!("run:{id}")] {
        filtered(&mut stage, &journal, text);
        let runs = stage.model.audit.window(20).iter().map(|event| event.run);
        assert!(runs.clone().count() == 5, "{text}");
        assert!(runs.into_iter().all(|run| run == Some(run_id(2))), "{text}");
        stage.press("esc");
        journal.serve(&mut stage);
    }
    stage.press("/").write("run:01940000");
    assert!(
        stage.picture().contains("3 runs are called"),
        "{}",
        stage.picture()
    );
}

#[test]
fn the_journal_of_a_run_is_shown_from_the_run() {
    let journal = Journal::of(60);
    let mut stage = Stage::empty(80, 24);
    known_runs(&mut stage, 2..=2);
    stage.press("2");
    assert_eq!(stage.model.runs.list.selected, Some(run_id(2)));
    stage.press("A");
    journal.serve(&mut stage);
    assert_eq!(stage.model.audit.filter.text(), "run:PO-9902");
    assert_eq!((stage.model.audit.len(), at(&stage)), (5, 9));
    stage.press("t");
    assert_eq!(stage.model.runs.list.selected, Some(run_id(2)));
    assert_eq!(stage.model.place().name(), "Runs");
}

#[test]
fn words_are_searched_page_by_page_as_far_as_one_key_goes() {
    let journal = Journal::of(30_000);
    let mut stage = opened(80, 24, &journal);
    stage.press("/").write("call 12340").press("enter");
    let picture = stage.picture();
    assert!(picture.contains("reading the journal"), "{picture}");
    assert_eq!(journal.serve(&mut stage), 20, "one key reads 20 pages");
    let picture = stage.picture();
    assert!(
        picture.contains("searched back to #20001, 20 000 more to search: G"),
        "{picture}"
    );
    assert!(
        picture.contains("Nothing found down to #20001"),
        "{picture}"
    );
    stage.press("G");
    journal.serve(&mut stage);
    assert_eq!((stage.model.audit.len(), at(&stage)), (1, 12_340));
    stage.press("G");
    journal.serve(&mut stage);
    assert!(stage.model.audit.is_complete());
    assert!(
        !stage.picture().contains("more to search"),
        "{}",
        stage.picture()
    );
}

#[test]
fn a_search_stops_once_a_screen_is_full() {
    let journal = Journal::of(30_000);
    let mut stage = opened(80, 24, &journal);
    filtered(&mut stage, &journal, "phone");
    assert_eq!(stage.model.audit.len(), 50, "one page holds enough of them");
    filtered(&mut stage, &journal, "kind:vote_cast !phone");
    assert!(
        stage
            .picture()
            .contains("No event matches kind:vote_cast !phone."),
        "{}",
        stage.picture()
    );
}

#[test]
fn the_check_tells_how_far_it_is_and_what_it_found() {
    let journal = Journal::of(9_318);
    let mut stage = opened(80, 24, &journal);
    assert!(stage.picture().contains("not checked yet (C)"));
    stage.press("C");
    let asked = |stage: &Stage| {
        let checks = stage.asked.iter();
        checks
            .filter(|request| matches!(request, Request::Verify))
            .count()
    };
    assert_eq!(asked(&stage), 1);
    stage.tell(Message::Verifying {
        done: 4_659,
        total: 9_318,
    });
    assert!(stage.picture().contains("checking the chain: 50 %"));
    stage.press("C");
    assert_eq!(asked(&stage), 1, "one at a time");
    assert!(
        stage.picture().contains("is under way: 50 %"),
        "{}",
        stage.picture()
    );
    verified(&mut stage, &journal, None);
    let picture = stage.picture();
    assert!(
        picture.contains("chain verified to #9318 at 14:0"),
        "{picture}"
    );
    stage.press("C");
    assert_eq!(asked(&stage), 2);
}

#[test]
fn a_broken_chain_is_said_and_its_event_shown() {
    let journal = Journal::of(9_318);
    let mut stage = opened(80, 24, &journal);
    stage.press("b");
    assert!(
        stage.picture().contains("no check found"),
        "{}",
        stage.picture()
    );
    stage.press("C");
    verified(&mut stage, &journal, Some(812));
    let picture = stage.picture();
    assert!(
        picture.contains("!! chain broken at #812: event 812 does not match the journal"),
        "{picture}"
    );
    stage.press("b");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 812);
    stage.press("k");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 813, "the events around it are there");
    stage.press("j tab");
    let picture = stage.picture();
    assert!(picture.contains("the chain is broken here"), "{picture}");
}

#[test]
fn a_check_that_could_not_be_made_is_no_broken_chain() {
    let journal = Journal::of(10);
    let mut stage = opened(80, 24, &journal);
    stage.press("C");
    stage.tell(Message::Verified(Err(Refusal {
        code: "store".to_owned(),
        message: "the store is busy".to_owned(),
    })));
    let picture = stage.picture();
    assert!(picture.contains("could not be checked"), "{picture}");
    assert!(!picture.contains("broken"), "{picture}");
}

#[test]
fn a_read_that_fails_is_said_and_tried_again_with_the_next_key() {
    let journal = Journal::of(3_000);
    let mut stage = Stage::empty(80, 24);
    stage.press("5");
    let (ticket, _) = reads(&stage).remove(0);
    refuse(&mut stage, ticket);
    assert!(
        stage.picture().contains("disk I/O error"),
        "{}",
        stage.picture()
    );
    stage.press("j");
    journal.serve(&mut stage);
    assert_eq!(at(&stage), 3_000);
}

#[test]
fn the_record_is_whole_and_what_hides_in_it_is_visible() {
    let mut journal = Journal::of(20);
    journal.events[18].values = None;
    let mut stage = opened(80, 60, &journal);
    stage.press("z");
    let mut whole = String::new();
    for keys in ["tab", "G", "esc esc j z tab", "G"] {
        stage.press(keys);
        whole.push_str(&stage.picture());
    }
    let vote = &journal.events[19];
    for told in [
        vote.hash.to_string().as_str(),
        vote.prev_hash.to_string().as_str(),
        "by MGR_JANE_DOE, a person, os user jane, the name is only claimed",
        "checked by phone, call 20",
        "reason",
        "destroyed: only the commitments are left",
        "x output",
        "destroyed  ",
        "by po-agent, an agent",
    ] {
        assert!(whole.contains(told), "{told}: {whole}");
    }
    stage.press("esc esc j");
    assert!(
        stage.picture().contains("safe<U+202E>"),
        "{}",
        stage.picture()
    );
}

fn run_row(n: u128) -> RunRow {
    RunRow {
        run: run_id(n),
        workflow: "purchase-order".into(),
        key: Some(format!("PO-{}", 9_900 + n)),
        status: RunStatus::Waiting,
        step: None,
        started_at: NOW,
        updated_at: NOW,
        cost_micro_usd: 0,
        tokens: 0,
        packet: None,
        timer: None,
    }
}
