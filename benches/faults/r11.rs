//! R11: a process that dies while it recovers, again and again, on a store of many runs.
//!
//! A job is killed in its middle. Then it is started and killed, every time 5 to 200 ms after its
//! start, while the target answers so late that it gets no further than its recovery. At last it
//! is left alone. Its runs must end as those of a job that nobody disturbed, at a sandbox of its
//! own, for the same orders: the same states, and the same effects, but for ids and times.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use countersign::runtime::Drive;
use countersign::store::RunFilter;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Ask;
use crate::faults::chance::Chance;
use crate::faults::go_between::Manner;
use crate::faults::inside::{self, Hands};
use crate::faults::ledger::held;
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;
use crate::support::figures::{median, percentile, short};
use crate::support::machine::{Stopwatch, flush_p50_ms, pause};

/// Orders of the job that dies.
const ROWS: usize = 300;
/// Lines after which it is killed first.
const LINES: usize = 100;
/// Waiting runs that the store holds for each crash: 10,000 for 50.
const STORED_A_CRASH: usize = 200;
/// When a recovering process is killed, in milliseconds after its start.
const KILL_MS: (u64, u64) = (5, 200);
/// Later than any of them is killed.
const ANSWER_MS: u64 = 2_000;
const STRIKES: usize = 1_000_000;
/// Starts whose first event is waited for.
const STARTS: usize = 5;
/// In which a started process has written its first event.
const READY_MS: f64 = 2_000.0;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let undisturbed = undisturbed(ask)?;
    let scene = Scene::set(ask)?;
    if ask.twin {
        scene.between.behave(Manner::ForgetsKeys);
    }
    let stored = ask.n * STORED_A_CRASH;
    let (input, due) = orders(&scene, "job", 0)?;
    store_runs(&scene, stored)?;
    let start = start(&input);
    let mut first = scene.spawn(&start)?;
    if !first.wait_for_line(LINES) {
        return Err("the job ended before it could be killed".into());
    }
    let (killed, _) = first.kill()?;
    let delay = (STRIKES, ANSWER_MS);
    scene.fault(("erp", "commit_order"), "delay", delay)?;
    let mut chance = Chance::new(ask.seed);
    let mut crashes = usize::from(killed);
    while crashes <= ask.n {
        let mut process = scene.spawn(&start)?;
        process.wait_ms(chance.within(KILL_MS.0, KILL_MS.1));
        let (killed, _) = process.kill()?;
        if !killed {
            return Err("it recovered and ended before it could be killed".into());
        }
        crashes += 1;
    }
    let ready = ready(&scene, &start)?;
    scene.clear_faults()?;
    let told = scene.call(&start)?;
    if told.status != Some(0) {
        return Err(format!("left alone it failed: {}", told.stderr).into());
    }
    let ends = ends(&scene)?;
    let differ = undisturbed
        .iter()
        .filter(|(key, end)| ends.get(*key) != Some(end));
    let stands = held(&scene.ledger_after(0)?, &due);
    let mut tally = Tally::default();
    tally.need("crashes inside recovery", crashes - 1, ask.n);
    tally.note(format!("{stored} stored runs, {ROWS} orders recovered"));
    tally.caught("runs not as undisturbed", differ.count());
    tally.note(format!(
        "states {} undisturbed {}",
        digest(&ends),
        digest(&undisturbed)
    ));
    tally.need("effects", stands.done, ROWS - stands.lost);
    tally.none("lost", stands.lost);
    tally.caught("double", stands.double);
    tally.none("broken journals", usize::from(!scene.verifies()?));
    tally.note(format!(
        "ready after {} ms, at most {} ms (flush {:.2} ms)",
        short(median(&ready)),
        short(percentile(&ready, 1.0)),
        flush_p50_ms(scene.folder.path())?
    ));
    let slow = ready.iter().filter(|ms| **ms > READY_MS).count();
    tally.none("starts ready after 2 s", slow);
    scene.end()?;
    Ok(tally)
}

