//! Alerts under the cursor, and taking note of them.

use countersign::console::message::{AlertsNews, Message, Refusal, RunsNews};
use countersign::console::model::{Focus, Screen};
use countersign::console::overlays::Overlay;
use countersign::console::request::{Request, Ticket};
use countersign::domain::{
    AlertId, AlertKind, AlertStatus, PacketStatus, RunStatus, Tier, Timestamp,
};
use countersign::views::AlertRow;
use serde_json::json;
use uuid::Uuid;

use crate::run_stage::run;
use crate::stage::{NOW, Stage, closed, order, run_id};
use crate::stray_keys::Numbers;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A stage whose store holds alerts.
pub(crate) struct Alerts {
    pub(crate) stage: Stage,
}

impl Alerts {
    /// The screen of alerts over these, with three packets open.
    pub(crate) fn with(columns: u16, rows: u16, alerts: Vec<AlertRow>) -> Self {
        let orders = (1..=3).map(|n| order(n, Tier::Routine, "7850.00"));
        let stage = Stage::with(columns, rows, orders.collect());
        let mut console = Self { stage };
        console.news(true, alerts);
        console.press("4");
        console
    }

    pub(crate) fn news(&mut self, whole: bool, rows: Vec<AlertRow>) {
        self.stage.tell(Message::Alerts(AlertsNews { whole, rows }));
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        self.stage.press(keys);
        self.stage.draw();
        self
    }

    fn write(&mut self, text: &str) -> &mut Self {
        self.stage.wait(1_100);
        self.stage.write(text);
        self
    }

    pub(crate) fn picture(&self) -> String {
        self.stage.picture()
    }

    pub(crate) fn says(&self, words: &str) {
        let picture = self.picture();
        assert!(picture.contains(words), "{words}: {picture}");
    }

    pub(crate) fn keeps_quiet_about(&self, words: &str) {
        let picture = self.picture();
        assert!(!picture.contains(words), "{words}: {picture}");
    }

    /// What was told to the engine.
    fn told(&self) -> Vec<(Ticket, AlertId, Option<String>)> {
        let told = self.stage.asked.iter().filter_map(|request| match request {
            Request::Acknowledge {
                ticket,
                alert,
                reason,
            } => Some((*ticket, *alert, reason.clone())),
            _ => None,
        });
        told.collect()
    }

    fn selected(&self) -> Option<AlertId> {
        self.stage.model.alerts.rows.list.selected
    }

    /// The line of the screen on which the cursor stands.
    fn line(&self) -> usize {
        let picture = self.picture();
        picture.lines().position(|line| line.contains('▌')).unwrap()
    }
}

