//! Engine and store alone, beside the same rows by hand on the same disk.
//!
//!     cargo bench --bench engine_floor -- [--rounds 7] [--n 1500] [--record]
//!
//! `countersign bench` is called as scripts call it; every call checks itself. Between its calls
//! the floor is measured: the same rows on plain `SQLite` with `synchronous=FULL`, in
//! `support/lean.rs`. Each figure is the median of the rounds, so that what else the machine does
//! in between strikes both alike. The aim is half of the floor.
//!
//! Disk flushes are counted by strace, in runs of their own; processor time and bytes written
//! come from the measured process.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::Value;
use support::Outcome;
use support::figures::{count, median, percentile};
use support::lean::Lean;
use support::machine::Stopwatch;
use support::program::{Program, metric};
use support::report::{Common, Report};
use support::wal::Kept;

#[derive(Debug, Parser)]
struct Call {
    /// How often everything is measured
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Runs with 64 clients; with one client and for approvals a third of it
    #[arg(long, default_value_t = 1_500)]
    n: usize,
    #[command(flatten)]
    common: Common,
}

const HALF: f64 = 0.5;
const BATCH: usize = 100;
const APPROVING_CLIENTS: usize = 16;
/// Grouped rows by hand are so much faster that as many would not fill a second.
const FLOOR_TIMES: usize = 10;

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut bench = Bench {
        report: Report::begin("engine_floor", folder.path())?,
        program: Program::new(&call.common.program),
        folder: folder.path().to_owned(),
        used: 0,
        n: call.n.max(30),
        rounds: call.rounds.max(1),
    };
    bench.rates()?;
    bench.approvals()?;
    bench.steps()?;
    bench.flushes()?;
    bench.report.end(&call.common, folder.path())
}

struct Bench {
    report: Report,
    program: Program,
    folder: PathBuf,
    used: usize,
    n: usize,
    rounds: usize,
}

/// One way of running purchase orders, and what is measured of it.
struct Way {
    name: String,
    call: String,
    /// The goal that does not depend on the disk.
    goal: f64,
    ours: Vec<f64>,
    cpu: Vec<f64>,
    kib: Vec<f64>,
    p99: Vec<f64>,
    /// What is written by hand beside it.
    floors: Vec<Floor>,
}

struct Floor {
    name: &'static str,
    kind: ByHand,
    rates: Vec<f64>,
}

#[derive(Clone, Copy)]
enum ByHand {
    /// One client; so many commits a run.
    Alone(usize),
    /// So many clients, two commits a run, grouped.
    Grouped(usize),
    Batches,
}

impl Bench {
    fn rates(&mut self) -> Outcome<()> {
        let (n, third) = (self.n, self.n / 3);
        let grouped = |clients, goal| Way {
            floors: vec![Floor::new("grouped commits", ByHand::Grouped(clients))],
            ..Way::new(
                format!("{clients} clients"),
                format!("auto --n {n} --clients {clients}"),
                goal,
            )
        };
        let mut ways = vec![
            grouped(64, 5_000.0),
            Way {
                floors: vec![
                    Floor::new("three commits a run", ByHand::Alone(3)),
                    Floor::new("two commits a run", ByHand::Alone(2)),
                    Floor::new("one commit a run", ByHand::Alone(1)),
                ],
                ..Way::new(
                    "1 client".to_owned(),
                    format!("auto --n {third} --clients 1"),
                    1_200.0,
                )
            },
            grouped(16, 0.0),
            grouped(256, 0.0),
            Way {
                floors: vec![Floor::new("one commit a batch", ByHand::Batches)],
                ..Way::new(
                    format!("batches of {BATCH}"),
                    format!("auto --n {n} --batch {BATCH}"),
                    0.0,
                )
            },
        ];
        for round in 0..self.rounds {
            for way in &mut ways {
                self.measure(way, round)?;
            }
        }
        self.print_rates(&ways)
    }

