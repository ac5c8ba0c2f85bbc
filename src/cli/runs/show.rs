//! `runs show`.

use clap::Args;
use serde_json::Value;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::table::{Align, Table};
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::domain::escape_json;
use crate::domain::{RunId, StepId};
use crate::runtime::RunDetail;

/// Show one run: state, steps, effects
#[derive(Debug, Args)]
pub struct Show {
    /// The run's id
    run: RunId,
}

impl Show {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let detail = session::read(context, |handle| handle.run(self.run))?;
        if context.out.is_json() {
            context.out.document(&detail)?;
        } else {
            print(&mut context.out, &detail)?;
        }
        Ok(Done::Well)
    }
}

fn print(out: &mut Output, detail: &RunDetail) -> Result<(), Failure> {
    let row = &detail.row;
    out.line(format_args!("run       {}", row.run))?;
    out.line(format_args!(
        "workflow  {} ({})",
        visible(row.workflow.as_str()),
        detail.definition
    ))?;
    if let Some(key) = &row.key {
        out.line(format_args!("key       {}", visible(key)))?;
    }
    match row.step.as_ref().map(StepId::as_str) {
        Some(step) => out.line(format_args!(
            "status    {} at {}",
            row.status,
            visible(step)
        ))?,
        None => out.line(format_args!("status    {}", row.status))?,
    }
    out.line(format_args!("started   {}", row.started_at))?;
    out.line(format_args!("updated   {}", row.updated_at))?;
    if let Some(error) = &detail.error {
        let (code, message) = (visible(&error.code), visible(&error.message));
        out.line(format_args!("error     {code}: {message}"))?;
    }
    if let Some(packet) = &detail.packet {
        out.line(format_args!(
            "packet    {packet}   countersign packets show {packet}"
        ))?;
    }
    out.line(format_args!("\nSTATE (version {})", detail.state_version))?;
    fields(out, &detail.state)?;
    out.line("")?;
    steps(out, detail)?;
    effects(out, detail)
}

/// Each field on its own line, as JSON, whole.
pub fn fields(out: &mut Output, fields: &crate::domain::Fields) -> Result<(), Failure> {
    let width = fields
        .keys()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    for (name, value) in fields {
        let (name, value) = (visible(name), readable(value));
        out.line(format_args!("  {name:width$}  {value}"))?;
    }
    Ok(())
}

/// A value as people read it: text bare, money as an amount, the rest as JSON.
pub fn readable(value: &Value) -> String {
    if let Value::String(text) = value {
        return visible(text).into_owned();
    }
    match serde_json::from_value::<crate::domain::Money>(value.clone()) {
        Ok(money) => money.to_string(),
        Err(_) => escape_json(&value.to_string()).into_owned(),
    }
}

fn steps(out: &mut Output, detail: &RunDetail) -> Result<(), Failure> {
    let mut table = Table::new(&[
        ("STEP", Align::Left),
        ("TRY", Align::Right),
        ("STATUS", Align::Left),
        ("STARTED", Align::Left),
    ]);
    for line in &detail.steps {
        let undo = if line.undo { " (undo)" } else { "" };
        table.row([
            &format!("{}{undo}", line.step),
            &line.attempt.to_string(),
            line.status.as_str(),
            &line.started_at.to_string(),
        ]);
        if let Some(error) = &line.error {
            table.below(error);
        }
    }
    for line in table.lines() {
        out.line(line)?;
    }
    Ok(())
}

fn effects(out: &mut Output, detail: &RunDetail) -> Result<(), Failure> {
    if detail.effects.is_empty() {
        return out.line("\nNo effects yet.");
    }
    let mut table = Table::new(&[("EFFECT", Align::Left), ("STATE", Align::Left)]);
    for effect in &detail.effects {
        table.row([effect.tool.as_str(), effect.state.as_str()]);
        table.below(&format!("key {}", effect.idempotency_key));
    }
    out.line("")?;
    for line in table.lines() {
        out.line(line)?;
    }
    Ok(())
}
