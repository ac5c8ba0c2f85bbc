//! R16: every sync of the store takes five seconds, and somebody sits at the console.
//!
//! The console executes: it retries an order whose target is busy at first, passes the review
//! windows that end, and takes an approval seconds before that packet's window ends, so that its
//! COMMIT hangs across the end. Meanwhile navigation keys are pressed, and each is timed from the
//! press to the end of its picture; counted are those under a hanging sync alone, by strace's own
//! clock. In the end no timer may have overtaken a COMMIT: the approved packet was never escalated,
//! every other one was once, each try was made once, in order, and not before its time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::disk_faults::calls::done;
use crate::disk_faults::scene::{Scene, has, trace};
use crate::support::Outcome;
use crate::support::figures::percentile;
use crate::support::machine::epoch_s;
use crate::support::pty::Console;
use crate::{Ask, Found};

const SYNC_S: f64 = 5.0;
const SYNC_US: u32 = 5_000_000;
/// 99 of 100 keys are drawn within this time, however busy the machine is.
const DRAWN_MS: f64 = 100.0;
/// The review window, and how long before its end the approval's last key is pressed.
const WINDOW_S: f64 = 30.0;
const BEFORE_END_S: f64 = 2.0;
/// Times the order's target is busy: two retries, after 1 and 2 s.
const BUSY: u32 = 2;
/// Each of them changes the picture: to the runs, down, up, and back to the queue.
const KEYS: [&str; 4] = ["2", "j", "k", "1"];
/// Nothing is drawn for so long before a key is pressed, so that the picture after it is its own.
const QUIET: Duration = Duration::from_millis(20);
/// Longer than a dialog is deaf.
const DEAF: Duration = Duration::from_millis(1_100);
/// Between two letters of a quick typist.
const TYPED: Duration = Duration::from_millis(50);
/// How late the twin's pictures are.
const TWIN_DELAY_US: u32 = 150_000;
const SIZE: (u16, u16) = (140, 45);
const PATIENCE: Duration = Duration::from_mins(2);
/// Times the keys are pressed between two looks whether all has come to rest.
const ROUNDS_A_LOOK: usize = 20;

const WORKFLOW: &str = "workflow: slow-disk
intent: { purpose: Order once a person agreed., owner: operations, done_when: 'true' }
authority: { decide: [reviewer], window: 30s, escalate: [lead], silence: reject }
policy:
  - { id: person, when: 'true', then: ask, tier: routine }
scope: { agent: order-agent, tools: [erp.commit_order] }
meaning:
  state:
    type: object
    required: [po_id]
    properties: { po_id: { type: string, minLength: 1 } }
effects: { erp.commit_order: { limit: '100.00 USD' } }
budget: { steps: 10 }
steps:
  review: { gate: { covers: [commit], title: '${ state.po_id }' }, approved: commit, rejected: refuse }
  commit:
    tool: erp.commit_order
    args: { po_id: '${ state.po_id }', vendor: Alpha, amount: { minor: 1000, currency: USD } }
    amount: '10.00 USD'
    operation: '${ state.po_id }'
    next: end
  refuse: { compute: {}, end: rejected }
";

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    if !has("strace", "-V") {
        return Ok(Found::Skipped("needs strace"));
    }
    let scene = Scene::new(ask.common)?;
    let store = scene.home.path().join("R16.db");
    let opened = epoch_s()?;
    given(&scene, &store, ask.n)?;
    let mut console = open(ask, &scene, &store)?;
    console.until(&format!("Queue {}", ask.n + 1), PATIENCE)?;
    scene.fault("status_503", (BUSY, 0))?;
    order(&scene, &store)?;

    let mut keys = Vec::new();
    let approve_at = opened + WINDOW_S - BEFORE_END_S;
    if epoch_s()? + 5.0 > approve_at {
        return Ok(Found::Skipped(
            "needs a machine that opens the console sooner",
        ));
    }
    while epoch_s()? + 4.0 < approve_at {
        press(&mut console, &mut keys)?;
    }
    approve(&mut console, approve_at)?;
    while !at_rest(&scene, &store)? {
        for _ in 0..ROUNDS_A_LOOK {
            press(&mut console, &mut keys)?;
        }
        if epoch_s()? > opened + WINDOW_S + PATIENCE.as_secs_f64() {
            return Err("it does not come to rest".into());
        }
    }
    console.end()?;
    judge(&scene, &store, (&keys, ask.n))
}

/// A key: when it was pressed, and milliseconds until its picture stood.
struct Key {
    at: f64,
    ms: f64,
}