pub(crate) fn alert_id(n: u128) -> AlertId {
    AlertId(Uuid::from_u128(
        0x0196_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

/// The clock went on by 30 days, 12 minutes ago.
pub(crate) fn jump(n: u128) -> AlertRow {
    let at = NOW.plus_ms(-30 * DAY_MS - 12 * MINUTE_MS);
    AlertRow {
        alert: alert_id(n),
        kind: AlertKind::ClockJump,
        subject: String::new(),
        run: None,
        step: None,
        message: "The clock is 2592000 s ahead of the time that has passed since it was last \
                  read. Review windows stand still until a person has looked at the clock and \
                  acknowledged this."
            .to_owned(),
        evidence: json!({
            "expected": at,
            "said": at.plus_ms(30 * DAY_MS),
            "off_ms": 30 * DAY_MS,
            "seen": "while running",
        }),
        status: AlertStatus::Open,
        at,
        acknowledged_by: None,
        acknowledged_at: None,
        reason: None,
    }
}

/// A target that kept failing, `n` minutes ago.
pub(crate) fn breaker(n: u128) -> AlertRow {
    AlertRow {
        kind: AlertKind::BreakerOpen,
        subject: "erp".to_owned(),
        message: "`erp` failed 5 times in a row, at last with status_503. It is tried once every \
                  10000 ms; meanwhile nothing else but probes is sent to it."
            .to_owned(),
        evidence: json!({"target": "erp", "failures": 5, "last": "status_503"}),
        at: NOW.plus_ms(-i64::try_from(n).unwrap() * MINUTE_MS),
        ..jump(n)
    }
}

/// A run that cannot be read, since `n` minutes.
pub(crate) fn set_aside(n: u128) -> AlertRow {
    let run = run_id(n);
    AlertRow {
        kind: AlertKind::RunSetAside,
        subject: run.to_string(),
        run: Some(run),
        message: format!(
            "Run {run} is not driven: the state of run {run} does not match the journal. The \
             others go on, and nothing of it is sent."
        ),
        evidence: json!({"run": run.to_string()}),
        ..breaker(n)
    }
}

/// The alert as somebody left it, so many minutes ago.
pub(crate) fn acknowledged(row: &AlertRow, by: &str, minutes: i64) -> AlertRow {
    AlertRow {
        status: AlertStatus::Acknowledged,
        acknowledged_by: Some(by.to_owned()),
        acknowledged_at: Some(NOW.plus_ms(-minutes * MINUTE_MS)),
        reason: Some("NTP is back".to_owned()),
        ..row.clone()
    }
}

fn refusal(message: &str) -> Refusal {
    Refusal {
        code: "runtime".to_owned(),
        message: message.to_owned(),
    }
}

#[test]
fn the_gravest_open_one_comes_first_and_what_was_acknowledged_last() {
    let alerts = vec![
        acknowledged(&breaker(90), "MGR_JOHN", 80),
        acknowledged(&breaker(70), "MGR_JOHN", 10),
        breaker(30),
        breaker(41),
        jump(1),
        set_aside(50),
    ];
    let console = Alerts::with(120, 40, alerts);
    let listed: Vec<AlertId> = console.stage.model.alerts.rows.list.iter().collect();
    let expected = [1, 50, 41, 30, 70, 90].map(alert_id);
    assert_eq!(listed, expected);
    console.says("4 Alerts 4");
}

#[test]
fn a_clock_jump_is_acknowledged_with_how_one_knows() {
    let mut console = Alerts::with(80, 24, vec![jump(1)]);
    console.press("a");
    console.says("You state that the clock is right: 2026-11-21T14:00:02Z");
    console.says("3 windows held");
    console.press("tab tab y");
    console.says("write how you know");
    assert_eq!(console.told(), []);
    console.press("tab").write("compared with time.nist.gov");
    console.press("tab tab y");
    let (ticket, alert, reason) = console.told().remove(0);
    assert_eq!(alert, alert_id(1));
    assert_eq!(reason.as_deref(), Some("compared with time.nist.gov"));
    console.says("on its way");
    let row = acknowledged(&jump(1), "MGR_JANE_DOE", 0);
    console.stage.tell(Message::Acknowledged {
        ticket,
        outcome: Ok(Box::new(row)),
    });
    console.stage.draw();
    console.says("acknowledged: clock jumped; review windows pass again by this clock");
    console.says("ack MGR_JANE_DOE");
    assert!(console.stage.model.overlays.is_empty());
}

#[test]
fn windows_that_are_past_by_the_clock_are_counted() {
    let mut console = Alerts::with(140, 45, vec![jump(1)]);
    console.says("3 windows held");
    // Two of three are due within two hours.
    console.stage.wait(2 * 3_600_000 + 1_000);
    console.stage.draw();
    console.says("3 windows held, 2 past by this clock");
    console.stage.put(closed(
        &order(1, Tier::Routine, "7850.00"),
        PacketStatus::Rejected,
        "MGR_JOHN",
    ));
    console.stage.draw();
    console.says("2 windows held, 1 past by this clock");
}

#[test]
fn a_target_that_fails_is_taken_note_of_without_words() {
    let mut console = Alerts::with(80, 24, vec![breaker(3)]);
    console.press("a");
    console.says("Nothing is let through and nothing is sent by");
    console.press("tab tab y");
    assert_eq!(console.told().len(), 1);
    assert_eq!(console.told()[0].2, None);
}

#[test]
fn enter_space_and_early_keys_acknowledge_nothing() {
    let mut console = Alerts::with(80, 24, vec![breaker(3)]);
    for keys in [
        "enter",
        "space",
        "y",
        "a enter",
        "a tab tab enter",
        "a tab tab space",
    ] {
        console.press(keys);
        console.press("esc esc");
        assert_eq!(console.told(), [], "{keys}");
    }
    // A clock jump's dialog is deaf for a second after it was seen.
    let mut console = Alerts::with(80, 24, vec![jump(1)]);
    console.press("a");
    console.stage.wait(500);
    console.stage.press_now("x");
    let Some(Overlay::Acknowledge(dialog)) = console.stage.model.overlays.last() else {
        panic!("{}", console.picture());
    };
    assert_eq!(dialog.reason(), None);
}

#[test]
fn a_paste_is_no_reason_and_no_answer() {
    let mut console = Alerts::with(80, 24, vec![breaker(3)]);
    console.press("a tab tab");
    let at_ms = console.stage.at_ms();
    console.stage.tell(Message::Pasted {
        text: "y".to_owned(),
        at_ms,
    });
    console.stage.wait(2_000);
    console.says("pasted text is ignored here");
    assert_eq!(console.told(), []);
}

#[test]
fn who_comes_second_is_told_who_was_first() {
    // While the dialog is open.
    let mut console = Alerts::with(80, 24, vec![jump(1)]);
    console.press("a").write("looked");
    console.news(false, vec![acknowledged(&jump(1), "MGR_JOHN", 0)]);
    console.stage.draw();
    console.says("MGR_JOHN was first: it was acknowledged at 2026-11-21T14:00:00");
    console.says("Nothing was done.");
    console.press("tab tab y esc");
    assert_eq!(console.told(), []);
    // Once more on what is acknowledged.
    console.press("a");
    console.says("MGR_JOHN was first");
    assert!(console.stage.model.overlays.is_empty());
    // While the answer is on its way.
    let mut console = Alerts::with(80, 24, vec![jump(1)]);
    console.press("a").write("looked");
    console.press("tab tab y");
    let (ticket, ..) = console.told().remove(0);
    console.news(false, vec![acknowledged(&jump(1), "MGR_JOHN", 0)]);
    let said = "alert 0196 was already acknowledged by MGR_JOHN at 2026-11-21T14:00:00Z";
    console.stage.tell(Message::Acknowledged {
        ticket,
        outcome: Err(refusal(said)),
    });
    console.stage.draw();
    console.says("already acknowledged by MGR_JOHN");
}

#[test]
fn what_was_answered_stays_under_the_cursor_and_is_not_asked_again() {
    let mut console = Alerts::with(80, 24, vec![breaker(3), breaker(2)]);
    console.press("a tab tab y");
    let (ticket, ..) = console.told().remove(0);
    let row = acknowledged(&breaker(3), "MGR_JANE_DOE", 0);
    console.stage.tell(Message::Acknowledged {
        ticket,
        outcome: Ok(Box::new(row)),
    });
    console.stage.draw();
    assert_eq!(
        console.selected(),
        Some(alert_id(3)),
        "it stays where it is"
    );
    console.press("a");
    console.says("MGR_JANE_DOE was first");
    console.press("j");
    let first = console.stage.model.alerts.rows.list.first();
    assert_eq!(first, Some(alert_id(2)), "what is open comes first again");
}

#[test]
fn nothing_moves_under_the_cursor_while_one_is_under_review() {
    let mut console = Alerts::with(120, 40, vec![breaker(30), breaker(20)]);
    console.press("j");
    let (selected, line) = (console.selected(), console.line());
    assert_eq!(selected, Some(alert_id(20)));
    console.press("a");
    console.news(false, vec![jump(1), breaker(60)]);
    console.stage.draw();
    assert_eq!((console.selected(), console.line()), (selected, line));
    console.says("2 new (gg)");
    console.press("esc");
    assert_eq!(console.selected(), selected);
    console.press("g g");
    assert_eq!(console.selected(), Some(alert_id(1)));
    // Acknowledged elsewhere under the cursor it stays until the cursor leaves it.
    console.news(false, vec![acknowledged(&jump(1), "MGR_JOHN", 0)]);
    assert_eq!(
        console.stage.model.alerts.rows.list.first(),
        Some(alert_id(1))
    );
    console.press("j");
    assert_ne!(
        console.stage.model.alerts.rows.list.first(),
        Some(alert_id(1))
    );
}

#[test]
fn o_shows_the_run_of_the_alert_or_says_that_there_is_none() {
    let row = run(3, RunStatus::Running).detail.row;
    let mut stands = set_aside(3);
    stands.run = Some(row.run);
    let mut console = Alerts::with(120, 40, vec![jump(1), stands]);
    console.press("o");
    console.says("belongs to no run");
    let stuck = row.run;
    console.stage.tell(Message::Runs(RunsNews {
        whole: true,
        of: None,
        counts: vec![("running".to_owned(), 1)],
        rows: vec![row],
    }));
    console.press("j o");
    assert_eq!(console.stage.model.screen, Screen::Runs);
    assert_eq!(console.stage.model.runs.list.selected, Some(stuck));
}

#[test]
fn the_filter_narrows_by_words_and_fields() {
    let alerts = vec![
        jump(1),
        breaker(30),
        acknowledged(&breaker(70), "MGR_JOHN", 10),
    ];
    for (filter, left) in [
        ("clock", vec![1]),
        ("kind:clock_jump", vec![1]),
        ("status:open", vec![1, 30]),
        ("about:erp", vec![30, 70]),
        ("by:john", vec![70]),
        ("severity:warning !status:open", vec![70]),
    ] {
        let mut console = Alerts::with(120, 40, alerts.clone());
        console.press("/").write(filter).press("enter");
        let listed: Vec<AlertId> = console.stage.model.alerts.rows.list.iter().collect();
        let expected: Vec<AlertId> = left.into_iter().map(alert_id).collect();
        assert_eq!(listed, expected, "{filter}");
    }
    let mut console = Alerts::with(120, 40, alerts);
    console.press("/").write("zzz");
    console.says("Nothing matches zzz");
    console.press("esc");
    assert_eq!(console.stage.model.alerts.rows.list.len(), 3);
}

#[test]
fn an_empty_screen_says_why() {
    let console = Alerts::with(80, 24, Vec::new());
    console.says("No alerts: the clock goes as it should");
    console.keeps_quiet_about("4 Alerts 0");
}

#[test]
fn the_details_scroll_and_stay_where_they_were_when_something_changes() {
    let mut console = Alerts::with(80, 20, vec![jump(1)]);
    console.press("enter ctrl-d");
    assert_eq!(console.stage.model.focus, Focus::Detail);
    let top = console.stage.model.alerts.sheet.top;
    assert!(top > 0);
    console.news(false, vec![breaker(3)]);
    console.stage.draw();
    assert_eq!(console.stage.model.alerts.sheet.top, top);
    assert_eq!(console.selected(), Some(alert_id(1)));
}

#[test]
fn a_dialog_that_does_not_fit_answers_nothing() {
    let mut console = Alerts::with(40, 12, vec![jump(1)]);
    console.press("a").write("looked").press("tab tab y");
    console.says("too small");
    assert_eq!(console.told(), []);
}

#[test]
fn bursts_of_keys_acknowledge_nothing() {
    const KEYS: [&str; 16] = [
        "a", "y", "enter", "space", "tab", "down", "j", "k", "esc", "o", "4", "g", "G", "right",
        "left", "n",
    ];
    for seed in 0..200 {
        let mut numbers = Numbers(seed);
        let mut console = Alerts::with(80, 24, vec![breaker(3), jump(1)]);
        for _ in 0..12 {
            let key = KEYS[usize::try_from(numbers.below(16)).unwrap()];
            console.stage.wait(numbers.below(120));
            console.stage.press_now(key);
            console.stage.draw();
        }
        assert_eq!(console.told(), []);
    }
}

#[test]
fn an_older_row_has_no_number_to_show() {
    let mut row = jump(1);
    row.evidence = json!("the clock");
    row.at = Timestamp(0);
    let console = Alerts::with(80, 24, vec![row]);
    console.says("clock jumped");
}

#[test]
fn a_clock_that_jumped_is_said_on_every_screen_until_it_is_acknowledged() {
    for (columns, words) in [
        (
            120,
            "!! clock jumped +30d00h at 13:48: no window passes until it is acknowledged (4)",
        ),
        (
            80,
            "!! clock jumped +30d00h at 13:48: no window passes until it is acknowledged (4)",
        ),
        (60, "!! clock jumped +30d00h: no window passes (4)"),
        (40, "!! clock +30d00h: windows held (4)"),
    ] {
        let mut console = Alerts::with(columns, 24, vec![jump(1)]);
        for screen in ["1", "2", "3", "4", "5"] {
            console.press(screen);
            console.says(words);
        }
        console.news(false, vec![acknowledged(&jump(1), "MGR_JOHN", 0)]);
        console.stage.draw();
        console.keeps_quiet_about("!! clock");
    }
    // Its row is there on the smallest screen too.
    let console = Alerts::with(40, 12, vec![jump(1)]);
    console.says("!! clock +30d00h: windows held (4)");
}

#[test]
fn the_line_about_the_clock_moves_no_row_and_waits_for_a_dialog() {
    for (columns, rows) in [(80, 24), (140, 45), (60, 20)] {
        let mut console = Alerts::with(columns, rows, Vec::new());
        console.press("1 j");
        let (line, selected) = (console.line(), console.stage.selected());
        console.press("r");
        let dialog = console.picture();
        console.news(false, vec![jump(1)]);
        console.stage.draw();
        let without_tabs = |picture: &str| {
            let lines = picture.lines().skip(1).map(str::to_owned);
            lines.collect::<Vec<String>>()
        };
        assert_eq!(without_tabs(&console.picture()), without_tabs(&dialog));
        console.press("esc");
        console.says("!! clock jumped");
        assert_eq!((console.line(), console.stage.selected()), (line, selected));
        // It goes no sooner either.
        console.press("r");
        let dialog = console.picture().lines().count();
        console.news(false, vec![acknowledged(&jump(1), "MGR_JOHN", 0)]);
        console.stage.draw();
        assert_eq!(console.picture().lines().count(), dialog);
        assert_eq!(console.line(), line);
        console.press("esc");
        console.keeps_quiet_about("clock jumped");
        assert_eq!((console.line(), console.stage.selected()), (line, selected));
    }
}

#[test]
fn a_target_that_fails_has_no_line_on_other_screens() {
    let mut console = Alerts::with(80, 24, vec![breaker(3)]);
    console.press("1");
    assert!(!console.stage.model.banner);
}
