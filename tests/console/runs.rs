//! Runs under the cursor, and what can be done to them.

use std::sync::LazyLock;

use countersign::console::message::{Deed, Message, Refusal, RunRead, RunsNews};
use countersign::console::model::Screen;
use countersign::console::request::{Request, Ticket};
use countersign::domain::{
    Digest, EffectState, IdempotencyKey, RunId, RunStatus, StepStatus, Tier,
};
use countersign::engine::RunError;
use countersign::runtime::{EffectFate, RunDetail, RunMoved};
use countersign::views::{EffectRow, RunRow, StepLine};
use countersign::workflow::{GraphLine, ToolBox, check, graph, shipped};
use serde_json::json;

use crate::stage::{NOW, Stage, order, packet_id, run_id};

/// A stage whose store holds runs.
pub(crate) struct Runs {
    pub(crate) stage: Stage,
    pub(crate) reads: Vec<RunRead>,
}

impl Runs {
    /// The screen of runs over these.
    pub(crate) fn with(columns: u16, rows: u16, reads: Vec<RunRead>) -> Self {
        let packets = (1..=3).map(|n| order(n, Tier::Routine, "7850.00"));
        let stage = Stage::with(columns, rows, packets.collect());
        let mut runs = Self { stage, reads };
        let rows = runs.reads.iter().map(|read| read.detail.row.clone());
        let rows: Vec<RunRow> = rows.collect();
        runs.news(true, rows);
        runs.press("2");
        runs
    }

    pub(crate) fn news(&mut self, whole: bool, rows: Vec<RunRow>) {
        let mut counts = std::collections::BTreeMap::new();
        for read in &self.reads {
            *counts
                .entry(read.detail.row.status.to_string())
                .or_insert(0) += 1;
        }
        self.stage.tell(Message::Runs(RunsNews {
            whole,
            of: None,
            rows,
            counts: counts.into_iter().collect(),
        }));
        self.answer();
    }

    /// Changes or adds a run in the store and tells the console, as the follower does.
    pub(crate) fn put(&mut self, read: RunRead) {
        let row = read.detail.row.clone();
        self.reads.retain(|other| other.detail.row.run != row.run);
        self.reads.push(read);
        self.news(false, vec![row]);
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.stage.press(key);
            self.answer();
        }
        self.stage.draw();
        self
    }

    /// Types a text once a dialog that has just opened hears it.
    pub(crate) fn write(&mut self, text: &str) -> &mut Self {
        self.stage.wait(1_000);
        self.stage.write(text);
        self.answer();
        self.stage.draw();
        self
    }

    /// Answers the reads that were asked for, as the store would.
    fn answer(&mut self) {
        let asked = std::mem::take(&mut self.stage.asked);
        for request in asked {
            match request {
                Request::ReadRun(run) => {
                    let mut found = self.reads.iter();
                    let found = found.find(|read| read.detail.row.run == run);
                    let found = found.cloned().map(Box::new).ok_or_else(|| Refusal {
                        code: "runtime".to_owned(),
                        message: format!("there is no run {run}"),
                    });
                    self.stage.tell(Message::Run { run, found });
                }
                other => self.stage.asked.push(other),
            }
        }
    }

    pub(crate) fn picture(&self) -> String {
        self.stage.picture()
    }

    fn selected(&self) -> Option<RunId> {
        self.stage.model.runs.list.selected
    }

    fn shown(&self) -> usize {
        self.stage.model.runs.list.len()
    }

    /// The line of the screen on which the cursor stands.
    fn line(&self) -> usize {
        let picture = self.picture();
        picture.lines().position(|line| line.contains('▌')).unwrap()
    }

    /// Tickets of the controls that were sent.
    pub(crate) fn controls(&self) -> Vec<Ticket> {
        let sent = self.stage.asked.iter().filter_map(|request| match request {
            Request::Pause { ticket, .. }
            | Request::Resume { ticket, .. }
            | Request::Override { ticket, .. } => Some(*ticket),
            _ => None,
        });
        sent.collect()
    }

    pub(crate) fn says(&self, words: &str) {
        let picture = self.picture();
        assert!(picture.contains(words), "{words}: {picture}");
    }
}

static PURCHASE_ORDER: LazyLock<Vec<GraphLine>> = LazyLock::new(|| {
    let (tools, _) = ToolBox::load(&shipped().tools);
    let definition = check(shipped().workflow("purchase-order").unwrap(), &tools)
        .definition
        .unwrap();
    graph(&definition)
});

fn line(step: &str, status: StepStatus, began_ms: i64, took_ms: Option<i64>) -> StepLine {
    let started_at = NOW.plus_ms(began_ms);
    StepLine {
        step: step.into(),
        visit: 1,
        attempt: 1,
        undo: false,
        status,
        output: None,
        error: None,
        started_at,
        finished_at: took_ms.map(|ms| started_at.plus_ms(ms)),
    }
}

/// The id of the `n`th run from the newest.
fn nth(n: u128) -> RunId {
    run_id(10_000 - n)
}