/// Packets that wait, opened on a sound disk.
fn given(scene: &Scene, store: &Path, unanswered: usize) -> Outcome<()> {
    let workflow = scene.home.path().join("slow-disk.yaml");
    std::fs::write(&workflow, WORKFLOW)?;
    let rows: Vec<Value> = (0..=unanswered)
        .map(|index| json!({"po_id": format!("R16-{index}")}))
        .collect();
    let input = scene.home.path().join("R16.json");
    std::fs::write(&input, Value::from(rows).to_string())?;
    let (workflow, input) = (workflow.to_string_lossy(), input.to_string_lossy());
    let told = scene.tell(store, &["start", &workflow, "--input", &input])?;
    if told.status != Some(0) {
        return Err(told.stderr.into());
    }
    Ok(())
}

/// The console under strace, on a disk that takes its time.
fn open(ask: &Ask<'_>, scene: &Scene, store: &Path) -> Outcome<Console> {
    let mut injects = vec![format!("fsync,fdatasync:delay_enter={SYNC_US}")];
    if ask.twin {
        injects.push(format!("write:delay_enter={TWIN_DELAY_US}"));
    }
    let command = scene.console(store, &injects, ask.twin);
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    let home = format!("HOME={}", scene.home.path().display());
    let mut args = vec!["-u", "XDG_STATE_HOME", &home];
    args.extend(words.iter().map(String::as_str));
    Console::start(Path::new("env"), &args, SIZE)
}

/// An order that the console drives, and whose target is busy.
fn order(scene: &Scene, store: &Path) -> Outcome<()> {
    let input = scene.home.path().join("order.json");
    let row = json!({"po_id": "R16-order", "vendor": "Alpha Tech Systems", "amount": 1});
    std::fs::write(&input, row.to_string())?;
    let input = input.to_string_lossy();
    let told = scene.tell(
        store,
        &["start", "purchase-order", "--detach", "--input", &input],
    )?;
    if told.status != Some(0) {
        return Err(told.stderr.into());
    }
    Ok(())
}

/// Presses each key once and times its picture.
fn press(console: &mut Console, keys: &mut Vec<Key>) -> Outcome<()> {
    for key in KEYS {
        while console.picture(QUIET)?.is_some() {}
        let at = epoch_s()?;
        let pressed = console.press(key)?;
        let picture = console
            .picture(PATIENCE)?
            .ok_or("no picture came for a key")?;
        let ms = picture.at.duration_since(pressed).as_secs_f64() * 1e3;
        keys.push(Key { at, ms });
    }
    Ok(())
}

/// Approves the packet under the cursor; the last key falls at `at`.
fn approve(console: &mut Console, at: f64) -> Outcome<()> {
    console.press("a")?;
    console.until("APPROVE", PATIENCE)?;
    console.quiet(DEAF)?;
    for letter in ["p", "a", "i", "d", "\t"] {
        console.press(letter)?;
        console.quiet(TYPED)?;
    }
    console.until("paid", PATIENCE)?;
    let left = at - epoch_s()?;
    console.quiet(Duration::from_secs_f64(left.max(0.0)))?;
    console.press("y")?;
    // A key behind it would take it back.
    console.until("on its way", PATIENCE)?;
    Ok(())
}

/// Tells whether every run has ended.
fn at_rest(scene: &Scene, store: &Path) -> Outcome<bool> {
    let told = scene.tell(store, &["runs", "list"])?;
    let rows = told.lines.first().and_then(Value::as_array);
    let rows = rows.ok_or_else(|| told.stderr.clone())?;
    Ok(rows.iter().all(|row| {
        let status = row
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default();
        ["succeeded", "rejected", "failed", "dead_lettered"].contains(&status)
    }))
}

fn judge(scene: &Scene, store: &Path, (keys, unanswered): (&[Key], usize)) -> Outcome<Found> {
    let syncs = syncs(store)?;
    let under: Vec<f64> = keys
        .iter()
        .filter(|key| syncs.iter().any(|at| *at < key.at && key.at < at + SYNC_S))
        .map(|key| key.ms)
        .collect();
    let mut broken = timers(scene, store, unanswered)?;
    let slowest = percentile(&under, 1.0);
    let late = under.iter().filter(|ms| **ms >= DRAWN_MS).count();
    let p99 = percentile(&under, 0.99);
    if p99 >= DRAWN_MS {
        broken.push(format!(
            "{late} keys were drawn after {DRAWN_MS} ms or more"
        ));
    }
    let told = format!(
        "{} keys under {} hanging syncs: drawn after p50 {:.1} ms, p99 {p99:.1} ms, at most {slowest:.1} ms, \
         {late} after {DRAWN_MS} ms or more; \
         no window and no retry overtook a commit",
        under.len(),
        syncs.len(),
        percentile(&under, 0.5),
    );
    Ok(done(told, broken, under.len()))
}

