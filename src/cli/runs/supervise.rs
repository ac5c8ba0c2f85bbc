//! `runs pause`, `resume`, `override`.

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::{self, Access};
use crate::cli::set::{Set, parse_set};
use crate::cli::start::undriven;
use crate::cli::visible::visible;
use crate::domain::RunId;
use crate::runtime::RunMoved;

/// Stop a run where it stands; what is in flight still records its outcome
#[derive(Debug, Args)]
pub struct Pause {
    /// The run's id
    run: RunId,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

/// Let a paused run go on; never counts as a verdict
#[derive(Debug, Args)]
pub struct Resume {
    /// The run's id
    run: RunId,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

/// Set a value of a paused run's state, checked by the workflow's schema
///
/// An approval given for the old value no longer binds: the effect is judged again.
#[derive(Debug, Args)]
pub struct Override {
    /// The run's id
    run: RunId,
    /// A state field and its new value, as in amount=78500.00 or vendor='"Alpha Tech Systems"'
    #[arg(long, value_name = "PATH=JSON", value_parser = parse_set)]
    set: Set,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
}

impl Pause {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let moved = session::with(context, Access::Attach, async |handle, _| {
            Ok(handle.pause(self.run, &self.reason, &actor).await?)
        })?;
        print(context, &moved)
    }
}

impl Resume {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let moved = session::with(context, Access::Drive, async |handle, _| {
            let resumed = handle.resume(self.run, &self.reason, &actor).await;
            let moved = resumed.map_err(|error| undriven(handle, error))?;
            if !handle.executes() {
                return Ok(moved);
            }
            handle.settled(self.run).await?;
            Ok(handle.fates(self.run)?)
        })?;
        print(context, &moved)
    }
}

impl Override {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let Set { path, value } = self.set;
        let changed = session::with(context, Access::Attach, async |handle, _| {
            let edit = (path.as_str(), value);
            let changed = handle.override_value(self.run, edit, &self.reason, &actor);
            Ok(changed.await?)
        })?;
        let out = &mut context.out;
        if out.is_json() {
            out.document(&changed)?;
        } else {
            let path = visible(&path);
            out.line(format_args!(
                "run {}: {path} is set, the state is now version {}",
                changed.run, changed.state_version
            ))?;
        }
        Ok(Done::Well)
    }
}

fn print(context: &mut Context, moved: &RunMoved) -> Result<Done, Failure> {
    let out = &mut context.out;
    if out.is_json() {
        out.document(moved)?;
        return Ok(Done::Well);
    }
    out.line(format_args!("run {} is {}", moved.run, moved.status))?;
    for effect in &moved.effects {
        let tool = visible(effect.tool.as_str());
        out.line(format_args!("  {tool}: {}", effect.words()))?;
    }
    Ok(Done::Well)
}
