//! Autonomous purchase orders over HTTP, beside a bare twin in the same minutes.
//!
//!     cargo bench --bench purchase_orders -- [--rounds 7] [--n 2000] [--record]
//!
//! The engine drives orders under 5,000 against a sandbox in a process of its own: assess, gate,
//! commit; one read, one write; all durable. The twin does what any program would have to do for
//! the same orders, and nothing else:
//!
//! * the same requests, byte for byte but for the idempotency keys, by a plain reqwest loop at the
//!   same concurrency against the same sandbox;
//! * the same rows and bytes, in commits of the same mean size, into a fresh `SQLite` file. The
//!   commits are counted in the write-ahead log of a first round, which is not measured.
//!
//! Its rate is taken both ways: requests and rows one after the other, and both at once. With one
//! client an order waits for each of its commits, so only the first way is its twin; with 64 others
//! go on meanwhile, so the second way is the stricter one. The goal: at least half of the rate.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Parser;
use countersign::config::Config;
use countersign::domain::{Actor, Request, RunStatus, limits};
use countersign::runtime::{
    Drive, Handle, Options, StartRow, SystemClock, SystemEntropy, TargetSettings,
};
use countersign::store::{OpenOptions, SqliteStore};
use countersign::tools::{CallResult, Connectors, HttpTools, Tools};
use countersign::workflow::Definition;
use serde_json::{Value, json};
use support::Outcome;
use support::exchange::{exchange, renamed, runtime};
use support::figures::{count, median, percentile};
use support::machine::{Stopwatch, own_cpu_ms};
use support::program::Program;
use support::replay::Recording;
use support::report::{Common, Report};
use support::wal::{Frames, Kept};

#[derive(Debug, Parser)]
struct Call {
    /// How often engine and twin are measured
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Orders with 64 clients; with one client a quarter of it
    #[arg(long, default_value_t = 2_000)]
    n: usize,
    #[command(flatten)]
    common: Common,
}

const MANY: usize = 64;

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut report = Report::begin("purchase_orders", folder.path())?;
    let sandbox = Program::new(&call.common.program).sandbox(&folder.path().join("sandbox"))?;
    let config = sandbox.said.get("config").and_then(Value::as_str);
    let config = Config::load(Some(Path::new(config.ok_or("no configuration")?)))?;
    // Fails only where a provider is installed already, which is as good.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    for (clients, n) in [(MANY, call.n), (1, call.n / 4)] {
        let mut bench = Bench {
            folder: folder.path().to_owned(),
            connectors: config.connectors.clone(),
            clients,
            n: n.max(1),
            used: 0,
        };
        bench.compare(call.rounds.max(1), &mut report)?;
    }
    report.end(&call.common, folder.path())?;
    sandbox.end()
}

struct Bench {
    folder: PathBuf,
    connectors: Connectors,
    clients: usize,
    n: usize,
    used: usize,
}

/// What the engine needed for its orders.
struct Driven {
    seconds: f64,
    latencies: Vec<f64>,
    cpu_ms: f64,
    requests: Vec<[Request; 2]>,
    /// Counted only while the log was kept.
    written: Option<Frames>,
    store: PathBuf,
}

