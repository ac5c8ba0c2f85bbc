//! `dead-letters list`.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::table::{Align, Table};
use crate::cli::{Done, session};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{DeadLetterStatus, Fields, RunId, WorkflowName};
use crate::store::DeadLetterFilter;
use crate::views::DeadLetterRow;

use super::Letter;

/// List parked steps, the one parked first first
#[derive(Debug, Args)]
pub struct List {
    /// Only those that are: open, redriven, discarded
    #[arg(long)]
    status: Option<DeadLetterStatus>,
    /// Only those of this workflow
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Only those with this error, as in `status_503`
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// Only those of this run
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
    /// Go on behind this dead letter
    #[arg(long, value_name = "DEAD_LETTER")]
    after: Option<Letter>,
}

impl List {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = DeadLetterFilter {
            status: self.status,
            workflow: self.workflow.as_deref().map(WorkflowName::from),
            code: self.error,
            run: self.run,
            newest_first: false,
            after: self.after,
            limit: Some(self.limit),
        };
        let (rows, inputs) = session::read(context, |handle| {
            let rows = handle.dead_letters(&filter)?;
            let inputs = handle.inputs_of(&rows)?;
            Ok((rows, inputs))
        })?;
        if context.out.is_json() {
            let rows = rows.iter().zip(inputs);
            let list: Vec<Value> = rows.map(|(row, input)| document(row, &input)).collect();
            context.out.document(&list)?;
            return Ok(Done::Well);
        }
        let mut table = Table::new(&[
            ("AT", Align::Left),
            ("STATUS", Align::Left),
            ("STEP", Align::Left),
            ("KEY", Align::Left),
            ("TRIES", Align::Right),
            ("ERROR", Align::Left),
        ]);
        for row in &rows {
            table.row([
                row.at.to_string().as_str(),
                row.status.as_str(),
                row.step.as_str(),
                row.key.as_deref().unwrap_or("-"),
                &row.attempts.to_string(),
                &row.code,
            ]);
            table.below(&format!("dead letter {}  {}", row.dead_letter, row.message));
        }
        session::print_list(&mut context.out, &table, rows.len(), "dead letters")?;
        Ok(Done::Well)
    }
}

/// The keys that scripts rely on, and some more.
pub(super) fn document(row: &DeadLetterRow, input: &Fields) -> Value {
    json!({
        "dead_letter": row.dead_letter,
        "run": row.run,
        "workflow": row.workflow,
        "key": row.key,
        "step": row.step,
        "error": {"code": row.code, "message": row.message},
        "at": row.at,
        "attempts": row.attempts,
        "input": input,
        "status": row.status,
        "stuck": row.stuck,
        "closed_by": row.closed_by,
        "closed_at": row.closed_at,
        "reason": row.reason,
    })
}
