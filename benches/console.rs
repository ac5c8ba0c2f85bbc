//! The console in a real terminal, over a queue of 10,000 packets that others keep changing.
//!
//!     cargo bench --bench console -- [--n 10000] [--keys 400] [--record]
//!
//! `countersign bench park` makes the store. The console runs in a pseudo-terminal of 140×45 and
//! every byte it writes is read here; a picture ends with the reset of mode 2026. Measured:
//!
//! * bytes of the first picture with rows, and milliseconds from the process's start to it;
//! * with nothing going on: bytes between two minutes of the wall clock, and for each key the
//!   bytes and the time until its picture ended;
//! * the same for keys while this process edits packets and pauses and resumes runs through a
//!   `Handle` of its own, 50 events a second.
#![expect(clippy::disallowed_methods, reason = "it measures time")]

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Parser;
use countersign::domain::{Actor, ConnectorUrls, PacketStatus, limits};
use countersign::runtime::{
    Amendment, Drive, Handle, Options, RuntimeError, SystemClock, SystemEntropy, TargetSettings,
};
use countersign::store::{OpenOptions, PacketFilter, SqliteStore};
use countersign::tools::{Connectors, HttpTools};
use serde_json::json;
use support::Outcome;
use support::figures::{count, median, percentile};
use support::machine::{epoch_s, pause};
use support::program::Program;
use support::pty::{Console, Picture};
use support::report::{Common, Report};

#[derive(Debug, Parser)]
struct Call {
    /// Packets that wait
    #[arg(long, default_value_t = 10_000)]
    n: usize,
    /// Keys that are timed, each way
    #[arg(long, default_value_t = 400)]
    keys: usize,
    #[command(flatten)]
    common: Common,
}

/// Columns and rows.
const SIZE: (u16, u16) = (140, 45);
/// Events a second while keys are timed.
const EVENTS_PER_S: u64 = 50;
/// A picture that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Idle for so long, away from the minute.
const IDLE: Duration = Duration::from_secs(20);

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut report = Report::begin("console", folder.path())?;
    let program = Program::new(&call.common.program);
    let data = folder.path().join("data");
    program
        .bench_running(&format!("park --n {}", call.n), &data)?
        .end()?;
    let store = data.join("store.db");
    let path = store.to_string_lossy().into_owned();
    let mut console = Console::start(&call.common.program, &["--store", &path], SIZE)?;
    let pictures = console.until(&format!("Queue {}", call.n), PATIENCE)?;
    let (first, last) = (pictures.first(), pictures.last());
    let since = |picture: Option<&Picture>| {
        picture.map_or(0.0, |picture| {
            picture.at.duration_since(console.began).as_secs_f64() * 1e3
        })
    };
    report.line(format!(
        "{} packets wait; first picture after {:.0} ms, with all rows after {:.0} ms",
        call.n,
        since(first),
        since(last)
    ))?;
    let largest = pictures
        .iter()
        .map(|picture| picture.bytes)
        .max()
        .unwrap_or(0);
    report.at_most(
        "bytes of the largest first picture",
        count(largest),
        16_000.0,
    )?;
    console.quiet(Duration::from_secs(2))?;
    report.at_most(
        "bytes while nothing changes, between two minutes",
        idle(&mut console)?,
        0.0,
    )?;
    timed(&mut console, call.keys, "nothing going on", &mut report)?;
    let beside = Beside::start(&store);
    timed(&mut console, call.keys, "50 events a second", &mut report)?;
    let (events, seconds) = beside.stop()?;
    report.line(format!(
        "{:.0} events a second came meanwhile",
        events / seconds
    ))?;
    console.end()?;
    report.end(&call.common, folder.path())
}

/// Bytes of a stretch that holds no turn of a minute.
fn idle(console: &mut Console) -> Outcome<f64> {
    let second = epoch_s()? % 60.0;
    let wanted = IDLE.as_secs_f64() + 2.0;
    if second + wanted > 60.0 || second < 1.0 {
        console.quiet(Duration::from_secs_f64(61.0 - second))?;
    }
    Ok(count(console.quiet(IDLE)?))
}