/// A purchase order that has come as far as `status` says, begun `n` minutes ago.
pub(crate) fn run(n: u128, status: RunStatus) -> RunRead {
    let minutes = i64::try_from(n).unwrap();
    let began = -minutes * 60_000;
    let waits = status == RunStatus::Waiting;
    let mut steps = vec![line("assess", StepStatus::Success, began, Some(212))];
    if waits || status == RunStatus::Paused {
        steps.push(line("review", StepStatus::NeedsReview, began + 240, None));
    }
    let row = RunRow {
        run: nth(n),
        workflow: "purchase-order".into(),
        key: Some(format!("PO-{}", 9_900 + n)),
        status,
        step: (!status.is_final()).then(|| "review".into()),
        started_at: NOW.plus_ms(began),
        updated_at: NOW.plus_ms(began + 1_000),
        cost_micro_usd: 0,
        tokens: 0,
        packet: waits.then(|| packet_id(n)),
        timer: None,
    };
    let state = json!({"amount": "7850.00", "status": "Draft", "vendor": "Alpha Tech Systems"});
    RunRead {
        detail: RunDetail {
            packet: row.packet,
            row,
            definition: Digest::of(b"definition"),
            error: None,
            state: state.as_object().cloned().unwrap(),
            state_version: 2,
            steps,
            effects: Vec::new(),
        },
        effects: Vec::new(),
        graph: Ok(PURCHASE_ORDER.clone()),
        people: Vec::new(),
        tries: Vec::new(),
        unread: 0,
    }
}

/// A run that failed because its target refused the order.
pub(crate) fn failed(n: u128) -> RunRead {
    let mut read = run(n, RunStatus::Failed);
    let began = read.detail.row.started_at.ms_since(NOW);
    let message = "the target answered 422: the vendor <script> is blocked\u{202e}".to_owned();
    let mut commit = line("commit", StepStatus::Failed, began + 60_000, Some(3_204));
    commit.error = Some(message.clone());
    read.detail.steps.push(line(
        "review",
        StepStatus::Success,
        began + 240,
        Some(59_000),
    ));
    read.detail.steps.push(commit);
    read.detail.error = Some(RunError {
        code: "effect_refused".to_owned(),
        message: message.clone(),
    });
    let row = &read.detail.row;
    read.effects.push(EffectRow {
        idempotency_key: IdempotencyKey(Digest::of(b"key")),
        run: row.run,
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        state: EffectState::Refused,
        digest: Digest::of(b"effect"),
        operation: row.key.clone().unwrap(),
        amount: Some("7850.00 USD".parse().unwrap()),
        attempt: 1,
        updated_at: row.updated_at,
        error: Some(message),
        identity: None,
    });
    read.people.push(Deed {
        by: "MGR_JANE_DOE".to_owned(),
        at: row.updated_at,
        done: "approved".to_owned(),
        reason: Some("checked with the vendor".to_owned()),
    });
    read
}

fn five() -> Vec<RunRead> {
    let statuses = [
        RunStatus::Waiting,
        RunStatus::Paused,
        RunStatus::Succeeded,
        RunStatus::Waiting,
        RunStatus::Running,
    ];
    (1..)
        .zip(statuses)
        .map(|(n, status)| run(n, status))
        .collect()
}

fn refused(message: &str) -> Refusal {
    Refusal {
        code: "refused".to_owned(),
        message: message.to_owned(),
    }
}

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
fn pausing_needs_a_reason_and_y_on_the_buttons() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p tab y");
    runs.says("write a reason");
    assert!(runs.controls().is_empty());
    runs.press("shift-tab").write("look closer").press("enter");
    runs.press("space tab enter space");
    assert!(runs.controls().is_empty(), "enter and space never commit");
    runs.press("y");
    let Some(Request::Pause { run, reason, .. }) = runs.stage.asked.last() else {
        panic!("{:?}", runs.stage.asked);
    };
    assert_eq!((*run, reason.as_str()), (nth(1), "look closer"));
    runs.press("y y");
    assert_eq!(runs.controls().len(), 1, "it is on its way");
}

#[test]
fn enter_on_cancel_and_esc_leave() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why").press("tab enter");
    assert!(runs.stage.model.overlays.is_empty());
    runs.press("p").write("why").press("esc");
    assert!(runs.stage.model.overlays.is_empty() && runs.controls().is_empty());
}

#[test]
fn keys_typed_early_are_absorbed_and_begin_the_dead_time_anew() {
    let mut runs = Runs::with(80, 24, five());
    runs.stage.press_now("p");
    runs.stage.draw();
    for _ in 0..10 {
        runs.stage.wait(300);
        runs.stage.press_now("x");
    }
    runs.says("keys typed this early are ignored");
    runs.stage.wait(350);
    assert!(!runs.picture().contains("typed this early"));
    runs.stage.press_now("z");
    runs.says("reason  z");
}