/// When each sync began, in seconds since the epoch.
fn syncs(store: &Path) -> Outcome<Vec<f64>> {
    let text = std::fs::read_to_string(trace(store))?;
    let syncs = text
        .lines()
        .filter(|line| line.contains("sync(") && line.contains("(DELAYED)"));
    // Its process stands first.
    let at = |line: &str| line.split_whitespace().nth(1).map(str::parse);
    Ok(syncs.filter_map(at).collect::<Result<Vec<f64>, _>>()?)
}

/// What the journal says that no timer may do.
fn timers(scene: &Scene, store: &Path, unanswered: usize) -> Outcome<Vec<String>> {
    let mut broken = Vec::new();
    if scene.tell(store, &["audit", "verify"])?.status != Some(0) {
        broken.push("it does not verify".to_owned());
    }
    let told = scene.tell(store, &["audit", "list", "--limit", "10000"])?;
    let events = told.lines.first().and_then(Value::as_array).cloned();
    let events = events.ok_or(told.stderr)?;
    let answered = |event: &&Value| text(event, "/body/status") == "approved";
    let closed: Vec<&Value> = of_kind(&events, "packet_closed").collect();
    let approved: Vec<&str> = closed
        .iter()
        .copied()
        .filter(answered)
        .map(|event| text(event, "/run"))
        .collect();
    if approved.len() != 1 {
        broken.push(format!("{} packets were approved", approved.len()));
    }
    let mut first = windows(&events, "packet_opened");
    first.retain(|run, _| !approved.contains(run));
    if first.len() != unanswered {
        broken.push(format!("{} packets were not answered", first.len()));
    }
    let escalated: Vec<&Value> = of_kind(&events, "packet_escalated").collect();
    if !in_due_order(&escalated, &first) {
        broken.push("not each unanswered packet was escalated once, in due order".to_owned());
    }
    let expired: Vec<&Value> = closed
        .into_iter()
        .filter(|event| !answered(event))
        .collect();
    if !in_due_order(&expired, &windows(&events, "packet_escalated")) {
        broken.push("not each unanswered packet expired once, in due order".to_owned());
    }
    broken.extend(retries(&events));
    let ledger = scene.ledger()?;
    if ledger.len() != 2 || ledger.values().any(|times| *times != 1) {
        broken.push(format!("the ledger holds {ledger:?}"));
    }
    Ok(broken)
}

/// The order's tries: each once, none before its time.
fn retries(events: &[Value]) -> Vec<String> {
    let mut broken = Vec::new();
    let order = of_kind(events, "effect_deferred")
        .next()
        .map_or("", |event| text(event, "/run"));
    let mut due = "";
    let mut tries = 0;
    for event in events.iter().filter(|event| text(event, "/run") == order) {
        match text(event, "/kind") {
            "effect_intended" => {
                tries += 1;
                let attempt = event.pointer("/body/attempt").and_then(Value::as_u64);
                if attempt != Some(tries) {
                    broken.push(format!("try {tries} is called {attempt:?}"));
                }
                if text(event, "/at") < due {
                    broken.push(format!("try {tries} was due {due} and made before"));
                }
            }
            "effect_deferred" => due = text(event, "/body/retry_at"),
            _ => {}
        }
    }
    if tries != u64::from(BUSY) + 1 {
        broken.push(format!("the order was tried {tries} times"));
    }
    broken
}

fn of_kind<'a>(events: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    events
        .iter()
        .filter(move |event| text(event, "/kind") == kind)
}

/// When the windows of these runs' packets end.
fn windows<'a>(events: &'a [Value], kind: &'a str) -> BTreeMap<&'a str, &'a str> {
    of_kind(events, kind)
        .map(|event| (text(event, "/run"), text(event, "/body/due_at")))
        .collect()
}

/// Tells whether what happened to each of these runs happened once, after its time, and the one
/// that was due first first.
fn in_due_order(happened: &[&Value], due: &BTreeMap<&str, &str>) -> bool {
    let due_of = |event: &&Value| due.get(text(event, "/run")).copied();
    let at: Option<Vec<&str>> = happened.iter().map(due_of).collect();
    let runs: BTreeSet<&str> = happened.iter().map(|event| text(event, "/run")).collect();
    happened.len() == due.len()
        && runs.len() == due.len()
        && at.is_some_and(|at| at.is_sorted())
        && happened
            .iter()
            .all(|event| due_of(event).is_some_and(|due| text(event, "/at") >= due))
}

fn text<'a>(value: &'a Value, place: &str) -> &'a str {
    value
        .pointer(place)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
