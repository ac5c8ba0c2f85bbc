//! `runs`: executions of workflows, and the supervision of them.

mod list;
mod show;
mod supervise;
mod terminate;

use clap::Subcommand;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Runs: list them, look at one, pause, resume, terminate, override a value
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    List(list::List),
    Show(show::Show),
    Pause(supervise::Pause),
    Resume(supervise::Resume),
    Override(supervise::Override),
    Terminate(terminate::Terminate),
}

pub use show::{fields, readable};

impl RunsCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Pause(command) => command.run(context),
            Self::Resume(command) => command.run(context),
            Self::Override(command) => command.run(context),
            Self::Terminate(command) => command.run(context),
        }
    }
}
