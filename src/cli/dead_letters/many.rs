//! One letter by its id, or all open ones that a filter names, each with its own result.

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::Letter;
use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{Actor, DeadLetterStatus, WorkflowName};
use crate::runtime::{Handle, LetterMoved, RuntimeError};
use crate::store::DeadLetterFilter;
use crate::views::EffectFate;

/// Which letters are meant.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
pub(super) struct Chosen {
    /// The dead letter's id
    #[arg(conflicts_with_all = ["workflow", "error", "all"])]
    dead_letter: Option<Letter>,
    /// Every open one of this workflow
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Every open one with this error, as in `status_503`
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// Every open one
    #[arg(long)]
    all: bool,
}

/// What is done with each.
#[derive(Debug)]
pub(super) enum What {
    Redrive {
        set: Vec<(String, Value)>,
        output: Option<Value>,
        reason: Option<String>,
    },
    Discard {
        reason: String,
    },
}

/// A letter that was redriven or discarded.
#[derive(Debug, Serialize)]
struct Moved {
    #[serde(flatten)]
    letter: LetterMoved,
    /// What became of the run's effects, where it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<Vec<EffectFate>>,
}

impl From<LetterMoved> for Moved {
    fn from(letter: LetterMoved) -> Self {
        Self {
            letter,
            effects: None,
        }
    }
}

impl Chosen {
    /// Tells whether a filter was given: then the answer is a list.
    pub(super) fn is_many(&self) -> bool {
        self.dead_letter.is_none()
    }

    pub(super) fn letters(&self, handle: &Handle) -> Result<Vec<Letter>, RuntimeError> {
        if let Some(letter) = self.dead_letter {
            return Ok(vec![letter]);
        }
        let mut letters = Vec::new();
        loop {
            let rows = handle.dead_letters(&DeadLetterFilter {
                status: Some(DeadLetterStatus::Open),
                workflow: self.workflow.as_deref().map(WorkflowName::from),
                code: self.error.clone(),
                after: letters.last().copied(),
                limit: Some(LIST_ROWS_MAX),
                ..DeadLetterFilter::default()
            })?;
            let full = rows.len() >= LIST_ROWS_MAX as usize;
            letters.extend(rows.into_iter().map(|row| row.dead_letter));
            if !full {
                return Ok(letters);
            }
        }
    }
}

pub(super) fn run(context: &mut Context, chosen: &Chosen, what: &What) -> Result<Done, Failure> {
    let actor = context.actor()?;
    let results = session::with(context, Access::Drive, async |handle, _| {
        let letters = chosen.letters(handle)?;
        let mut results = Vec::with_capacity(letters.len());
        for letter in letters {
            let moved = one(handle, letter, what, &actor).await;
            results.push((letter, moved.map(Moved::from)));
        }
        // Each run is followed once all are under way.
        for (_, result) in &mut results {
            let Ok(moved) = result else { continue };
            // What keeps a run from being seen is no reason to hide what was done.
            match session::followed(handle, moved.letter.run).await {
                Ok(status) => moved.letter.run_status = status,
                Err(error) => *result = Err(error),
            }
            if let (What::Discard { .. }, Ok(moved)) = (what, &mut *result) {
                // What became of what the run did, now that it was given up.
                match handle.fates(moved.letter.run) {
                    Ok(fates) => moved.effects = Some(fates.effects),
                    Err(error) => *result = Err(error),
                }
            }
            // Another process drives, and is not done: it is not waited for run by run.
            if result
                .as_ref()
                .is_ok_and(|moved| moved.letter.run_status.is_active())
            {
                break;
            }
        }
        Ok(results)
    })?;
    if chosen.is_many() {
        return print_many(&mut context.out, results);
    }
    match results.into_iter().next() {
        Some((_, Ok(moved))) => print_one(&mut context.out, &moved),
        Some((_, Err(error))) => Err(error.into()),
        None => Ok(Done::Well),
    }
}

async fn one(
    handle: &Handle,
    letter: Letter,
    what: &What,
    actor: &Actor,
) -> Result<LetterMoved, RuntimeError> {
    match what {
        What::Redrive {
            set,
            output,
            reason,
        } => {
            let edit = (set.clone(), reason.clone());
            match output.clone() {
                Some(output) => handle.redrive_answered(letter, output, edit, actor).await,
                None => handle.redrive(letter, edit, actor).await,
            }
        }
        What::Discard { reason } => handle.discard(letter, reason, actor).await,
    }
}

fn print_one(out: &mut Output, moved: &Moved) -> Result<Done, Failure> {
    if out.is_json() {
        out.document(moved)?;
        return Ok(Done::Well);
    }
    let letter = &moved.letter;
    out.line(format_args!("dead letter {}", letter.dead_letter))?;
    out.line(format_args!("run {} is {}", letter.run, letter.run_status))?;
    print_fates(out, moved)?;
    Ok(Done::Well)
}

fn print_fates(out: &mut Output, moved: &Moved) -> Result<(), Failure> {
    for effect in moved.effects.iter().flatten() {
        let (tool, operation) = (visible(effect.tool.as_str()), visible(&effect.operation));
        out.line(format_args!("  {tool} for {operation}: {}", effect.words()))?;
    }
    Ok(())
}

/// Every result, good or bad; the exit status is that of a refusal where any was refused.
fn print_many(
    out: &mut Output,
    results: Vec<(Letter, Result<Moved, RuntimeError>)>,
) -> Result<Done, Failure> {
    let count = results.len();
    let mut refused = 0_usize;
    let mut list = Vec::with_capacity(count);
    for (letter, result) in results {
        match result {
            Ok(moved) => {
                if !out.is_json() {
                    let (run, status) = (moved.letter.run, moved.letter.run_status);
                    out.line(format_args!("{letter}  run {run} is {status}"))?;
                    print_fates(out, &moved)?;
                }
                list.push(json!(moved));
            }
            Err(error) => {
                refused += 1;
                let failure = Failure::from(error);
                if !out.is_json() {
                    out.line(format_args!("{letter}  {}", visible(&failure.message)))?;
                }
                let why = json!({"code": failure.code, "message": failure.message});
                list.push(json!({"dead_letter": letter, "error": why}));
            }
        }
    }
    if out.is_json() {
        out.document(&list)?;
    } else {
        let done = count.saturating_sub(refused);
        out.line(format_args!("{done} of {count} dead letters done"))?;
    }
    Ok(if refused == 0 {
        Done::Well
    } else {
        Done::With(Kind::Refused)
    })
}