/// Presses keys one after the other and times their pictures.
fn timed(console: &mut Console, keys: usize, when: &str, report: &mut Report) -> Outcome<()> {
    let (mut spans, mut bytes) = (Vec::new(), Vec::new());
    for index in 0..keys {
        let key = if index % 8 < 5 { "j" } else { "k" };
        while console.picture(Duration::from_millis(20))?.is_some() {}
        let pressed = console.press(key)?;
        let picture = console
            .picture(PATIENCE)?
            .ok_or("no picture came for a key")?;
        spans.push(picture.at.duration_since(pressed).as_secs_f64() * 1e3);
        bytes.push(count(picture.bytes));
    }
    let p50 = median(&spans);
    report.line(format!("{when}: key to picture p50 {p50:.2} ms"))?;
    let p99 = percentile(&spans, 0.99);
    report.at_most(&format!("{when}: key to picture p99, ms"), p99, 16.0)?;
    let most = percentile(&bytes, 1.0);
    report.line(format!(
        "{when}: bytes of a key p50 {:.0}, most {most:.0}",
        median(&bytes)
    ))?;
    report.at_most(
        &format!("{when}: bytes of a key p99"),
        percentile(&bytes, 0.99),
        1_500.0,
    )
}

/// Another process's worth of changes, through a handle of its own.
struct Beside {
    stop: Arc<AtomicBool>,
    events: Arc<AtomicU64>,
    began: Instant,
    thread: std::thread::JoinHandle<Outcome<()>>,
}

impl Beside {
    fn start(store: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let events = Arc::new(AtomicU64::new(0));
        let (stopped, counted, store) = (Arc::clone(&stop), Arc::clone(&events), store.to_owned());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(disturb(&store, &stopped, &counted))
        });
        Self {
            stop,
            events,
            began: Instant::now(),
            thread,
        }
    }

    fn stop(self) -> Outcome<(f64, f64)> {
        self.stop.store(true, Ordering::Relaxed);
        let seconds = self.began.elapsed().as_secs_f64();
        self.thread
            .join()
            .map_err(|_panic| "the changes panicked")??;
        let events = usize::try_from(self.events.load(Ordering::Relaxed))?;
        Ok((count(events), seconds))
    }
}

/// Edits a packet, pauses its run, resumes it, and goes on to the next.
async fn disturb(store: &Path, stop: &AtomicBool, events: &AtomicU64) -> Outcome<()> {
    let handle = Handle::open(Options {
        store: Arc::new(SqliteStore::open(store, OpenOptions::default())?),
        tools: Arc::new(HttpTools::new(Connectors::default())),
        connectors: connectors(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        drive: Drive::Nothing,
        runs_driven: limits::RUNS_DRIVEN_MAX,
        targets: TargetSettings::default(),
    })
    .await?;
    let actor = Actor::claimed("bench", "bench");
    let packets = handle.packets(&PacketFilter {
        status: Some(PacketStatus::Open),
        ..PacketFilter::default()
    })?;
    let span = Duration::from_secs(1) / u32::try_from(EVENTS_PER_S)?;
    let mut next = Instant::now();
    for packet in packets.iter().cycle() {
        for step in 0..3 {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            next += span;
            let wait = next.saturating_duration_since(Instant::now());
            pause(u64::try_from(wait.as_millis())?);
            let done: Result<(), RuntimeError> = match step {
                0 => {
                    let digest = handle.packet(packet.packet)?.digest.to_string();
                    let amendment = Amendment {
                        packet: packet.packet,
                        digest,
                        set: vec![("amount".to_owned(), json!("7851.00"))],
                        reason: "bench".to_owned(),
                    };
                    handle.amend(amendment, &actor).await.map(drop)
                }
                1 => handle.pause(packet.run, "bench", &actor).await.map(drop),
                _ => handle.resume(packet.run, "bench", &actor).await.map(drop),
            };
            done?;
            events.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// Where `countersign bench` says that its targets live: the packets name these addresses.
fn connectors() -> ConnectorUrls {
    let names = ["erp", "register", "bench"].into_iter();
    names
        .map(|name| (name, format!("http://127.0.0.1/{name}")))
        .collect()
}
