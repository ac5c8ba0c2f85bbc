//! `bench auto`: autonomous purchase orders, one after another or in batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;

use crate::cli::Done;
use crate::cli::bench::machine::{Stopwatch, Usage, figure, percentile};
use crate::cli::bench::report::Report;
use crate::cli::bench::rows::{order, purchase_orders};
use crate::cli::bench::target::Target;
use crate::cli::bench::{Data, Rig, actor, engine_runtime, failed};
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::RunStatus;
use crate::runtime::Handle;
use crate::workflow::Definition;

/// Steps of an autonomous purchase order: assess, review, commit.
const STEPS: f64 = 3.0;

#[derive(Debug, Args)]
pub struct AutoBench {
    /// Runs in all
    #[arg(long)]
    n: usize,
    /// Concurrent clients, each waiting for its run's durable result before the next
    #[arg(long, default_value_t = 1, conflicts_with = "batch")]
    clients: usize,
    /// One client that submits this many runs a call
    #[arg(long)]
    batch: Option<usize>,
    #[command(flatten)]
    data: Data,
}

impl AutoBench {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let runtime = engine_runtime()?;
        let (report, rig) = runtime.block_on(self.measure())?;
        runtime.block_on(rig.close())?;
        report.print(context)?;
        Ok(Done::Well)
    }

    async fn measure(&self) -> Result<(Report, Rig), Failure> {
        let rig = Rig::open(&self.data, Arc::new(Target::new(0))).await?;
        let definition = purchase_orders(&rig.handle)?;
        let usage = Usage::now();
        let watch = Stopwatch::start();
        let mut latencies = match self.batch {
            Some(batch) => self.batches(&rig.handle, &definition, batch.max(1)).await?,
            None => self.clients(&rig.handle, &definition).await?,
        };
        let seconds = watch.elapsed().as_secs_f64();
        let used = Usage::since(usage);
        if rig.target.effects() != self.n {
            return Err(failed("not every order was committed exactly once"));
        }
        let n = figure(self.n);
        let mut report = Report::new("auto").param("sync", self.data.sync.as_str());
        report = match self.batch {
            Some(batch) => report.param("batch", batch),
            None => report.param("clients", self.clients),
        };
        let report = report
            .count("n", self.n)
            .metric("runs_per_s", n / seconds)
            .metric("steps_per_s", n * STEPS / seconds)
            .metric("run_p50_ms", percentile(&mut latencies, 0.50))
            .metric("run_p99_ms", percentile(&mut latencies, 0.99))
            .metric("cpu_ms_per_run", used.cpu_ms / n)
            .metric("written_kib_per_run", used.written_bytes / n / 1_024.0);
        Ok((report, rig))
    }

    async fn clients(
        &self,
        handle: &Handle,
        definition: &Arc<Definition>,
    ) -> Result<Vec<f64>, Failure> {
        let next = Arc::new(AtomicUsize::new(0));
        let mut clients = Vec::new();
        for _ in 0..self.clients.max(1) {
            let (handle, definition) = (handle.clone(), Arc::clone(definition));
            let (next, n) = (Arc::clone(&next), self.n);
            clients.push(tokio::spawn(async move {
                let mut latencies = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= n {
                        return Ok(latencies);
                    }
                    let watch = Stopwatch::start();
                    run_orders(&handle, &definition, index..index + 1).await?;
                    latencies.push(watch.elapsed_ms());
                }
            }));
        }
        gather(clients).await
    }

    async fn batches(
        &self,
        handle: &Handle,
        definition: &Arc<Definition>,
        batch: usize,
    ) -> Result<Vec<f64>, Failure> {
        let mut latencies = Vec::new();
        let mut first = 0;
        while first < self.n {
            let last = self.n.min(first + batch);
            let watch = Stopwatch::start();
            run_orders(handle, definition, first..last).await?;
            latencies.push(watch.elapsed_ms());
            first = last;
        }
        Ok(latencies)
    }
}

/// Submits orders in one call and waits until the result of each is durable.
async fn run_orders(
    handle: &Handle,
    definition: &Arc<Definition>,
    indices: std::ops::Range<usize>,
) -> Result<(), Failure> {
    let rows = indices
        .map(|index| order(definition, index, "4000.00"))
        .collect::<Result<Vec<_>, _>>()?;
    for started in handle.start(definition, rows, &actor()).await? {
        let row = handle.settled(started.run).await?;
        if started.duplicate || row.status != RunStatus::Succeeded {
            return Err(failed(
                "an order did not go through; is the directory empty?",
            ));
        }
    }
    Ok(())
}

/// Collects what every client measured.
pub(super) async fn gather(
    clients: Vec<tokio::task::JoinHandle<Result<Vec<f64>, Failure>>>,
) -> Result<Vec<f64>, Failure> {
    let mut latencies = Vec::new();
    for client in clients {
        let measured = client.await.map_err(|error| failed(&error.to_string()))?;
        latencies.extend(measured?);
    }
    Ok(latencies)
}
