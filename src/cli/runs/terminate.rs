//! `runs terminate`.

use clap::Args;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::domain::{RunId, RunStatus};
use crate::runtime::RunMoved;

/// Stop a run for good, and say what became of each of its effects
///
/// Nothing that was planned is sent any more; an open packet is withdrawn. What is in flight stays
/// unknown until it is answered, or until `effects probe` or `effects resolve` tells. With
/// `--compensate` what the run did is undone, the last first; a terminated run may be undone later.
#[derive(Debug, Args)]
pub struct Terminate {
    /// The run's id
    run: RunId,
    /// Why; stands in the journal
    #[arg(long)]
    reason: String,
    /// Undo what the run did, where its tools say how
    #[arg(long)]
    compensate: bool,
}

impl Terminate {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let actor = context.actor()?;
        let access = if self.compensate {
            Access::Drive
        } else {
            Access::Attach
        };
        let moved = session::with(context, access, async |handle, _| {
            let how = (self.reason.as_str(), self.compensate);
            let moved = handle.terminate(self.run, how, &actor).await?;
            if !self.compensate {
                return Ok(moved);
            }
            session::followed(handle, self.run).await?;
            Ok(handle.fates(self.run)?)
        })?;
        let out = &mut context.out;
        if out.is_json() {
            out.document(&moved)?;
        } else {
            print(out, &moved)?;
        }
        Ok(Done::Well)
    }
}

fn print(out: &mut Output, moved: &RunMoved) -> Result<(), Failure> {
    out.line(format_args!("run {} is {}", moved.run, moved.status))?;
    for effect in &moved.effects {
        let tool = visible(effect.tool.as_str());
        let operation = visible(&effect.operation);
        out.line(format_args!("  {tool} for {operation}: {}", effect.words()))?;
    }
    for effect in moved.effects.iter().filter(|effect| effect.is_unknown()) {
        let (tool, key) = (visible(effect.tool.as_str()), effect.idempotency_key);
        out.line(format_args!(
            "Nobody knows whether {tool} happened. Ask: countersign effects probe {key}"
        ))?;
    }
    let undoable = moved.effects.iter().any(|effect| effect.can_be_undone);
    if undoable && moved.status == RunStatus::Terminated {
        out.line(format_args!(
            "To undo what it did: countersign runs terminate {} --compensate --reason …",
            moved.run
        ))?;
    }
    Ok(())
}
