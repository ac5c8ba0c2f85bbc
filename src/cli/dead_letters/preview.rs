//! `dead-letters redrive --dry-run`.

use serde_json::{Value, json};

use super::many::Chosen;
use crate::cli::Done;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::session::{self, Access};
use crate::cli::visible::visible;
use crate::runtime::{Approval, RedrivePreview, Would};

/// Tells what would happen; nothing is changed, and only probes are sent.
pub(super) fn run(
    context: &mut Context,
    chosen: &Chosen,
    edits: &(Vec<(String, Value)>, Option<Value>),
) -> Result<Done, Failure> {
    let actor = context.actor()?;
    let previews = session::with(context, Access::Attach, async |handle, _| {
        let mut previews = Vec::new();
        for letter in chosen.letters(handle)? {
            let preview = handle.preview_redrive(letter, edits.clone(), &actor).await;
            previews.push((letter, preview.map_err(Failure::from)));
        }
        Ok(previews)
    })?;
    let out = &mut context.out;
    if !chosen.is_many() {
        return match previews.into_iter().next() {
            Some((_, Ok(preview))) if out.is_json() => out.document(&preview).map(|()| Done::Well),
            Some((_, Ok(preview))) => print(out, &preview).map(|()| Done::Well),
            Some((_, Err(failure))) => Err(failure),
            None => Ok(Done::Well),
        };
    }
    let mut list = Vec::with_capacity(previews.len());
    for (letter, preview) in previews {
        match preview {
            Ok(preview) => {
                if !out.is_json() {
                    print(out, &preview)?;
                }
                list.push(json!(preview));
            }
            Err(failure) => {
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
    }
    Ok(Done::Well)
}

fn print(out: &mut Output, preview: &RedrivePreview) -> Result<(), Failure> {
    out.line(format_args!("dead letter  {}", preview.dead_letter))?;
    out.line(format_args!("would        {}", would(preview.would)))?;
    if preview.held {
        out.line("             once the run is resumed: it is paused")?;
    }
    if let Some(effect) = &preview.effect {
        let target = effect.target();
        out.line(format_args!("effect       {}", visible(&target)))?;
        if let Some(amount) = effect.amount {
            out.line(format_args!("amount       {amount}"))?;
        }
        if let Some(body) = &effect.request.body {
            out.line(format_args!("body         {}", visible(body)))?;
        }
        out.line(format_args!("key          {}", effect.key))?;
        out.line(format_args!("digest       {}", effect.digest))?;
    }
    let approval = match preview.approval {
        Approval::StillBinds => "the approval that was given still binds",
        Approval::Void => "the approval that was given is void",
        Approval::Needed => "one is asked for",
        Approval::NotNeeded => "none is needed for this",
    };
    out.line(format_args!("approval     {approval}"))?;
    if let Some(probe) = &preview.probe {
        let message = visible(&probe.message);
        out.line(format_args!("asked        {} at {}", message, probe.at))?;
    }
    let newer = if preview.newer_definition {
        ", pinned; a newer one stands in the store"
    } else {
        ""
    };
    out.line(format_args!("definition   {}{newer}", preview.definition))
}

fn would(would: Would) -> &'static str {
    match would {
        Would::Send => "SEND an effect",
        Would::Read => "ask the tool again",
        Would::Probe => "ask the target whether it happened",
        Would::OpenPacket => "ask a person",
        Would::Block => "be blocked by policy",
        Would::Wait => "wait for a time or a signal",
        Would::End => "end the run; nothing is sent",
        Would::GoOn => "go on with what was answered; nothing is sent",
        Would::ParkAgain => "be parked again at once",
    }
}
