//! `workflow`: definitions, known or in files.

mod check;
mod list;
pub mod resolve;
mod show;

use clap::{Args, Subcommand};

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// Workflows: check files, list what is known, show one, print the format's schema
#[derive(Debug, Subcommand)]
pub enum WorkflowCommand {
    Check(check::Check),
    List(list::List),
    Show(show::Show),
    Schema(Schema),
}

/// Print the JSON Schema of workflow files, for editors
///
/// With the YAML language server: # yaml-language-server: $schema=workflow.schema.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Schema {
    /// The schema of tool files instead
    #[arg(long)]
    tool: bool,
}

impl WorkflowCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::Check(command) => command.run(context),
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Schema(command) => command.run(context),
        }
    }
}

impl Schema {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let schema = if self.tool {
            crate::workflow::tool_json_schema()
        } else {
            crate::workflow::json_schema()
        };
        if context.out.is_json() {
            context.out.document(&schema)?;
            return Ok(Done::Well);
        }
        // It is JSON either way; without --json it is laid out for reading.
        let text =
            serde_json::to_string_pretty(&schema).map_err(|error| Failure::internal(&error))?;
        context.out.line(text)?;
        Ok(Done::Well)
    }
}
