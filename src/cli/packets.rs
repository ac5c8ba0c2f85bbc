//! `packets`: what waits for a person, and the verdicts on it.

mod amend;
mod beside;
mod list;
mod present;
mod resolve;
mod show;
mod verdict;
mod window;

use clap::Subcommand;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::domain::Verdict;

/// Approval packets: list them, look at one, approve, reject, return, amend, escalate, extend
#[derive(Debug, Subcommand)]
pub enum PacketsCommand {
    List(list::List),
    Show(show::Show),
    /// Approve exactly what was shown; the run then goes on
    Approve(verdict::GiveVerdict),
    /// Reject what was shown: nothing of it is done
    Reject(verdict::GiveVerdict),
    /// Send what was shown back with feedback
    Return(verdict::GiveVerdict),
    Amend(amend::Amend),
    Resolve(resolve::Resolve),
    /// Let those whom the workflow escalates to decide too, for a second review window
    Escalate(window::MoveWindow),
    /// Give it another review window
    Extend(window::MoveWindow),
}

impl PacketsCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Approve(command) => command.run(Verdict::Approve, context),
            Self::Reject(command) => command.run(Verdict::Reject, context),
            Self::Return(command) => command.run(Verdict::Return, context),
            Self::Amend(command) => command.run(context),
            Self::Resolve(command) => command.run(context),
            Self::Escalate(command) => command.run(window::Way::Escalate, context),
            Self::Extend(command) => command.run(window::Way::Extend, context),
        }
    }
}

pub use list::{due, table};