    fn measure(&mut self, way: &mut Way, round: usize) -> Outcome<()> {
        // Whoever comes second finds a warmer machine: they take turns.
        if round.is_multiple_of(2) {
            self.measure_ours(way)?;
        }
        for floor in &mut way.floors {
            let file = self.fresh()?.join("floor.db");
            let lean = Lean::open(&file)?;
            floor.rates.push(match floor.kind {
                ByHand::Alone(commits) => lean.alone(self.n / 3, commits)?,
                ByHand::Grouped(clients) => lean.grouped(self.n * FLOOR_TIMES, clients)?,
                ByHand::Batches => lean.batches(self.n * FLOOR_TIMES, BATCH)?,
            });
        }
        if !round.is_multiple_of(2) {
            self.measure_ours(way)?;
        }
        Ok(())
    }

    fn measure_ours(&mut self, way: &mut Way) -> Outcome<()> {
        let data = self.fresh()?;
        let metrics = self.program.bench(&way.call, &data)?;
        std::fs::remove_dir_all(data)?;
        way.ours.push(metric(&metrics, "runs_per_s")?);
        way.cpu.push(metric(&metrics, "cpu_ms_per_run")?);
        way.kib.push(metric(&metrics, "written_kib_per_run")?);
        way.p99.push(metric(&metrics, "run_p99_ms")?);
        Ok(())
    }

    fn print_rates(&mut self, ways: &[Way]) -> Outcome<()> {
        let report = &mut self.report;
        report.line(format!(
            "autonomous runs a second, median of {}:",
            self.rounds
        ))?;
        report.compared_head()?;
        let mut ratios = Vec::new();
        for way in ways {
            for (index, floor) in way.floors.iter().enumerate() {
                let what = format!("{}, {}", way.name, floor.name);
                let ratio = report.compared(&what, &way.ours, &floor.rates)?;
                if index == 0 {
                    ratios.push((format!("{}: ours / {}", way.name, floor.name), ratio));
                }
            }
        }
        for (what, ratio) in ratios {
            report.at_least(&what, ratio, HALF)?;
        }
        for way in ways {
            if way.goal > 0.0 {
                report.at_least(
                    &format!("{}: runs a second", way.name),
                    median(&way.ours),
                    way.goal,
                )?;
            }
            report.at_most(
                &format!("{}: CPU ms a run", way.name),
                median(&way.cpu),
                0.5,
            )?;
            report.at_most(
                &format!("{}: KiB written a run", way.name),
                median(&way.kib),
                60.0,
            )?;
            report.line(format!(
                "{}: p99 of a run {:.1} ms",
                way.name,
                median(&way.p99)
            ))?;
        }
        Ok(())
    }

