//! `bench park`: purchase orders that wait for a person.

use std::sync::Arc;

use clap::Args;

use crate::cli::Done;
use crate::cli::bench::machine::{Stopwatch, Usage, figure};
use crate::cli::bench::report::Report;
use crate::cli::bench::rows::{order, purchase_orders};
use crate::cli::bench::target::Target;
use crate::cli::bench::{Data, Rig, actor, engine_runtime, failed};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::interrupt;
use crate::domain::RunStatus;

/// Orders submitted in one call.
const BATCH: usize = 256;

#[derive(Debug, Args)]
pub struct ParkBench {
    /// Orders to park
    #[arg(long)]
    n: usize,
    #[command(flatten)]
    data: Data,
}

impl ParkBench {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let runtime = engine_runtime()?;
        let (report, rig) = runtime.block_on(self.measure())?;
        report.print(context)?;
        // The packets stay; whoever measures idle memory ends this process.
        runtime.block_on(interrupt())?;
        runtime.block_on(rig.close())?;
        Ok(Done::Well)
    }

    async fn measure(&self) -> Result<(Report, Rig), Failure> {
        let rig = Rig::open(&self.data, Arc::new(Target::new(0))).await?;
        let definition = purchase_orders(&rig.handle)?;
        let usage = Usage::now();
        let watch = Stopwatch::start();
        let mut first = 0;
        while first < self.n {
            let last = self.n.min(first + BATCH);
            let rows = (first..last)
                .map(|index| order(&definition, index, "7850.00"))
                .collect::<Result<Vec<_>, _>>()?;
            for started in rig.handle.start(&definition, rows, &actor()).await? {
                let row = rig.handle.settled(started.run).await?;
                if row.status != RunStatus::Waiting {
                    return Err(failed("an order does not wait; is the directory empty?"));
                }
            }
            first = last;
        }
        let seconds = watch.elapsed().as_secs_f64();
        let used = Usage::since(usage);
        if rig.target.effects() != 0 {
            return Err(failed("an order was committed without a verdict"));
        }
        let n = figure(self.n);
        let report = Report::new("park")
            .param("sync", self.data.sync.as_str())
            .count("n", self.n)
            .metric("park_runs_per_s", n / seconds)
            .metric("cpu_ms_per_run", used.cpu_ms / n)
            .metric("written_kib_per_run", used.written_bytes / n / 1_024.0);
        Ok((report, rig))
    }
}
