//! Shell completions and man pages, generated from the same definitions that parse.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::{Cli, Done};

/// Print a completion script for a shell
///
/// For bash: countersign completions bash > ~/.local/share/bash-completion/completions/countersign
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Completions {
    /// The shell to complete in
    shell: Shell,
}

/// Print a man page, of the program or of one command
///
/// Read one with: countersign man packets approve | man -l -
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Man {
    /// The command to describe, as in `packets approve`
    command: Vec<String>,
}

impl Completions {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let mut script = Vec::new();
        let mut command = Cli::command();
        let name = command.get_name().to_owned();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        context.out.bytes(&script)?;
        Ok(Done::Well)
    }
}

impl Man {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let mut root = Cli::command();
        root.build();
        let mut command = &root;
        for word in &self.command {
            command = command.find_subcommand(word).ok_or_else(|| {
                let words = self.command.join(" ");
                Failure::new(
                    Kind::NotFound,
                    "no_such_command",
                    format!("there is no command `{words}`"),
                )
                .hint("`countersign help` lists the commands")
            })?;
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone())
            .render(&mut page)
            .map_err(|error| Failure::internal(&error))?;
        context.out.bytes(&page)?;
        Ok(Done::Well)
    }
}
