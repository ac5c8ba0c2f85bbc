//! What a step costs in a run with a long history.
//!
//!     cargo bench --bench history -- [--rounds 5] [--steps 10000] [--record]
//!
//! `countersign bench grow` runs one workflow of so many steps, each bringing 1,000 bytes of new
//! text; the cost of a step is the median time between calls around the 100th and around the last.
//! The goal: with a history of 10,000 steps at most 1.2 times that of 100.
//!
//! It is taken twice: as every command commits, and without the flush of the disk at each commit.
//! A disk that others use changes its pace within one call; without it the engine's own cost is
//! seen, which no flush dilutes.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use clap::Parser;
use serde_json::Value;
use support::Outcome;
use support::figures::median;
use support::program::{Program, metric};
use support::report::{Common, Report};

#[derive(Debug, Parser)]
struct Call {
    /// How often it is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Steps of the run: 1000, 5000 or 10000
    #[arg(long, default_value_t = 10_000)]
    steps: usize,
    #[command(flatten)]
    common: Common,
}

/// What the measurement is taken with; the first has the disk in it, the second the engine alone.
const SYNCS: [&str; 2] = ["full", "normal"];
/// Steps after which the store is warm.
const WARM: usize = 1_000;

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut report = Report::begin("history", folder.path())?;
    let program = Program::new(&call.common.program);
    for sync in SYNCS {
        let mut measured: Vec<Value> = Vec::new();
        for round in 0..call.rounds.max(1) {
            let data = folder.path().join(format!("{sync}-{round}"));
            let grow = format!("grow --steps {} --note 1000 --sync {sync}", call.steps);
            measured.push(program.bench(&grow, &data)?);
            std::fs::remove_dir_all(data)?;
        }
        print(&mut report, sync, call.steps, &measured)?;
    }
    report.end(&call.common, folder.path())
}

fn print(report: &mut Report, sync: &str, steps: usize, measured: &[Value]) -> Outcome<()> {
    let of = |name: &str| -> Outcome<Vec<f64>> {
        measured.iter().map(|one| metric(one, name)).collect()
    };
    let mut at = |point: usize| -> Outcome<f64> {
        let spans = of(&format!("step_p50_ms_at_{point}"))?;
        let listed: Vec<String> = spans.iter().map(|ms| format!("{ms:.3}")).collect();
        let listed = listed.join(" ");
        report.line(format!("{sync}: a step's p50 in ms at {point}: {listed}"))?;
        Ok(median(&spans))
    };
    let (early, warm, late) = (at(100)?, at(WARM)?, at(steps)?);
    let what = format!("{sync}: step cost at {steps} / at 100, medians");
    report.at_most(&what, late / early, 1.2)?;
    // A young store's log still grows, which makes the first steps dearer than their history does.
    let what = format!("{sync}: step cost at {steps} / at {WARM}, medians");
    report.at_most(&what, late / warm, 1.2)?;
    let rate = median(&of("steps_per_s")?);
    report.line(format!("{sync}: {rate:.0} steps a second, median"))
}
