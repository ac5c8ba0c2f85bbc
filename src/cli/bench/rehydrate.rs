//! `bench rehydrate`: how long a run with history takes to go on in a newly opened store.

use std::sync::Arc;

use clap::Args;
use serde_json::Value;

use crate::cli::Done;
use crate::cli::bench::grow::{notes, start};
use crate::cli::bench::machine::Stopwatch;
use crate::cli::bench::report::Report;
use crate::cli::bench::target::Target;
use crate::cli::bench::{Data, Rig, actor, engine_runtime, failed};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::RunStatus;

#[derive(Debug, Args)]
pub struct RehydrateBench {
    /// Numbers of steps to park after
    #[arg(long, value_delimiter = ',', required = true)]
    steps: Vec<usize>,
    /// Bytes of new, incompressible text each step brings
    #[arg(long)]
    note: usize,
    #[command(flatten)]
    data: Data,
}

impl RehydrateBench {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let runtime = engine_runtime()?;
        let mut report = Report::new("rehydrate")
            .param("sync", self.data.sync.as_str())
            .param("note", self.note)
            .count("n", self.steps.len());
        for steps in &self.steps {
            let (open_ms, resume_ms) = runtime.block_on(self.measure(*steps))?;
            report = report
                .metric(&format!("resume_ms_after_{steps}"), resume_ms)
                .metric(&format!("open_ms_after_{steps}"), open_ms);
        }
        report.print(context)?;
        Ok(Done::Well)
    }

    /// Parks a run, reopens the store, and times the opening, and the run's way to its end.
    async fn measure(&self, steps: usize) -> Result<(f64, f64), Failure> {
        let rig = Rig::open(&self.data, Arc::new(Target::new(self.note))).await?;
        let definition = notes()?;
        let run = start(&rig.handle, &definition, steps, true).await?;
        let parked = rig.handle.settled(run).await?;
        if parked.status != RunStatus::Waiting {
            return Err(failed("the run does not wait"));
        }
        rig.close().await?;
        let opening = Stopwatch::start();
        let rig = Rig::open(&self.data, Arc::new(Target::new(self.note))).await?;
        let open_ms = opening.elapsed_ms();
        let resuming = Stopwatch::start();
        rig.handle.signal(run, "go", Value::Null, &actor()).await?;
        let ended = rig.handle.settled(run).await?;
        let resume_ms = resuming.elapsed_ms();
        if ended.status != RunStatus::Succeeded {
            return Err(failed("the resumed run did not come to its end"));
        }
        rig.close().await?;
        Ok((open_ms, resume_ms))
    }
}