#[test]
fn a_paste_writes_nothing_and_closes_what_it_opened() {
    let mut runs = Runs::with(80, 24, five());
    for key in ["p", "a", "b", "c", "d", "e", "f"] {
        runs.stage.press_now(key);
    }
    assert!(runs.stage.model.overlays.is_empty());
    runs.press("p");
    runs.stage.tell(Message::Pasted {
        text: "reason".to_owned(),
        at_ms: 99_000,
    });
    runs.says("pasted text is ignored");
    assert!(!runs.picture().contains("reason  reason"));
}

#[test]
fn a_control_that_cannot_work_now_says_why_and_opens_nothing() {
    for (keys, why) in [
        ("P", "not paused: there is nothing to resume"),
        ("O", "pause it first (p)"),
        ("j p", "paused already"),
        ("j p", "has ended (succeeded)"),
    ] {
        let mut runs = Runs::with(80, 24, five());
        if why.contains("ended") {
            runs.press("j");
        }
        runs.press(keys);
        runs.says(why);
        assert!(runs.stage.model.overlays.is_empty(), "{keys}");
    }
}

#[test]
fn a_value_is_json_where_it_is_json_and_text_where_it_is_not() {
    for (typed, value, said) in [
        ("78500", json!(78_500), "then 78500  a number"),
        ("Beta Ltd", json!("Beta Ltd"), "then \"Beta Ltd\"  a text"),
        ("\"12\"", json!("12"), "then \"12\"  a text"),
        ("{\"a\":1}", json!({"a": 1}), "an object"),
    ] {
        let mut runs = Runs::with(80, 24, five());
        runs.press("j O").write("amount");
        runs.says("now \"7850.00\"");
        runs.press("tab").write(typed);
        runs.says(said);
        runs.press("tab").write("typo").press("tab tab y");
        let sent = runs.stage.asked.iter().find_map(|request| match request {
            Request::Override { path, value, .. } => Some((path.clone(), value.clone())),
            _ => None,
        });
        assert_eq!(
            sent,
            Some(("amount".to_owned(), value)),
            "{}",
            runs.picture()
        );
    }
}

#[test]
fn a_value_that_means_two_things_is_not_sent() {
    for typed in ["{\"a\":1,\"a\":2}", "4999.99999999999999999"] {
        let mut runs = Runs::with(80, 24, five());
        runs.press("j O").write("amount").press("tab").write(typed);
        runs.press("tab").write("typo").press("tab y");
        assert!(runs.controls().is_empty(), "{typed}");
    }
}

#[test]
fn a_refusal_stays_in_the_dialog_in_full() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why").press("tab y");
    let ticket = runs.controls()[0];
    let message = "run 1 is paused already, by MGR_JOHN at 2026-11-21T14:00:00.000Z";
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Err(refused(message)),
    });
    runs.says("by MGR_JOHN at 2026-11-21T14:00:00.000Z");
    runs.press("y y");
    assert_eq!(runs.controls().len(), 1);
    runs.press("enter");
    assert!(runs.stage.model.overlays.is_empty());
}

#[test]
fn the_answer_tells_the_status_and_the_fate_of_every_effect() {
    let mut runs = Runs::with(140, 45, five());
    runs.press("p").write("why").press("tab y");
    let ticket = runs.controls()[0];
    let moved = RunMoved {
        run: nth(1),
        status: RunStatus::Paused,
        effects: vec![EffectFate {
            tool: "erp.commit_order".into(),
            fate: "not_sent",
            state: EffectState::Blocked,
            idempotency_key: IdempotencyKey(Digest::ZERO),
            can_be_undone: false,
        }],
    };
    runs.stage.tell(Message::Moved {
        ticket,
        outcome: Ok(moved),
    });
    assert!(runs.stage.model.overlays.is_empty());
    runs.says("PO-9901 is paused now; erp.commit_order not sent");
}

#[test]
fn a_dialog_on_a_run_that_ended_meanwhile_can_no_longer_commit() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("p").write("why");
    runs.put(run(1, RunStatus::Succeeded));
    runs.says("nothing left to pause");
    runs.press("tab y y");
    assert!(runs.controls().is_empty());
}

#[test]
fn controls_work_from_the_details_too() {
    let mut runs = Runs::with(80, 24, five());
    runs.press("tab p").write("why").press("tab y");
    assert_eq!(runs.controls().len(), 1);
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

#[test]
fn values_of_every_kind_find_their_old_ones() {
    let mut runs = Runs::with(80, 24, five());
    let mut held = run(2, RunStatus::Paused);
    held.detail.row.updated_at = NOW;
    held.detail.state = json!({
        "address": {"city": "Lyon"},
        "amount": {"currency": "USD", "minor": 785_000},
    })
    .as_object()
    .cloned()
    .unwrap();
    runs.put(held);
    runs.press("j O").write("address.city");
    runs.says("now \"Lyon\"");
    runs.write("x");
    runs.says("nothing stands there now");
    runs.press("ctrl-u").write("amount");
    runs.says("now 7 850.00 USD");
}