impl Bench {
    fn compare(&mut self, rounds: usize, report: &mut Report) -> Outcome<()> {
        let first = self.engine(true)?;
        let written = first.written.ok_or("nothing was counted")?;
        let recording = Recording::read(&first.store)?;
        let group = recording.group(written.commits);
        let (mut ours, mut cpu, mut latencies) = (Vec::new(), Vec::new(), Vec::new());
        let (mut http, mut rows, mut both) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let twin = |bench: &mut Self, part: usize| -> Outcome<(f64, f64, f64)> {
                bench.twin(&first.requests, &recording, group, (round, part))
            };
            // Whoever comes second finds a warmer machine: they take turns.
            let twin_first = (!round.is_multiple_of(2))
                .then(|| twin(self, 0))
                .transpose()?;
            let driven = self.engine(false)?;
            let (http_s, rows_s, both_s) = match twin_first {
                Some(taken) => taken,
                None => twin(self, 0)?,
            };
            ours.push(count(self.n) / driven.seconds);
            cpu.push(driven.cpu_ms / count(self.n));
            latencies.extend(driven.latencies);
            http.push(http_s);
            rows.push(rows_s);
            both.push(both_s);
        }
        let n = count(self.n);
        let (clients, runs) = (self.clients, self.n);
        report.line(format!(
            "{clients} clients, {runs} orders, median of {rounds} rounds:"
        ))?;
        let requests = count(first.requests.len() * 2) / n;
        report.line(format!(
            "a run: {requests:.2} requests, {:.2} commands, {:.2} commits of {group:.2} commands, {:.1} pages; \
             p50 {:.2} ms, p99 {:.2} ms, CPU {:.2} ms with the HTTP client",
            count(recording.commands()) / n,
            count(written.commits) / n,
            count(written.frames) / n,
            percentile(&latencies, 0.5),
            percentile(&latencies, 0.99),
            median(&cpu),
        ))?;
        report.line(format!(
            "twin: requests {:.0}/s alone, rows {:.0}/s alone",
            n / median(&http),
            n / median(&rows)
        ))?;
        report.compared_head()?;
        let after: Vec<f64> = http
            .iter()
            .zip(&rows)
            .map(|(http, rows)| n / (http + rows))
            .collect();
        let at_once: Vec<f64> = both.iter().map(|both| n / both).collect();
        let after = report.compared("runs a second, twin one after the other", &ours, &after)?;
        let at_once = report.compared("runs a second, twin both at once", &ours, &at_once)?;
        let ratio = if clients == 1 { after } else { at_once };
        report.at_least(&format!("{clients} clients: ours / twin"), ratio, 0.5)?;
        if clients == 1 {
            let commits = count(written.commits) / n;
            report.at_most("1 client: commits a run in the store", commits, 3.0)?;
        }
        Ok(())
    }

    /// Drives the orders; with `counted` the log is kept whole and its commits are counted.
    fn engine(&mut self, counted: bool) -> Outcome<Driven> {
        let store = self.fresh()?;
        let runtime = runtime()?;
        let driven = runtime.block_on(self.drive(&store, counted))?;
        drop(runtime);
        Ok(driven)
    }

    async fn drive(&self, store: &Path, counted: bool) -> Outcome<Driven> {
        let tools = Arc::new(Recorder::new(self.connectors.clone()));
        let options = OpenOptions {
            create: true,
            ..OpenOptions::default()
        };
        let handle = Handle::open(Options {
            store: Arc::new(SqliteStore::open(store, options)?),
            tools: Arc::clone(&tools) as Arc<dyn Tools>,
            connectors: self.connectors.urls(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            drive: Drive::Everything,
            runs_driven: limits::RUNS_DRIVEN_MAX,
            targets: TargetSettings::default(),
        })
        .await?;
        let definition = handle.definition("purchase-order")?;
        // Registers the definition, which is a commit of its own.
        handle.start(&definition, Vec::new(), &actor()).await?;
        let kept = counted.then(|| Kept::take(store)).transpose()?;
        let cpu = own_cpu_ms()?;
        let watch = Stopwatch::start();
        let latencies = clients(&handle, &definition, self.clients, self.n).await?;
        let seconds = watch.seconds();
        let cpu_ms = own_cpu_ms()? - cpu;
        let written = kept.map(Kept::written).transpose()?;
        let report = handle.verify(&mut |_, _| {})?;
        handle.shutdown().await?;
        let requests = tools.pairs();
        if !report.ok || requests.len() != self.n {
            return Err("the journal does not verify, or an order was not sent once".into());
        }
        Ok(Driven {
            seconds,
            latencies,
            cpu_ms,
            requests,
            written,
            store: store.to_owned(),
        })
    }

    /// Seconds for the requests alone, for the rows alone, and for both at once.
    fn twin(
        &mut self,
        requests: &[[Request; 2]],
        recording: &Recording,
        group: f64,
        (round, part): (usize, usize),
    ) -> Outcome<(f64, f64, f64)> {
        let marked = |sent: usize| -> Arc<Vec<[Request; 2]>> {
            let mark = format!("{:02}{part}{sent}", round % 100);
            Arc::new(requests.iter().map(|pair| renamed(pair, &mark)).collect())
        };
        let http_s = exchange(&marked(0), self.clients)?;
        let rows_s = recording.replay(&self.fresh()?, group)?;
        let (file, pairs, clients) = (self.fresh()?, marked(1), self.clients);
        let watch = Stopwatch::start();
        std::thread::scope(|scope| {
            let rows = scope.spawn(|| recording.replay(&file, group));
            exchange(&pairs, clients)?;
            rows.join().map_err(|_panic| "the replay panicked")?
        })?;
        Ok((http_s, rows_s, watch.seconds()))
    }

    fn fresh(&mut self) -> Outcome<PathBuf> {
        self.used += 1;
        let name = format!("{}-{}", self.clients, self.used);
        let dir = self.folder.join(name);
        std::fs::create_dir(&dir)?;
        Ok(dir.join("store.db"))
    }
}

