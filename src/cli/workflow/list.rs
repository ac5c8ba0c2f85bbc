//! `workflow list`.

use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::table::{Align, Table};
use crate::cli::{Done, session};
use crate::domain::{Digest, WorkflowName};
use crate::workflow::shipped::shipped;
use crate::workflow::{Definition, ToolBox, check};

/// List the workflows that can be started by name
#[derive(Debug, Args)]
pub struct List {}

#[derive(Debug, Serialize)]
struct Line<'a> {
    workflow: &'a WorkflowName,
    digest: Digest,
    purpose: &'a str,
    owner: &'a str,
    steps: usize,
}

impl List {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let Self {} = self;
        let definitions = known(context)?;
        let out = &mut context.out;
        if out.is_json() {
            let lines = definitions.iter().map(|definition| Line {
                workflow: &definition.name,
                digest: definition.digest,
                purpose: &definition.intent.purpose,
                owner: &definition.intent.owner,
                steps: definition.steps.len(),
            });
            out.document(&lines.collect::<Vec<_>>())?;
            return Ok(Done::Well);
        }
        let mut table = Table::new(&[("WORKFLOW", Align::Left), ("OWNER", Align::Left)]);
        for definition in &definitions {
            table.row([definition.name.as_str(), &definition.intent.owner]);
            table.below(&definition.intent.purpose);
        }
        session::print_list(out, &table, definitions.len(), "workflows")?;
        Ok(Done::Well)
    }
}

/// What the store knows, or what is shipped where there is no store yet.
pub(super) fn known(context: &mut Context) -> Result<Vec<Arc<Definition>>, Failure> {
    match session::read(context, crate::runtime::Handle::definitions) {
        Err(failure) if failure.code == Failure::NO_STORE => shipped_definitions(),
        known => known,
    }
}

fn shipped_definitions() -> Result<Vec<Arc<Definition>>, Failure> {
    let (tools, _) = ToolBox::load(&shipped().tools);
    let compiled = shipped().workflows.iter().map(|file| {
        check(file, &tools).definition.ok_or_else(|| {
            let message = format!("the shipped workflow {} is not usable", file.name);
            Failure::new(Kind::Failed, "shipped_workflow", message)
        })
    });
    compiled.collect()
}
