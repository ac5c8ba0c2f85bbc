//! `effects probe` and `effects resolve`: what became of an effect that nobody knows.

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::session::{self, Access};
use crate::cli::set::parse_answer;
use crate::cli::start::undriven;
use crate::cli::visible::visible;
use crate::domain::{Digest, IdempotencyKey};
use crate::engine::Settled;
use crate::runtime::{EffectMoved, Settlement};

/// Have an effect of unknown outcome asked about again
///
/// The target is asked, or gets the same request again under the same key, which it honours. Where
/// neither is possible, say what happened with `resolve`.
#[derive(Debug, Args)]
pub struct Probe {
    /// Its idempotency key, 64 hex digits
    key: Digest,
    /// Why; stands in the journal
    #[arg(long)]
    reason: Option<String>,
}

/// Say whether an effect of unknown outcome happened
///
/// What happened is never sent again. What did not happen is sent under its key while its approval
/// binds, or else asked about anew.
#[derive(Debug, Args)]
pub struct Resolve {
    /// Its idempotency key, 64 hex digits
    key: Digest,
    /// What became of it
    #[arg(long)]
    outcome: Outcome,
    /// How you know; stands in the journal
    #[arg(long)]
    reason: String,
    /// What the target answered, as JSON, where the workflow needs it to go on
    #[arg(long, value_name = "JSON", value_parser = parse_answer)]
    output: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Outcome {
    /// The target did it
    Happened,
    /// The target did not do it, and will not
    NotHappened,
}

impl Probe {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        settle(
            context,
            Settlement {
                key: IdempotencyKey(self.key),
                settled: Settled::AskAgain,
                output: None,
                reason: self.reason,
            },
        )
    }
}

impl Resolve {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        if self.output.is_some() && self.outcome == Outcome::NotHappened {
            return Err(Failure::usage(
                "output_of_nothing",
                "--output is what the target answered, so it goes with --outcome happened",
            ));
        }
        settle(
            context,
            Settlement {
                key: IdempotencyKey(self.key),
                settled: match self.outcome {
                    Outcome::Happened => Settled::Happened,
                    Outcome::NotHappened => Settled::NotHappened,
                },
                output: self.output,
                reason: Some(self.reason),
            },
        )
    }
}

fn settle(context: &mut Context, settlement: Settlement) -> Result<Done, Failure> {
    let actor = context.actor()?;
    let key = settlement.key;
    let moved = session::with(context, Access::Drive, async |handle, _| {
        let moved = handle.settle(settlement, &actor).await;
        let moved = moved.map_err(|error| undriven(handle, error))?;
        let status = session::followed(handle, moved.run).await?;
        Ok(handle.effect_moved(key, status)?)
    })?;
    print(context, &moved)
}

fn print(context: &mut Context, moved: &EffectMoved) -> Result<Done, Failure> {
    let out = &mut context.out;
    if out.is_json() {
        out.document(moved)?;
        return Ok(Done::Well);
    }
    let tool = visible(moved.tool.as_str());
    out.line(format_args!("effect {}", moved.idempotency_key))?;
    out.line(format_args!("       {tool} is {} now", moved.state))?;
    out.line(format_args!("run    {} is {}", moved.run, moved.run_status))?;
    Ok(Done::Well)
}
