//! `dead-letters discard --dry-run`.

use serde_json::json;

use super::many::Chosen;
use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::runtime::{DiscardPreview, StakeEffect};

/// Tells what would be undone; nothing is changed.
pub(super) fn run(context: &mut Context, chosen: &Chosen) -> Result<Done, Failure> {
    let actor = context.actor()?;
    let previews = session::with(context, Access::Attach, async |handle, _| {
        let letters = chosen.letters(handle)?.into_iter();
        let previews = letters.map(|letter| {
            let preview = handle.preview_discard(letter, &actor);
            (letter, preview.map_err(Failure::from))
        });
        Ok(previews.collect::<Vec<_>>())
    })?;
    let out = &mut context.out;
    let mut list = Vec::with_capacity(previews.len());
    for (letter, preview) in previews {
        match preview {
            Err(failure) if !chosen.is_many() => return Err(failure),
            Ok(preview) if !chosen.is_many() && out.is_json() => {
                return out.document(&preview).map(|()| Done::Well);
            }
            Ok(preview) if out.is_json() => list.push(json!(preview)),
            Ok(preview) => print(out, &preview)?,
            Err(failure) if out.is_json() => {
                let why = json!({"code": failure.code, "message": failure.message});
                list.push(json!({"dead_letter": letter, "error": why}));
            }
            Err(failure) => out.line(format_args!("{letter}  {}", visible(&failure.message)))?,
        }
    }
    if out.is_json() {
        out.document(&list)?;
    }
    Ok(Done::Well)
}

fn print(out: &mut Output, preview: &DiscardPreview) -> Result<(), Failure> {
    out.line(format_args!("dead letter  {}", preview.dead_letter))?;
    out.line(format_args!(
        "run          {} would be {}",
        preview.run, preview.run_status
    ))?;
    if preview.undoes.is_empty() {
        out.line("would undo   nothing")?;
    }
    for effect in &preview.undoes {
        let by = effect.undone_by.as_ref().map_or("", |tool| tool.as_str());
        let (what, by) = (named(effect), visible(by));
        out.line(format_args!("would undo   {what}, by {by}"))?;
        if let Some(problem) = &effect.problem {
            out.line(format_args!(
                "             not by itself: {}",
                visible(problem)
            ))?;
        }
    }
    if preview.held && !preview.undoes.is_empty() {
        out.line("             once the run is resumed: it is paused")?;
    }
    for effect in &preview.stays {
        out.line(format_args!("stays done   {}", named(effect)))?;
    }
    Ok(())
}

fn named(effect: &StakeEffect) -> String {
    let (tool, operation) = (visible(effect.tool.as_str()), visible(&effect.operation));
    let amount = effect.amount.map(|amount| format!(", {amount}"));
    format!("{tool} for {operation}{}", amount.unwrap_or_default())
}
