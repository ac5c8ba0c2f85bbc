//! 100,000 runs that wait for a person: what they cost, and how fast a decision goes through.
//!
//!     cargo bench --bench waiting_runs -- [--n 100000] [--verdicts 200] [--record]
//!
//! `countersign bench park` makes the store. Then, on that store:
//!
//! * an executor is opened with nothing to do, and its resident memory is read;
//! * `countersign bench approve` is started, with the file in the page cache, and the journal is
//!   watched from outside until its first verdict is durable; then it is killed, so that the next
//!   one also has something to recover;
//! * verdicts are given through the `Handle`, and the time is taken until the effect is handed to
//!   its adapter. One commit lies between, verdict and INTENT together; nothing is taken off for
//!   it, although the goal allows that.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use std::fs::File;
use std::path::Path;
use std::pin::Pin;
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use countersign::domain::{Actor, ConnectorUrls, PacketStatus, Verdict, limits};
use countersign::runtime::{
    Drive, Handle, Options, SystemClock, SystemEntropy, TargetSettings, VerdictRequest,
};
use countersign::store::{OpenOptions, PacketFilter, SqliteStore};
use countersign::tools::{Answer, Call as ToolCall, CallResult, Tools};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use support::Outcome;
use support::figures::{median, percentile};
use support::machine::{Stopwatch, pause, resident_mb};
use support::program::Program;
use support::report::{Common, Report};

#[derive(Debug, Parser)]
struct Call {
    /// Runs that wait
    #[arg(long, default_value_t = 100_000)]
    n: usize,
    /// Verdicts whose effects are timed
    #[arg(long, default_value_t = 200)]
    verdicts: u32,
    #[command(flatten)]
    common: Common,
}

/// How often a process is started cold.
const STARTS: usize = 5;
/// How long an executor is left alone before its memory is read.
const IDLE_MS: u64 = 3_000;
/// A process that has not decided by then never will.
const DECIDED_MS: f64 = 60_000.0;

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut report = Report::begin("waiting_runs", folder.path())?;
    let program = Program::new(&call.common.program);
    let data = folder.path().join("data");
    let parked = program.bench_running(&format!("park --n {}", call.n), &data)?;
    let rate = parked.metric("park_runs_per_s")?;
    parked.end()?;
    let store = data.join("store.db");
    let bytes = std::fs::metadata(&store)?.len() / 1_000_000;
    report.line(format!(
        "{} runs wait; parked at {rate:.0}/s; the file has {bytes} MB",
        call.n
    ))?;
    memory(&program, &data, &mut report)?;
    ready(&program, &data, &mut report)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let spans = runtime.block_on(verdicts(&store, call.verdicts))?;
    let p99 = percentile(&spans, 0.99);
    let what = "a verdict to its effect sent, its commit included, ms";
    report.at_most(what, median(&spans), 20.0)?;
    report.line(format!("p99 of it {p99:.2} ms"))?;
    report.end(&call.common, folder.path())
}

/// Opens an executor that has nothing to do, and reads its memory.
fn memory(program: &Program, data: &Path, report: &mut Report) -> Outcome<()> {
    let idle = program.bench_running("park --n 0", data)?;
    pause(IDLE_MS);
    let (resident, anonymous) = resident_mb(idle.pid())?;
    report.line(format!("of it {anonymous:.1} MB are not pages of files"))?;
    report.at_most("MB resident of an idle executor", resident, 100.0)
}

