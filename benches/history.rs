//! What a step costs in a run with a long history.
//!
//!     cargo bench --bench history -- [--rounds 5] [--steps 10000] [--record]
//!
//! `countersign bench grow` runs one workflow of so many steps, each bringing 1,000 bytes of new
//! text; the cost of a step is the median time between calls around the 100th and around the last.
//! The goal: with a history of 10,000 steps at most 1.2 times that of 100. What the machine does
//! besides changes within one call too, so the medians of the rounds are compared.

#[allow(dead_code, reason = "each measurement uses a part of it")]
mod support;

use clap::Parser;
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

fn main() -> Outcome<()> {
    let call = Call::parse();
    let folder = call.common.folder()?;
    let mut report = Report::begin("history", folder.path())?;
    let program = Program::new(&call.common.program);
    let (mut early, mut late, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..call.rounds.max(1) {
        let data = folder.path().join(round.to_string());
        let grow = format!("grow --steps {} --note 1000", call.steps);
        let metrics = program.bench(&grow, &data)?;
        std::fs::remove_dir_all(data)?;
        let early_ms = metric(&metrics, "step_p50_ms_at_100")?;
        let late_ms = metric(&metrics, &format!("step_p50_ms_at_{}", call.steps))?;
        let ratio = late_ms / early_ms;
        report.line(format!(
            "round {}: a step's p50 {early_ms:.3} ms at 100, {late_ms:.3} ms at {}, ratio {ratio:.2}",
            round + 1,
            call.steps
        ))?;
        early.push(early_ms);
        late.push(late_ms);
        rates.push(metric(&metrics, "steps_per_s")?);
    }
    let what = format!("step cost at {} / at 100, medians", call.steps);
    report.at_most(&what, median(&late) / median(&early), 1.2)?;
    report.line(format!("steps a second, median: {:.0}", median(&rates)))?;
    report.end(&call.common)
}
