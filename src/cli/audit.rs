//! `audit`: the journal as a list, its verification, its head.

mod accept;
mod verify;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::table::{Align, Table};
use crate::cli::{Done, session};
use crate::domain::escape_json;
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{RunId, Timestamp};
use crate::store::{EventFilter, StoredEvent};

/// The journal: list it, verify it, keep its head elsewhere
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    List(List),
    Verify(verify::Verify),
    Head(Head),
    Accept(accept::Accept),
}

/// List events of the journal, oldest first
#[derive(Debug, Args)]
pub struct List {
    /// Only those of this run
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// Only those by this actor
    #[arg(long)]
    actor: Option<String>,
    /// Only those of this kind, as in `packet_closed`
    #[arg(long)]
    kind: Option<String>,
    /// Only those at or after this time, as in 2026-11-21T14:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
}

/// Print the newest event's number and hash
///
/// Kept elsewhere, it later proves with `audit verify --head FILE` that nothing up to it was
/// changed, cut off or restored from an older copy.
#[derive(Debug, Args)]
pub struct Head {}

impl AuditCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Verify(command) => command.run(context),
            Self::Head(command) => command.run(context),
            Self::Accept(command) => command.run(context),
        }
    }
}

impl List {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = EventFilter {
            run: self.run,
            actor: self.actor,
            kind: self.kind,
            since: self.since,
            limit: Some(self.limit),
            ..EventFilter::default()
        };
        let events = session::read(context, |handle| handle.events(&filter))?;
        if context.out.is_json() {
            context.out.document(&events)?;
        } else {
            session::print_list(&mut context.out, &table(&events), events.len(), "events")?;
        }
        Ok(Done::Well)
    }
}

impl Head {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let Self {} = self;
        let head = session::read(context, crate::runtime::Handle::head)?;
        if context.out.is_json() {
            context.out.document(&head)?;
        } else {
            context
                .out
                .line(format_args!("{} events, hash {}", head.size, head.hash))?;
        }
        Ok(Done::Well)
    }
}

fn table(events: &[StoredEvent]) -> Table {
    let mut table = Table::new(&[
        ("SEQ", Align::Right),
        ("AT", Align::Left),
        ("KIND", Align::Left),
        ("ACTOR", Align::Left),
    ]);
    for event in events {
        let (seq, at) = (event.seq.to_string(), event.at.to_string());
        table.row([seq.as_str(), &at, &event.kind, &event.actor]);
        let run = event
            .run
            .map_or_else(String::new, |run| format!("run {run} "));
        let values = match &event.values {
            Some(values) => escape_json(&values.to_string()).into_owned(),
            None => escape_json(&event.body.to_string()).into_owned(),
        };
        table.below(&format!("{run}{values}"));
    }
    table
}