/// How the runs of a job end that nobody disturbs. The twin's orders are not quite the same.
fn undisturbed(ask: &Ask<'_>) -> Outcome<BTreeMap<String, String>> {
    let scene = Scene::set(ask)?;
    let (input, _) = orders(&scene, "job", usize::from(ask.twin))?;
    let told = scene.call(&start(&input))?;
    if told.status != Some(0) {
        return Err(format!("the undisturbed job failed: {}", told.stderr).into());
    }
    let ends = ends(&scene)?;
    scene.end()?;
    Ok(ends)
}

/// Fills the store with runs that wait for a person.
fn store_runs(scene: &Scene, count: usize) -> Outcome<()> {
    let mut rows = "po_number,vendor,amount_usd\n".to_owned();
    for row in 0..count {
        writeln!(rows, "STORED-{row},Alpha Tech Systems,7850")?;
    }
    let path = scene.file("stored.csv", &rows)?.display().to_string();
    let told = scene.call(&start(&path))?;
    match told.status {
        Some(0) => Ok(()),
        status => Err(format!("exit status {status:?}: {}", told.stderr).into()),
    }
}

/// Orders that pass alone, `more` cents dearer.
fn orders(scene: &Scene, name: &str, more: usize) -> Outcome<(String, BTreeSet<String>)> {
    let mut rows = "po_number,vendor,amount_usd\n".to_owned();
    let mut due = BTreeSet::new();
    for row in 0..ROWS {
        let number = format!("JOB-{row}");
        writeln!(rows, "{number},Alpha Tech Systems,{}.{:02}", row + 1, more)?;
        due.insert(number);
    }
    let path = scene.file(&format!("{name}.csv"), &rows)?;
    Ok((path.display().to_string(), due))
}

fn start(path: &str) -> [&str; 6] {
    [
        "start",
        "purchase-order",
        "--key",
        "po_number",
        "--input",
        path,
    ]
}

/// Milliseconds from a process's start to its first durable event, several times.
fn ready(scene: &Scene, start: &[&str]) -> Outcome<Vec<f64>> {
    let conn = Connection::open_with_flags(&scene.store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    let last = || -> Outcome<i64> {
        Ok(conn.query_row("SELECT max(seq) FROM events", [], |row| row.get(0))?)
    };
    let mut spans = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let before = last()?;
        let watch = Stopwatch::start();
        let process = scene.spawn(start)?;
        while last()? == before {
            if watch.ms() > READY_MS * 10.0 {
                return Err("a started process recovered nothing".into());
            }
            pause(1);
        }
        spans.push(watch.ms());
        process.kill()?;
    }
    Ok(spans)
}

/// How each run of the job ended, by its key, without what differs by nature.
fn ends(scene: &Scene) -> Outcome<BTreeMap<String, String>> {
    let runtime = crate::support::exchange::runtime()?;
    runtime.block_on(async {
        let clock = Hands::begin()?;
        let handle = inside::open(scene, Path::new(&scene.store), &clock, Drive::Nothing).await?;
        let mut ends = BTreeMap::new();
        for row in handle.runs(&RunFilter {
            newest_first: true,
            limit: Some(u32::try_from(ROWS)?),
            ..RunFilter::default()
        })? {
            let run = handle.run(row.run)?;
            let effects: Vec<Value> = run
                .effects
                .iter()
                .map(|effect| json!([effect.tool, effect.state]))
                .collect();
            let steps: BTreeMap<String, Value> = run
                .steps
                .iter()
                .map(|step| (step.step.to_string(), json!(step.status)))
                .collect();
            let end = json!([run.row.status, run.state, effects, steps]);
            ends.insert(run.row.key.unwrap_or_default(), end.to_string());
        }
        handle.shutdown().await?;
        Ok(ends)
    })
}

fn digest(ends: &BTreeMap<String, String>) -> String {
    let mut digest = Sha256::new();
    for (key, end) in ends {
        digest.update(format!("{key} {end}\n"));
    }
    let mut hex = hex::encode(digest.finalize());
    hex.truncate(12);
    hex
}