/// Starts processes until each has decided.
fn ready(program: &Program, data: &Path, report: &mut Report) -> Outcome<()> {
    let store = data.join("store.db");
    // Not through a descriptor of this process while it has the store open: closing one drops its locks.
    std::io::copy(&mut File::open(&store)?, &mut std::io::sink())?;
    let conn = Connection::open_with_flags(&store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut spans = Vec::new();
    for _ in 0..STARTS {
        let last: i64 = conn.query_row("SELECT max(seq) FROM events", [], |row| row.get(0))?;
        let watch = Stopwatch::start();
        let mut process = program.bench_started("approve --seq 1 --clients 1", data)?;
        let decided = decided(&conn, last, watch, &mut process);
        process.kill()?;
        process.wait()?;
        spans.push(decided?);
    }
    let listed: Vec<String> = spans.iter().map(|span| format!("{span:.0}")).collect();
    report.line(format!(
        "ms from a process's start to its first durable verdict: {}",
        listed.join(", ")
    ))?;
    report.at_most("ready to decide, ms (median)", median(&spans), 500.0)
}

/// Waits until a verdict stands after `last`; milliseconds since `watch`.
fn decided(conn: &Connection, last: i64, watch: Stopwatch, process: &mut Child) -> Outcome<f64> {
    let sql = "SELECT 1 FROM events WHERE seq > ?1 AND kind = 'packet_closed'";
    let mut found = conn.prepare(sql)?;
    loop {
        if found.exists([last])? {
            return Ok(watch.ms());
        }
        if let Some(status) = process.try_wait()? {
            return Err(format!("it ended with {status} and decided nothing").into());
        }
        if watch.ms() > DECIDED_MS {
            return Err("it decided nothing for a minute".into());
        }
        pause(1);
    }
}

/// Gives verdicts one at a time; milliseconds until the effect of each was sent.
async fn verdicts(store: &Path, count: u32) -> Outcome<Vec<f64>> {
    let erp = Arc::new(Erp::default());
    let handle = Handle::open(Options {
        store: Arc::new(SqliteStore::open(store, OpenOptions::default())?),
        tools: Arc::clone(&erp) as Arc<dyn Tools>,
        connectors: connectors(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        drive: Drive::Everything,
        runs_driven: limits::RUNS_DRIVEN_MAX,
        targets: TargetSettings::default(),
    })
    .await?;
    // What the killed processes left is recovered first.
    handle.idle().await?;
    let packets = handle.packets(&PacketFilter {
        status: Some(PacketStatus::Open),
        limit: Some(count),
        ..PacketFilter::default()
    })?;
    let reviewer = Actor::claimed("bench", "bench");
    let mut spans = Vec::with_capacity(packets.len());
    for packet in packets {
        erp.begin();
        let request = VerdictRequest {
            packet: packet.packet,
            digest: packet.digest.to_string(),
            verdict: Verdict::Approve,
            item: None,
            reason: None,
        };
        let taken = handle.verdict(request, &reviewer).await?;
        handle.settled(taken.run).await?;
        spans.push(
            erp.sent_after_ms()
                .ok_or("an approved order was not sent")?,
        );
    }
    handle.shutdown().await?;
    Ok(spans)
}

/// Where `countersign bench` says that its targets live: the packets name these addresses.
fn connectors() -> ConnectorUrls {
    let names = ["erp", "register", "bench"].into_iter();
    names
        .map(|name| (name, format!("http://127.0.0.1/{name}")))
        .collect()
}

/// A target inside the process that notes when it is called.
#[derive(Debug, Default)]
struct Erp {
    begun: Mutex<Option<Stopwatch>>,
    sent_ms: Mutex<Option<f64>>,
}

impl Erp {
    fn begin(&self) {
        *lock(&self.sent_ms) = None;
        *lock(&self.begun) = Some(Stopwatch::start());
    }

    fn sent_after_ms(&self) -> Option<f64> {
        lock(&self.sent_ms).take()
    }

    fn order(&self, call: &ToolCall<'_>) -> Answer {
        *lock(&self.sent_ms) = lock(&self.begun).map(Stopwatch::ms);
        let body = call.request.body.as_deref().unwrap_or("null");
        let order: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        let output = json!({
            "order_id": "ORD-1",
            "po_id": order.get("po_id"),
            "vendor": order.get("vendor"),
            "amount": order.get("amount"),
            "currency": order.get("currency"),
            "created_at": "2026-11-21T00:00:00Z",
        });
        Answer {
            status: 201,
            output,
        }
    }
}

impl Tools for Erp {
    fn call<'a>(
        &'a self,
        call: ToolCall<'a>,
    ) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        let answer = self.order(&call);
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
