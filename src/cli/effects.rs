//! `effects`: acts on the world, and where each of them stands.

mod settle;
pub(crate) mod tries;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::options::list_limit;
use crate::cli::table::{Align, Table};
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{Digest, EffectState, IdempotencyKey, RunId};
use crate::store::EffectFilter;
use crate::views::{EffectRow, Try};

/// Acts on the world: list them, look at one, settle what nobody knows
#[derive(Debug, Subcommand)]
pub enum EffectsCommand {
    List(List),
    Show(Show),
    Probe(settle::Probe),
    Resolve(settle::Resolve),
}

/// List effects: planned, sent, confirmed, refused, unknown
#[derive(Debug, Args)]
pub struct List {
    /// Only those in this state: planned, blocked, intent, confirmed, refused, unknown, compensated
    #[arg(long)]
    state: Option<EffectState>,
    /// Only those of this run
    #[arg(long, value_name = "RUN")]
    run: Option<RunId>,
    /// At most this many
    #[arg(long, value_name = "N", value_parser = list_limit, default_value_t = LIST_ROWS_MAX)]
    limit: u32,
}

/// Show one effect
#[derive(Debug, Args)]
pub struct Show {
    /// Its idempotency key, 64 hex digits
    key: Digest,
}

impl EffectsCommand {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        match self {
            Self::List(command) => command.run(context),
            Self::Show(command) => command.run(context),
            Self::Probe(command) => command.run(context),
            Self::Resolve(command) => command.run(context),
        }
    }
}

impl List {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let filter = EffectFilter {
            state: self.state,
            run: self.run,
            limit: Some(self.limit),
        };
        let rows = session::read(context, |handle| handle.effects(&filter))?;
        if context.out.is_json() {
            context.out.document(&rows)?;
            return Ok(Done::Well);
        }
        let mut table = Table::new(&[
            ("STATE", Align::Left),
            ("TOOL", Align::Left),
            ("AMOUNT", Align::Right),
            ("TRY", Align::Right),
            ("UPDATED", Align::Left),
        ]);
        for row in &rows {
            table.row([
                row.state.as_str(),
                row.tool.as_str(),
                &amount(row),
                &row.attempt.to_string(),
                &row.updated_at.to_string(),
            ]);
            table.below(&format!("key {}", row.idempotency_key));
            table.below(&format!("{} of run {}", visible(&row.operation), row.run));
            if let Some(link) = link(row) {
                table.below(&link);
            }
        }
        session::print_list(&mut context.out, &table, rows.len(), "effects")?;
        Ok(Done::Well)
    }
}

impl Show {
    fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let key = IdempotencyKey(self.key);
        let (row, tries) = session::read(context, |handle| {
            Ok((handle.effect(key)?, handle.tries(key)?))
        })?;
        if context.out.is_json() {
            context.out.document(&Shown { row, tries })?;
            return Ok(Done::Well);
        }
        let out = &mut context.out;
        out.line(format_args!("effect     {}", row.idempotency_key))?;
        out.line(format_args!("state      {}", row.state))?;
        out.line(format_args!("tool       {}", visible(row.tool.as_str())))?;
        out.line(format_args!("amount     {}", amount(&row)))?;
        out.line(format_args!("operation  {}", visible(&row.operation)))?;
        out.line(format_args!("run        {}", row.run))?;
        out.line(format_args!("step       {}", visible(row.step.as_str())))?;
        out.line(format_args!("attempt    {}", row.attempt))?;
        out.line(format_args!("digest     {}", row.digest))?;
        out.line(format_args!("updated    {}", row.updated_at))?;
        if let Some(undone) = &row.undoes {
            out.line(format_args!("undoes     {undone}"))?;
        }
        if let Some(undoing) = &row.undone_by {
            out.line(format_args!("undone by  {undoing}"))?;
        }
        if let Some(error) = &row.error {
            out.line(format_args!("error      {}", visible(error)))?;
        }
        tries::print(out, &tries)?;
        Ok(Done::Well)
    }
}

/// An effect with what was tried for it, newest first.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    row: EffectRow,
    tries: Vec<Try>,
}

/// What it undoes, or what undid it.
fn link(row: &EffectRow) -> Option<String> {
    let undoes = row.undoes.map(|key| format!("undoes {key}"));
    undoes.or_else(|| row.undone_by.map(|key| format!("undone by {key}")))
}

fn amount(row: &EffectRow) -> String {
    row.amount
        .map_or_else(|| "-".to_owned(), |amount| amount.to_string())
}
