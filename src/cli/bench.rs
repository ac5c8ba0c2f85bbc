//! `bench`: measures engine and store without HTTP, through the public [`Handle`], with the
//! settings `start` uses by default. The only thing scripted is the target.

mod approve;
mod auto;
mod grow;
mod machine;
mod park;
mod rehydrate;
mod report;
mod rows;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use tokio::runtime::Runtime;

use crate::cli::Done;
use crate::cli::bench::target::Target;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::session::{Access, runtime};
use crate::domain::{Actor, ConnectorUrls};
use crate::runtime::{Drive, Handle, Options, SystemClock, SystemEntropy, TargetSettings};
use crate::store::{OpenOptions, SqliteStore, Synchronous};

/// Measures engine and store with a scripted target inside the process.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Purchase orders under 5,000: assessed, let through by rules, committed.
    Auto(auto::AutoBench),
    /// Purchase orders over 5,000: the line when all wait for a person, then idle until killed.
    Park(park::ParkBench),
    /// Approvals of what `park` left, in a new process on the same files.
    Approve(approve::ApproveBench),
    /// One run of many steps.
    Grow(grow::GrowBench),
    /// Runs parked after some steps, resumed by a newly opened store.
    Rehydrate(rehydrate::RehydrateBench),
}

/// Where a benchmark keeps its store.
#[derive(Debug, Args)]
pub struct Data {
    /// Directory of the store; made where it is missing
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// How commits reach the disk: `full` is what every other command uses
    #[arg(long, value_enum, default_value_t = Sync::Full)]
    pub sync: Sync,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sync {
    Full,
    Normal,
}

impl Sync {
    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

impl BenchCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::Auto(bench) => bench.run(context),
            Self::Park(bench) => bench.run(context),
            Self::Approve(bench) => bench.run(context),
            Self::Grow(bench) => bench.run(context),
            Self::Rehydrate(bench) => bench.run(context),
        }
    }
}

/// An engine on a store in the benchmark's directory, with a scripted target.
struct Rig {
    handle: Handle,
    target: Arc<Target>,
}

impl Rig {
    async fn open(data: &Data, target: Arc<Target>) -> Result<Self, Failure> {
        let store = SqliteStore::open(&store_path(&data.data)?, open_options(data))?;
        let handle = Handle::open(Options {
            store: Arc::new(store),
            tools: Arc::clone(&target) as Arc<dyn crate::tools::Tools>,
            connectors: connectors(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            drive: Drive::Everything,
            runs_driven: crate::domain::limits::RUNS_DRIVEN_MAX,
            targets: TargetSettings::default(),
        })
        .await?;
        if !handle.executes() {
            return Err(Failure::new(
                Kind::Busy,
                "bench_not_alone",
                "another process executes for this store, so nothing can be measured",
            )
            .hint("give --data an empty directory"));
        }
        Ok(Self { handle, target })
    }

    /// Checks the whole journal from disk, and that the target saw each effect once.
    async fn close(self) -> Result<(), Failure> {
        let report = self.handle.verify(&mut |_, _| {})?;
        self.handle.shutdown().await?;
        if !report.ok {
            let problem = report.problem.unwrap_or_default();
            return Err(failed(&format!("the journal does not verify: {problem}")));
        }
        match self.target.repeated() {
            0 => Ok(()),
            repeated => Err(failed(&format!(
                "{repeated} effects were sent more than once"
            ))),
        }
    }
}

/// A check of the benchmark itself does not hold: its figures are worth nothing.
fn failed(why: &str) -> Failure {
    Failure::new(
        Kind::Failed,
        "bench_check",
        format!("the measurement does not count: {why}"),
    )
    .hint("run it again on an empty directory; if it stays, something is broken")
}

fn actor() -> Actor {
    Actor::claimed("bench", "bench")
}

fn connectors() -> ConnectorUrls {
    ["erp", "register", "bench"]
        .into_iter()
        .map(|name| (name, format!("http://127.0.0.1/{name}")))
        .collect()
}

fn store_path(dir: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(dir).map_err(|error| {
        Failure::new(
            Kind::Failed,
            "bench_dir",
            format!("cannot make the directory {}: {error}", dir.display()),
        )
        .hint("give --data a directory that can be written to")
    })?;
    Ok(dir.join("store.db"))
}

fn open_options(data: &Data) -> OpenOptions {
    OpenOptions {
        create: true,
        synchronous: match data.sync {
            Sync::Full => Synchronous::Full,
            Sync::Normal => Synchronous::Normal,
        },
        heads: None,
    }
}

fn engine_runtime() -> Result<Runtime, Failure> {
    runtime(Access::Start)
}
