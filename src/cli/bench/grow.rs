//! `bench grow`: one run of many steps, each bringing new text.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cli::Done;
use crate::cli::bench::machine::{Stopwatch, figure, percentile};
use crate::cli::bench::report::Report;
use crate::cli::bench::rows::row;
use crate::cli::bench::target::Target;
use crate::cli::bench::{Data, Rig, actor, engine_runtime, failed};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::{Fields, RunId, RunStatus};
use crate::runtime::Handle;
use crate::workflow::{Definition, SourceFile, ToolBox, check};

/// Points at which the cost of a step is reported.
const POINTS: [usize; 4] = [100, 1_000, 5_000, 10_000];
/// Steps around a point that its figure is taken over.
const AROUND: usize = 50;

#[derive(Debug, Args)]
pub struct GrowBench {
    /// Steps of the run
    #[arg(long)]
    steps: usize,
    /// Bytes of new, incompressible text each step brings
    #[arg(long)]
    note: usize,
    #[command(flatten)]
    data: Data,
}

impl GrowBench {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let runtime = engine_runtime()?;
        let (report, rig) = runtime.block_on(self.measure())?;
        runtime.block_on(rig.close())?;
        report.print(context)?;
        Ok(Done::Well)
    }

    async fn measure(&self) -> Result<(Report, Rig), Failure> {
        let target = Arc::new(Target::with_stamps(self.note));
        let rig = Rig::open(&self.data, Arc::clone(&target)).await?;
        let definition = notes()?;
        let before = disk_bytes(&self.data)?;
        let watch = Stopwatch::start();
        let run = start(&rig.handle, &definition, self.steps, false).await?;
        let row = rig.handle.settled(run).await?;
        let total_s = watch.elapsed().as_secs_f64();
        if row.status != RunStatus::Succeeded {
            return Err(failed("the run did not come to its end"));
        }
        let stamps = target.stamps();
        if stamps.len() != self.steps {
            return Err(failed("the run took another number of steps"));
        }
        let mut report = Report::new("grow")
            .param("sync", self.data.sync.as_str())
            .param("steps", self.steps)
            .param("note", self.note)
            .count("n", self.steps)
            .metric("steps_per_s", figure(self.steps) / total_s)
            .metric("total_s", total_s);
        for point in POINTS.into_iter().filter(|point| *point <= self.steps) {
            let mut around = spans_around(&stamps, point);
            let name = format!("step_p50_ms_at_{point}");
            report = report.metric(&name, percentile(&mut around, 0.50));
        }
        let grown = disk_bytes(&self.data)?.saturating_sub(before);
        let bytes = f64::from(u32::try_from(grown).unwrap_or(u32::MAX));
        let report = report.metric("disk_bytes_per_step", bytes / figure(self.steps));
        Ok((report, rig))
    }
}

/// Milliseconds between steps, around a point.
fn spans_around(stamps: &[f64], point: usize) -> Vec<f64> {
    let last = stamps.len().min(point + AROUND);
    let first = last.saturating_sub(2 * AROUND);
    let window = stamps.get(first..last).unwrap_or_default();
    window
        .iter()
        .zip(window.iter().skip(1))
        .map(|(earlier, later)| later - earlier)
        .collect()
}

/// Bytes of the store's files.
fn disk_bytes(data: &Data) -> Result<u64, Failure> {
    let entries = std::fs::read_dir(&data.data).map_err(|error| failed(&error.to_string()))?;
    let mut bytes = 0;
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error.to_string()))?;
        bytes += entry
            .metadata()
            .map_err(|error| failed(&error.to_string()))?
            .len();
    }
    Ok(bytes)
}

/// The workflow that takes as many steps as it is told.
pub(super) fn notes() -> Result<Arc<Definition>, Failure> {
    let tool = SourceFile::new(
        "bench.note.yaml",
        include_str!("../../../assets/bench/bench.note.yaml"),
    );
    let file = SourceFile::new(
        "notes.yaml",
        include_str!("../../../assets/bench/notes.yaml"),
    );
    let (tools, mut mistakes) = ToolBox::load(&[tool]);
    let checked = check(&file, &tools);
    mistakes.extend(checked.diagnostics);
    checked.definition.ok_or_else(|| {
        let messages: Vec<String> = mistakes
            .into_iter()
            .map(|mistake| mistake.message)
            .collect();
        failed(&messages.join("; "))
    })
}

/// Starts a run of `steps` notes; with `park` it then waits for the signal `go`.
pub(super) async fn start(
    handle: &Handle,
    definition: &Arc<Definition>,
    steps: usize,
    park: bool,
) -> Result<RunId, Failure> {
    let input: Fields = [("steps", json!(steps)), ("park", json!(park))]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let rows = vec![row(definition, input, None)?];
    let started = handle.start(definition, rows, &actor()).await?;
    let first = started.first().map(|started| started.run);
    first.ok_or_else(|| failed("the run was not started"))
}