    /// Approvals after a cold start, ours and by hand.
    fn approvals(&mut self) -> Outcome<()> {
        let n = self.n / 3;
        let mut ours: Vec<Value> = Vec::new();
        let (mut rates, mut p99) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            let data = self.fresh()?;
            self.program
                .bench_running(&format!("park --n {n}"), &data)?
                .end()?;
            let seq = n / 2;
            let call = format!("approve --seq {seq} --clients {APPROVING_CLIENTS}");
            ours.push(self.program.bench(&call, &data)?);
            let file = self.fresh()?.join("floor.db");
            Lean::open(&file)?.park(n)?;
            let cold = Lean::open(&file)?;
            let watch = Stopwatch::start();
            let latencies = cold.approve(n / 2)?;
            rates.push(count(latencies.len()) / watch.seconds());
            p99.push(percentile(&latencies, 0.99));
        }
        let all = |name: &str| -> Outcome<Vec<f64>> {
            ours.iter().map(|one| metric(one, name)).collect()
        };
        let of = |name: &str| Outcome::Ok(median(&all(name)?));
        let report = &mut self.report;
        report.line("approvals after a cold start, the first half one at a time:".to_owned())?;
        report.compared_head()?;
        let what = "approvals a second, two commits each";
        let ratio = report.compared(what, &all("approvals_per_s")?, &rates)?;
        report.compared("p99 ms of an approval", &all("approve_p99_ms")?, &p99)?;
        report.at_least("approvals: ours / floor", ratio, HALF)?;
        report.at_least("approvals a second", of("approvals_per_s")?, 1_500.0)?;
        report.at_most("p99 ms of an approval", of("approve_p99_ms")?, 10.0)?;
        report.at_most(
            "ms from the process's start to the first resume's end",
            of("cold_first_resume_ms")?,
            50.0,
        )?;
        let together = of("approvals_per_s_concurrent")?;
        report.line(format!(
            "approvals a second with {APPROVING_CLIENTS} clients: {together:.0}"
        ))
    }

    /// Steps of one long run, and resuming one.
    fn steps(&mut self) -> Outcome<()> {
        let data = self.fresh()?;
        let grown = self.program.bench("grow --steps 5000 --note 1000", &data)?;
        let data = self.fresh()?;
        let resumed = self
            .program
            .bench("rehydrate --steps 10,100,1000,5000 --note 1000", &data)?;
        let report = &mut self.report;
        let early = metric(&grown, "step_p50_ms_at_100")?;
        let late = metric(&grown, "step_p50_ms_at_5000")?;
        report.line(format!(
            "a step's p50 after 100 steps {early:.3} ms, after 5,000 {late:.3} ms"
        ))?;
        report.at_most("step cost after 5,000 steps / after 100", late / early, 1.2)?;
        let bytes = metric(&grown, "disk_bytes_per_step")?;
        report.line(format!(
            "bytes on the disk a step of 1,000 new ones: {bytes:.0}"
        ))?;
        let resume = |steps: usize| metric(&resumed, &format!("resume_ms_after_{steps}"));
        for steps in [10, 100, 1_000, 5_000] {
            let open = metric(&resumed, &format!("open_ms_after_{steps}"))?;
            let what = format!("ms to resume after {steps} steps (opening {open:.1} ms)");
            report.at_most(&what, resume(steps)?, 50.0)?;
        }
        let grown = resume(5_000)? / resume(100)?;
        report.at_most("resuming after 5,000 steps / after 100", grown, 1.2)
    }

    /// Flushes a run: a longer call's count less a shorter one's. strace slows the writer down, so
    /// the commits are counted once more in the log of an undisturbed call.
    fn flushes(&mut self) -> Outcome<()> {
        for (clients, long, goal) in [(1, self.n / 6, 3.1), (64, self.n / 2, 0.15)] {
            let short = long / 5;
            let flushed = |bench: &mut Self, n: usize| -> Outcome<Option<f64>> {
                let data = bench.fresh()?;
                let call = format!("auto --n {n} --clients {clients}");
                bench.program.flushes(&call, &data)
            };
            let what = format!("{clients} clients: disk flushes a run, by strace");
            match (flushed(self, short)?, flushed(self, long)?) {
                (Some(few), Some(many)) => {
                    let each = (many - few) / count(long - short);
                    self.report.at_most(&what, each, goal)?;
                }
                _ => self.report.line(format!("{what}: skipped, no strace"))?,
            }
            let commits = self.commits(long, clients)?;
            let what = format!("{clients} clients: commits a run, from the log");
            self.report.at_most(&what, commits, goal)?;
        }
        Ok(())
    }

    /// Commits a run, counted in a log that a snapshot keeps whole.
    fn commits(&mut self, n: usize, clients: usize) -> Outcome<f64> {
        let data = self.fresh()?;
        self.program.bench_running("park --n 0", &data)?.end()?;
        let kept = Kept::take(&data.join("store.db"))?;
        let call = format!("auto --n {n} --clients {clients}");
        self.program.bench(&call, &data)?;
        let written = kept.written()?;
        Ok(count(written.commits) / count(n))
    }

    /// A new empty directory.
    fn fresh(&mut self) -> Outcome<PathBuf> {
        self.used += 1;
        let path: &Path = &self.folder;
        let path = path.join(self.used.to_string());
        std::fs::create_dir(&path)?;
        Ok(path)
    }
}

impl Way {
    fn new(name: String, call: String, goal: f64) -> Self {
        Self {
            name,
            call,
            goal,
            ours: Vec::new(),
            cpu: Vec::new(),
            kib: Vec::new(),
            p99: Vec::new(),
            floors: Vec::new(),
        }
    }
}

impl Floor {
    fn new(name: &'static str, kind: ByHand) -> Self {
        Self {
            name,
            kind,
            rates: Vec::new(),
        }
    }
}
