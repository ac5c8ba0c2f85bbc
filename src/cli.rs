//! Commands and their JSON: noun first, verb second. One file per noun.
//!
//! A command parses its arguments, calls [`crate::runtime::Handle`], and prints. Names, keys and
//! exit statuses are a contract with scripts: they may grow, never change.

pub mod alerts;
pub mod audit;
pub mod bench;
pub mod console;
pub mod context;
pub mod dead_letters;
pub mod demo;
pub mod doctor;
pub mod effects;
pub mod failure;
pub mod generate;
pub mod holder;
pub mod interrupts;
pub mod options;
pub mod output;
pub mod packets;
pub mod runs;
pub mod sandbox;
pub mod session;
pub mod set;
pub mod start;
pub mod table;
pub mod visible;
pub mod workflow;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::options::GlobalOptions;
use crate::cli::output::Output;

/// Governs autonomous agent workflows: agents prepare, rules decide what may pass, and everything
/// else waits until a person countersigns it.
///
/// A workflow is a YAML file with its contract and its steps. Starting it makes a run. Where a
/// rule asks, the run waits and a packet shows what exactly would be done, to which target, with
/// which amounts, and why it stopped. A verdict is bound to that packet by its digest. Every
/// effect happens exactly once or is shown as unknown, and every fact stands in one journal that
/// shows when somebody changed it.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub options: GlobalOptions,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  countersign                                the console on your store
  countersign demo                           the console on a sandbox with 401 real orders
  countersign demo --headless --dir demo     the same without a screen
  countersign start purchase-order --input orders.csv --key po_number
  countersign packets list
  countersign packets show PACKET
  countersign packets approve PACKET --digest DIGEST --reason 'checked with the vendor'
  countersign audit verify

Exit status: 0 done, 1 failed, 2 usage or invalid file, 3 not found, 4 refused, 5 integrity,
6 store busy or locked.";

/// The nouns.
#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    Sandbox(sandbox::SandboxCommand),
    #[command(subcommand)]
    Workflow(workflow::WorkflowCommand),
    Start(start::Start),
    #[command(subcommand)]
    Runs(runs::RunsCommand),
    #[command(subcommand)]
    Packets(packets::PacketsCommand),
    #[command(subcommand)]
    Effects(effects::EffectsCommand),
    #[command(subcommand)]
    DeadLetters(dead_letters::DeadLettersCommand),
    #[command(subcommand)]
    Alerts(alerts::AlertsCommand),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    Doctor(doctor::Doctor),
    Completions(generate::Completions),
    Man(generate::Man),
}

/// How a command that did its work ended. Failures are [`Failure`]s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Well,
    /// The results are printed, and they say that something is wrong.
    With(Kind),
}

/// Runs one command line, program name first, and answers the process's exit status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &args),
    };
    let mut context = Context::new(cli.options);
    let outcome = dispatch(cli.command, &mut context);
    let flushed = context.out.flush();
    match outcome.and_then(|done| flushed.map(|()| done)) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::With(kind)) => ExitCode::from(kind.status()),
        Err(failure) => failure.report(&mut context.out),
    }
}

fn dispatch(command: Option<Command>, context: &mut Context) -> Result<Done, Failure> {
    match command {
        Some(Command::Demo(command)) => command.run(context),
        Some(Command::Sandbox(command)) => command.run(context),
        Some(Command::Workflow(command)) => command.run(context),
        Some(Command::Start(command)) => command.run(context),
        Some(Command::Runs(command)) => command.run(context),
        Some(Command::Packets(command)) => command.run(context),
        Some(Command::Effects(command)) => command.run(context),
        Some(Command::DeadLetters(command)) => command.run(context),
        Some(Command::Alerts(command)) => command.run(context),
        Some(Command::Audit(command)) => command.run(context),
        Some(Command::Bench(command)) => command.run(context),
        Some(Command::Doctor(command)) => command.run(context),
        Some(Command::Completions(command)) => command.run(context),
        Some(Command::Man(command)) => command.run(context),
        None => console::run(context),
    }
}

/// What clap could not parse, or the help it was asked for.
fn usage(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let json = args.iter().any(|arg| arg == "--json");
    let mut out = Output::standard(json);
    if !error.use_stderr() {
        let text = error.render();
        return match out
            .bytes(text.to_string().as_bytes())
            .and_then(|()| out.flush())
        {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(&mut out),
        };
    }
    let text = error.render().to_string();
    // The first paragraph is the sentence; usage and tips follow it.
    let (sentence, rest) = text.split_once("\n\n").unwrap_or((&text, ""));
    let sentence = sentence.trim().trim_start_matches("error: ");
    let failure = Failure::usage(
        "usage",
        sentence.split_whitespace().collect::<Vec<_>>().join(" "),
    );
    let tip = rest
        .lines()
        .find_map(|line| line.trim().strip_prefix("tip: "));
    failure
        .hint(tip.unwrap_or("add `--help` to see what this command takes"))
        .report(&mut out)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_option_and_value_has_a_help_text() {
        let mut command = Cli::command();
        command.build();
        let mut looked_at = 0;
        check_help(&command, &mut looked_at);
        assert!(looked_at > 80, "only {looked_at} were looked at");
    }

    fn check_help(command: &clap::Command, looked_at: &mut u32) {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            let name = format!("{} {}", command.get_name(), argument.get_id());
            assert!(argument.get_help().is_some(), "{name}");
            *looked_at += 1;
        }
        for sub in command
            .get_subcommands()
            .filter(|sub| sub.get_name() != "help")
        {
            check_help(sub, looked_at);
        }
    }
}
