//! `workflow show`.

use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::workflow::list::known;
use crate::cli::workflow::resolve;
use crate::runtime::RuntimeError;
use crate::workflow::Definition;

/// Columns of the page, whatever the terminal: the same text can be pasted anywhere.
const WIDTH: usize = 80;

/// Show a workflow: its contract, then its steps
#[derive(Debug, Args)]
pub struct Show {
    /// Its name, or the path of a YAML file
    workflow: String,
}

impl Show {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let definition = match resolve::definition_file(&self.workflow, &mut context.out)? {
            Some(definition) => definition,
            None => self.known(context)?,
        };
        let out = &mut context.out;
        if out.is_json() {
            out.document(&json!({
                "workflow": definition.name,
                "digest": definition.digest,
                "definition": definition.bundle,
            }))?;
        } else {
            for line in crate::workflow::show(&definition, WIDTH).lines() {
                out.line(crate::cli::visible::visible(line))?;
            }
        }
        Ok(Done::Well)
    }

    fn known(&self, context: &mut Context) -> Result<Arc<Definition>, Failure> {
        let mut known = known(context)?.into_iter();
        let found = known.find(|definition| definition.name.as_str() == self.workflow);
        found.ok_or_else(|| RuntimeError::NoSuchWorkflow(self.workflow.clone()).into())
    }
}
