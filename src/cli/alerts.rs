//! `alerts`: something unusual that a person should look at.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::output::Output;
use crate::cli::session::Access;
use crate::cli::table::{Align, Table};
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{AlertId, AlertKind, AlertStatus, RunId, escape_json};
use crate::store::AlertFilter;
use crate::views::AlertRow;

/// Alerts: list them, look at one, acknowledge it
#[derive(Debug, Subcommand)]
pub enum AlertsCommand {
    List(List),
    Show(Show),
    Ack(Ack),
}

/// List alerts, the one raised first first
#[derive(Debug, Args)]
pub struct List {
    /// Only those that are: open, acknowledged
    #[arg(long)]
    status: Option<AlertStatus>,
    /// Only those of this kind, as in `clock_jump`
    #[arg(long)]
    kind: Option<AlertKind>,
    /// Only those about this run
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
    /// Go on behind this alert
    #[arg(long, value_name = "ALERT")]
    after: Option<AlertId>,
}

/// Show one alert and what it was raised on
#[derive(Debug, Args)]
pub struct Show {
    /// The alert's id
    alert: AlertId,
}

/// Acknowledge an alert; what it held back goes on
///
/// After a clock jump this says that the clock is right now: deadlines count again from here, and
/// what fell due meanwhile is escalated, or gets a new window, and never expires at once.
#[derive(Debug, Args)]
pub struct Ack {
    /// The alert's id
    alert: AlertId,
    /// Why; stands with the alert
    #[arg(long)]
    reason: Option<String>,
}

impl AlertsCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Ack(command) => command.run(context),
        }
    }
}

impl List {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = AlertFilter {
            status: self.status,
            kind: self.kind,
            run: self.run,
            newest_first: false,
            after: self.after,
            limit: Some(self.limit),
        };
        let rows = session::read(context, |handle| handle.alerts(&filter))?;
        if context.out.is_json() {
            let list: Vec<Value> = rows.iter().map(document).collect();
            context.out.document(&list)?;
            return Ok(Done::Well);
        }
        let mut table = Table::new(&[
            ("AT", Align::Left),
            ("STATUS", Align::Left),
            ("KIND", Align::Left),
            ("ABOUT", Align::Left),
        ]);
        for row in &rows {
            let about = if row.subject.is_empty() {
                "-"
            } else {
                row.subject.as_str()
            };
            table.row([
                row.at.to_string().as_str(),
                row.status.as_str(),
                row.kind.as_str(),
                about,
            ]);
            table.below(&format!("alert {}  {}", row.alert, row.message));
        }
        session::print_list(&mut context.out, &table, rows.len(), "alerts")?;
        Ok(Done::Well)
    }
}

impl Show {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let row = session::read(context, |handle| handle.alert(self.alert))?;
        print(&mut context.out, &row)
    }
}

impl Ack {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let row = session::with(context, Access::Attach, async |handle, _| {
            Ok(handle
                .acknowledge(self.alert, self.reason.as_deref(), &actor)
                .await?)
        })?;
        print(&mut context.out, &row)
    }
}

/// The keys that scripts rely on, and some more.
fn document(row: &AlertRow) -> Value {
    json!({
        "alert": row.alert,
        "kind": row.kind,
        "subject": row.subject,
        "run": row.run,
        "step": row.step,
        "message": row.message,
        "evidence": row.evidence,
        "status": row.status,
        "at": row.at,
        "acknowledged_by": row.acknowledged_by,
        "acknowledged_at": row.acknowledged_at,
        "reason": row.reason,
    })
}

fn print(out: &mut Output, row: &AlertRow) -> Result<Done, Failure> {
    if out.is_json() {
        out.document(&document(row))?;
        return Ok(Done::Well);
    }
    out.line(format_args!("alert    {} ({})", row.alert, row.status))?;
    out.line(format_args!("kind     {}", row.kind))?;
    if !row.subject.is_empty() {
        out.line(format_args!("about    {}", visible(&row.subject)))?;
    }
    if let Some(run) = row.run {
        out.line(format_args!("run      {run}"))?;
    }
    out.line(format_args!("at       {}", row.at))?;
    out.line(format_args!("{}", visible(&row.message)))?;
    let evidence = row.evidence.to_string();
    out.line(format_args!("evidence {}", escape_json(&evidence)))?;
    if let (Some(by), Some(at)) = (&row.acknowledged_by, row.acknowledged_at) {
        out.line(format_args!("acknowledged by {} at {at}", visible(by)))?;
    }
    if let Some(reason) = &row.reason {
        out.line(format_args!("reason   {}", visible(reason)))?;
    }
    Ok(Done::Well)
}
