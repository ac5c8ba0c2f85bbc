//! `runs list`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::table::{Align, Table};
use crate::cli::{Done, session};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{RunId, RunStatus, StepId};
use crate::store::RunFilter;
use crate::views::RunRow;

/// List runs
#[derive(Debug, Args)]
pub struct List {
    /// Only those with this status, as in `waiting` or `dead_lettered`
    #[arg(long)]
    status: Option<RunStatus>,
    /// Only those of this workflow
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Only the one started under this key
    #[arg(long)]
    key: Option<String>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
    /// Only those after this one, to read on where a list ended
    #[arg(long, value_name = "RUN")]
    after: Option<RunId>,
}

impl List {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = RunFilter {
            status: self.status,
            workflow: self.workflow.as_deref().map(Into::into),
            key: self.key,
            after: self.after,
            limit: Some(self.limit),
            ..RunFilter::default()
        };
        let rows = session::read(context, |handle| handle.runs(&filter))?;
        if context.out.is_json() {
            context.out.document(&rows)?;
        } else {
            session::print_list(&mut context.out, &table(&rows), rows.len(), "runs")?;
        }
        Ok(Done::Well)
    }
}

/// The workflow is a column only where there are several, so that a list of one fits 80 columns.
fn table(rows: &[RunRow]) -> Table {
    let first = rows.first().map(|row| &row.workflow);
    let several = rows.iter().any(|row| Some(&row.workflow) != first);
    let mut columns = vec![
        ("RUN", Align::Left),
        ("STATUS", Align::Left),
        ("STEP", Align::Left),
        ("KEY", Align::Left),
    ];
    if several {
        columns.push(("WORKFLOW", Align::Left));
    }
    let mut table = Table::new(&columns);
    for row in rows {
        let run = row.run.to_string();
        table.row([
            run.as_str(),
            row.status.as_str(),
            row.step.as_ref().map_or("-", StepId::as_str),
            row.key.as_deref().unwrap_or("-"),
            row.workflow.as_str(),
        ]);
    }
    table
}
