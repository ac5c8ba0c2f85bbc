//! `demo`: the sandbox, the shipped workflows and real purchase orders, in one directory.

mod rows;
mod summary;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::demo::summary::DemoSummary;
use crate::cli::failure::Failure;
use crate::cli::sandbox::temporary_dir;
use crate::cli::session::{self, Access};
use crate::cli::start::{Admission, Drive};
use crate::domain::Fields;
use crate::sandbox::{Sandbox, SandboxOptions};

/// The store's file name below the demo's directory.
const STORE_FILE: &str = "store.db";
/// The workflow that the sample rows are for.
const WORKFLOW: &str = "purchase-order";
/// The column under whose value no order starts twice.
const KEY: &str = "po_number";

/// Load real purchase orders into a new store and run them against the sandbox
///
/// DIR keeps the store, the sandbox's database and port, and countersign.toml. A second start in
/// the same DIR reopens them and starts nothing twice.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where everything is kept; by default a new temporary directory, which is named at the end
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Without a screen: run until everything is finished or waits, then print a summary
    #[arg(long)]
    headless: bool,
}

impl Demo {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        if !self.headless {
            return Err(
                crate::cli::no_console().hint("`countersign demo --headless` runs without one")
            );
        }
        let dir = match self.dir {
            Some(dir) => dir,
            None => temporary_dir()?,
        };
        // The paths told at the end are used from other directories.
        let dir = std::path::absolute(&dir).map_err(|error| Failure::unreadable(&dir, &error))?;
        let sandbox = Sandbox::start(&SandboxOptions::new(&dir))?;
        let summary = run_orders(context, &sandbox, &dir)?;
        session::runtime(Access::Attach)?.block_on(sandbox.stop());
        summary.print(&mut context.out)?;
        Ok(Done::Well)
    }
}

/// Runs the sample until every run is finished or waits.
fn run_orders(
    context: &mut Context,
    sandbox: &Sandbox,
    dir: &Path,
) -> Result<DemoSummary, Failure> {
    let store = dir.join(STORE_FILE);
    context.use_files(sandbox.config_path(), &store);
    let actor = context.actor()?;
    let in_flight = context.config()?.runs_driven;
    let rows = rows::sample()?;
    session::with(context, Access::Start, async |handle, out| {
        let definition = handle.definition(WORKFLOW)?;
        let admission = Admission::new(definition, Some(KEY), Fields::new())?;
        let drive = Drive {
            handle,
            actor: &actor,
            in_flight,
            detach: false,
            quiet: true,
        };
        let started = drive.all(rows, admission, out).await?;
        // Runs of an earlier start that was cut off go on too.
        handle.idle().await?;
        DemoSummary::collect(handle, &started, sandbox, &store)
    })
}
