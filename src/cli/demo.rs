//! `demo`: the sandbox, the shipped workflows and real purchase orders, in one directory.

mod rows;
mod summary;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::Done;
use crate::cli::console;
use crate::cli::context::Context;
use crate::cli::demo::summary::DemoSummary;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::sandbox::temporary_dir;
use crate::cli::session::{self, Access};
use crate::cli::start::{Admission, Drive, work_off};
use crate::domain::{Actor, Fields};
use crate::runtime::Handle;
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
            // Before anything is made: without a terminal there is nothing to show.
            console::options(context)?;
        }
        let dir = match self.dir {
            Some(dir) => dir,
            None => temporary_dir()?,
        };
        // The paths told at the end are used from other directories.
        let dir = std::path::absolute(&dir).map_err(|error| Failure::unreadable(&dir, &error))?;
        let sandbox = Sandbox::start(&SandboxOptions::new(&dir))?;
        let summary = if self.headless {
            Some(run_orders(context, &sandbox, &dir)?)
        } else {
            show_orders(context, &sandbox, &dir)?;
            None
        };
        session::runtime(Access::Attach)?.block_on(sandbox.stop());
        match summary {
            Some(summary) => summary.print(&mut context.out)?,
            None => context.out.line(format_args!(
                "everything is kept in {}: `countersign demo --dir {0}` goes on there",
                dir.display()
            ))?,
        }
        Ok(Done::Well)
    }
}

/// Shows the console while the sample is started beside it.
fn show_orders(context: &mut Context, sandbox: &Sandbox, dir: &Path) -> Result<(), Failure> {
    context.use_files(sandbox.config_path(), &dir.join(STORE_FILE));
    let options = console::options(context)?;
    let actor = options.actor.clone();
    let in_flight = context.config()?.runs_driven;
    session::with(context, Access::Start, async |handle, _| {
        let loading = tokio::spawn(load(handle.clone(), actor, in_flight));
        let shown = console::show(handle, options).await;
        // What was not started yet is started the next time.
        loading.abort();
        shown
    })
}

/// Starts the sample's rows that are not there yet.
async fn load(handle: Handle, actor: Actor, in_flight: usize) -> Result<(), Failure> {
    let rows = rows::sample()?;
    let definition = handle.definition(WORKFLOW)?;
    let admission = Admission::new(definition, Some(KEY), Fields::new())?;
    let drive = Drive {
        handle: &handle,
        actor: &actor,
        in_flight,
        detach: false,
        quiet: true,
    };
    drive.all(rows, admission, &mut Output::nowhere()).await?;
    Ok(())
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
        work_off(handle, out).await?;
        DemoSummary::collect(handle, &started, sandbox, &store)
    })
}
