//! `start`: one run per row of input.

mod admit;
mod csv_rows;
mod drive;
mod input;
mod json_rows;
mod report;
mod rows_field;
mod work_off;

use std::path::PathBuf;

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::session::{self, Access};
use crate::cli::start::rows_field::{RowsField, parse_rows_field};
use crate::cli::workflow::resolve;

pub use admit::Admission;
pub use drive::Drive;
pub use input::{Input, InputRow, Rows, csv_rows, open_rows};
pub use report::Summary;
pub use work_off::{WORK_OFF, left_over, undriven, work_off};

/// Start one run per row of a CSV, JSON Lines or JSON file
///
/// Runs of this store that an ended process or `--detach` left with work to do are driven as well;
/// with no rows (`[]`) until each of them waits for a person, has ended, or is parked or held.
///
/// Header names are fields of the workflow's state, or aliases that its schema declares; other
/// columns are ignored. A row that misses the schema is reported with its line number and starts
/// nothing; the others start. Each run is driven until it is finished or waits for a person.
///
/// Exit status 2 if any row was invalid, or if the input is empty or its header names no field;
/// else 0 whatever became of the runs. In the summary the
/// outcomes (succeeded, waiting, …) count the runs that this command started; a duplicate's line
/// shows how its run stands. `unfinished` counts those that it leaves paused or under way; without
/// rows, the runs of the store that it could not work off.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Start {
    /// A workflow's name, or the path of a YAML file
    ///
    /// A file is checked first; its tools are looked up in the folder `tools` beside it and among
    /// the shipped ones.
    workflow: String,
    /// The rows: .csv, .jsonl, .json (objects or a list of them), or - for stdin
    #[arg(long, value_name = "FILE", required_unless_present = "rows")]
    input: Option<PathBuf>,
    /// The state field, or an alias of one, under whose value a row never starts twice
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,
    /// Load the (first N) rows of another CSV or JSON Lines file into a field of every row
    #[arg(long, value_name = "FIELD=PATH[:N]", value_parser = parse_rows_field)]
    rows: Vec<RowsField>,
    /// Only enqueue: another process, or a later one, drives the runs
    #[arg(long)]
    detach: bool,
}

const EXAMPLES: &str = "\
Examples:
  countersign start purchase-order --input orders.csv --key po_number
  echo '{\"po_id\":\"PO-1\",\"vendor\":\"Alpha Tech Systems\",\"amount\":7850.00}' |
    countersign start purchase-order --input -
  countersign --json start ./my-workflow.yaml --input rows.jsonl | jq .summary";

impl Start {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let in_flight = context.config()?.runs_driven;
        let file = resolve::definition_file(&self.workflow, &mut context.out)?;
        let Input { columns, rows } = open_rows(self.input.as_deref())?;
        let loaded = rows_field::load(&self.rows)?;
        let access = if self.detach {
            Access::Enqueue
        } else {
            Access::Start
        };
        let summary = session::with(context, access, async |handle, out| {
            let definition = match file {
                Some(definition) => definition,
                None => handle.definition(&self.workflow)?,
            };
            let admission = Admission::new(definition, self.key.as_deref(), loaded)?;
            admission.check_columns(columns.as_deref())?;
            let drive = Drive {
                handle,
                actor: &actor,
                in_flight,
                detach: self.detach,
                quiet: false,
            };
            let mut summary = drive.all(rows, admission, out).await?;
            if summary.is_of_no_rows() && !self.detach {
                summary.unfinished += work_off(handle, out).await?;
                summary.print(out)?;
                return Ok(summary);
            }
            summary.print(out)?;
            out.flush()?;
            drive.rest(out).await?;
            if !self.detach {
                left_over(handle, out)?;
            }
            Ok(summary)
        })?;
        Ok(match summary.invalid {
            0 => Done::Well,
            _ => Done::With(Kind::Usage),
        })
    }
}