/// `clients` tasks, each starting one order and waiting until it has ended; milliseconds of each.
async fn clients(
    handle: &Handle,
    definition: &Arc<Definition>,
    clients: usize,
    n: usize,
) -> Outcome<Vec<f64>> {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (handle, definition) = (handle.clone(), Arc::clone(definition));
            let next = Arc::clone(&next);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n {
                        return Outcome::Ok(latencies);
                    }
                    let watch = Stopwatch::start();
                    order(&handle, &definition, index).await?;
                    latencies.push(watch.ms());
                }
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(n);
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(latencies)
}

async fn order(handle: &Handle, definition: &Arc<Definition>, index: usize) -> Outcome<()> {
    let number = format!("PO-{index:07}");
    let Value::Object(input) = json!({
        "po_id": number,
        "vendor": "Alpha Tech Systems",
        "amount": "4000.00",
        "po_date": "2026-11-21",
    }) else {
        return Err("an order is an object".into());
    };
    let fields = definition.meaning.state.admit(&input);
    let fields = fields.map_err(|problems| format!("{problems:?}"))?;
    let key = Some(number);
    let row = StartRow { input, fields, key };
    for started in handle.start(definition, vec![row], &actor()).await? {
        let ended = handle.settled(started.run).await?;
        if ended.status != RunStatus::Succeeded {
            return Err(format!("an order came to be {}", ended.status.as_str()).into());
        }
    }
    Ok(())
}

fn actor() -> Actor {
    Actor::claimed("bench", "bench")
}

/// The HTTP adapter, with a note of what was sent.
struct Recorder {
    http: HttpTools,
    reads: Mutex<Vec<Request>>,
    writes: Mutex<Vec<Request>>,
}

impl Recorder {
    fn new(connectors: Connectors) -> Self {
        Self {
            http: HttpTools::new(connectors),
            reads: Mutex::default(),
            writes: Mutex::default(),
        }
    }

    /// A read and a write for each order.
    fn pairs(&self) -> Vec<[Request; 2]> {
        let taken = |notes: &Mutex<Vec<Request>>| {
            std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let (reads, writes) = (taken(&self.reads), taken(&self.writes));
        if reads.len() != writes.len() {
            return Vec::new();
        }
        reads
            .into_iter()
            .zip(writes)
            .map(|(read, write)| [read, write])
            .collect()
    }
}

impl Tools for Recorder {
    fn call<'a>(
        &'a self,
        call: countersign::tools::Call<'a>,
    ) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
        let notes = if call.tool.is_write() {
            &self.writes
        } else {
            &self.reads
        };
        notes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(call.request.clone());
        self.http.call(call)
    }
}
