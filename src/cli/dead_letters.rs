//! `dead-letters`: steps that are parked for a person.

mod discard;
mod list;
mod many;
mod preview;
mod show;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::set::{Set, each_once, parse_answer, parse_set};
use crate::domain::DeadLetterId;
use many::{Chosen, What};

/// Dead letters: list them, look at one, redrive, discard
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    List(list::List),
    Show(show::Show),
    Redrive(Redrive),
    Discard(Discard),
}

/// Have parked steps go on, each from where it was stuck
///
/// A write that certainly was not done is sent under its key while its approval holds. One that
/// was done is never sent again: only what follows is decided anew. `--dry-run` tells what would
/// happen and changes nothing.
#[derive(Debug, Args)]
pub struct Redrive {
    #[command(flatten)]
    chosen: Chosen,
    /// A state field and its new value, as in amount=78500.00; may be given several times
    #[arg(
        long,
        value_name = "PATH=JSON",
        value_parser = parse_set,
        conflicts_with_all = ["workflow", "error", "all"]
    )]
    set: Vec<Set>,
    /// What the target answered, as JSON, where a step was answered and cannot finish with it
    #[arg(
        long,
        value_name = "JSON",
        value_parser = parse_answer,
        conflicts_with_all = ["workflow", "error", "all"]
    )]
    output: Option<Value>,
    /// Why; stands in the journal, and is asked for where something is set or told
    #[arg(long)]
    reason: Option<String>,
    /// Only tell what would happen: the exact effect, what the target says of it, and whether the
    /// approval still binds
    #[arg(long)]
    dry_run: bool,
}

/// Give parked steps up: their runs fail, and undo what they did
///
/// What a run did and its tools say how to undo is undone, the last first, before the run ends;
/// where an undoing itself is given up, what it was to undo stays. To end a run and leave
/// everything as it is: `runs terminate`. `--dry-run` tells what would be undone and what would
/// stay, and changes nothing.
#[derive(Debug, Args)]
pub struct Discard {
    #[command(flatten)]
    chosen: Chosen,
    /// Why; stands in the journal
    #[arg(long, required_unless_present = "dry_run")]
    reason: Option<String>,
    /// Only tell what would be undone, and what would stay
    #[arg(long)]
    dry_run: bool,
}

impl DeadLettersCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Redrive(command) => command.run(context),
            Self::Discard(command) if command.dry_run => discard::run(context, &command.chosen),
            Self::Discard(command) => {
                let reason = command.reason.unwrap_or_default();
                many::run(context, &command.chosen, &What::Discard { reason })
            }
        }
    }
}

impl Redrive {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        each_once(&self.set)?;
        let set = self.set.into_iter();
        let set: Vec<_> = set.map(|Set { path, value }| (path, value)).collect();
        let edited = !set.is_empty() || self.output.is_some();
        if edited && self.reason.is_none() && !self.dry_run {
            let text = "--set and --output need --reason";
            return Err(Failure::usage("no_reason", text)
                .hint("say why it is changed: it stands in the journal"));
        }
        let (output, reason) = (self.output, self.reason);
        if self.dry_run {
            return preview::run(context, &self.chosen, &(set, output));
        }
        let what = What::Redrive {
            set,
            output,
            reason,
        };
        many::run(context, &self.chosen, &what)
    }
}

/// A letter's id, as an argument.
type Letter = DeadLetterId;
