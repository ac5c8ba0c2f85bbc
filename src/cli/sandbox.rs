//! `sandbox`: the bundled outside world, until it is told to end.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::interrupts::Interrupts;
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::sandbox::{Sandbox, SandboxError, SandboxOptions};

/// Run the sandbox: an ERP and a vendor register on loopback, with a ledger of every effect
///
/// The first line names its address and a configuration file for --config. GET /_ledger lists
/// every effect it performed; POST /_faults makes it misbehave. It runs until SIGINT or SIGTERM.
#[derive(Debug, Args)]
pub struct SandboxCommand {
    /// A loopback address, as in 127.0.0.1:4000; by default the port of the last start in the
    /// same directory, or a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Keeps its database, port and configuration; by default a new temporary directory
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A JSON list of faults to begin with
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

impl SandboxCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let dir = match self.dir {
            Some(dir) => dir,
            None => temporary_dir()?,
        };
        let dir = std::path::absolute(&dir).map_err(|error| Failure::unreadable(&dir, &error))?;
        let sandbox = Sandbox::start(&SandboxOptions {
            dir,
            listen: self.listen,
            faults: self.faults,
        })?;
        let runtime = session::runtime(Access::Attach)?;
        runtime.block_on(async {
            // Before it is announced: whoever reads the first line may end it at once.
            let mut interrupts = Interrupts::listen()?;
            announce(&sandbox, &mut context.out)?;
            interrupts.next().await;
            sandbox.stop().await;
            Ok(Done::Well)
        })
    }
}

fn announce(sandbox: &Sandbox, out: &mut Output) -> Result<(), Failure> {
    let (url, config) = (sandbox.url(), sandbox.config_path().display().to_string());
    if out.is_json() {
        // One line even on a terminal: it is the first of a stream.
        out.json_line(&json!({"sandbox_url": url, "config": config}))?;
    } else {
        out.line(format_args!(
            "sandbox at {url}, use it with --config {}",
            visible(&config)
        ))?;
    }
    out.flush()
}

/// A new directory that outlives this process: its ledger is what people look at afterwards.
pub(super) fn temporary_dir() -> Result<PathBuf, Failure> {
    let dir = tempfile::Builder::new().prefix("countersign-").tempdir();
    match dir {
        Ok(dir) => Ok(dir.keep()),
        Err(error) => Err(Failure::new(
            Kind::Failed,
            "no_temporary_directory",
            format!("cannot make a temporary directory: {error}"),
        )
        .hint("name one with --dir")),
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        let (kind, code) = match &error {
            SandboxError::PortInUse { .. } => (Kind::Failed, "port_in_use"),
            SandboxError::DirInUse { .. } => (Kind::Busy, "directory_in_use"),
            SandboxError::NotLoopback { .. } => (Kind::Usage, "not_loopback"),
            SandboxError::Listen { .. } => (Kind::Failed, "listen"),
            SandboxError::File { .. } => (Kind::Failed, "sandbox_file"),
            SandboxError::NotAPort { .. } => (Kind::Failed, "not_a_port"),
            SandboxError::ReadFaults { path, source } => {
                return Self::unreadable(path, source);
            }
            SandboxError::FaultFile { .. } => (Kind::Usage, "fault_file"),
            SandboxError::Open { .. }
            | SandboxError::Database(_)
            | SandboxError::Commit { .. }
            | SandboxError::Json(_)
            | SandboxError::Register(_)
            | SandboxError::Thread(_)
            | SandboxError::Stopping => (Kind::Failed, "sandbox"),
        };
        Self::new(kind, code, error.to_string())
    }
}
