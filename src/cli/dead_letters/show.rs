//! `dead-letters show`.

use clap::Args;
use serde_json::{Value, json};

use super::Letter;
use super::list::document;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::domain::{Fields, escape_json};
use crate::engine::StuckAt;
use crate::runtime::{DeadLetterDetail, LastCall};

/// Show one parked step: the error, the input, what was sent last and what came back
#[derive(Debug, Args)]
pub struct Show {
    /// The dead letter's id
    dead_letter: Letter,
}

impl Show {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let detail = session::read(context, |handle| handle.dead_letter(self.dead_letter))?;
        if !context.out.is_json() {
            print(&mut context.out, &detail)?;
            return Ok(Done::Well);
        }
        let mut shown = document(&detail.row, &detail.input);
        if let Value::Object(members) = &mut shown {
            members.insert("state".to_owned(), Value::Object(detail.state));
            members.insert("definition".to_owned(), json!(detail.definition));
            members.insert("last_call".to_owned(), json!(detail.last_call));
            members.insert("last_probe".to_owned(), json!(detail.last_probe));
        }
        context.out.document(&shown)?;
        Ok(Done::Well)
    }
}

fn print(out: &mut Output, detail: &DeadLetterDetail) -> Result<(), Failure> {
    let row = &detail.row;
    out.line(format_args!(
        "dead letter  {} ({})",
        row.dead_letter, row.status
    ))?;
    out.line(format_args!("run          {}", row.run))?;
    let (workflow, step) = (visible(row.workflow.as_str()), visible(row.step.as_str()));
    out.line(format_args!(
        "workflow     {workflow} ({})",
        detail.definition
    ))?;
    out.line(format_args!("step         {step}"))?;
    out.line(format_args!("parked       {}", row.at))?;
    let (code, message) = (visible(&row.code), visible(&row.message));
    out.line(format_args!("error        {code}: {message}"))?;
    out.line(format_args!("tries        {}", row.attempts))?;
    out.line(format_args!("a redrive    {}", redrive_words(row.stuck)))?;
    if let (Some(by), Some(at)) = (&row.closed_by, row.closed_at) {
        let reason = row.reason.as_deref().unwrap_or("no reason given");
        let (by, reason) = (visible(by), visible(reason));
        out.line(format_args!("{:<13}by {by} at {at}: {reason}", row.status))?;
    }
    fields(out, "input", &detail.input)?;
    fields(out, "state", &detail.state)?;
    match &detail.last_call {
        None => out.line("no call was made for this step")?,
        Some(call) => last_call(out, "last request", call)?,
    }
    match &detail.last_probe {
        None => Ok(()),
        Some(probe) => last_call(out, "asked after it", probe),
    }
}

/// What a redrive does, by where the step is stuck.
fn redrive_words(stuck: StuckAt) -> &'static str {
    match stuck {
        StuckAt::Planning => "begins the step anew; what to send could not be made",
        StuckAt::Reading => "asks again; reading changes nothing",
        StuckAt::NotDone => "sends it under the same key while its approval holds; it was not done",
        StuckAt::Refused => "judges it anew, under a new key; the target refused it",
        StuckAt::Finishing => "goes on with the answer that came; nothing is sent again",
        StuckAt::Unsettled => "opens a packet that asks a person whether it happened",
        StuckAt::Unrecorded => "is refused: an older program did not record what became of it",
    }
}

fn fields(out: &mut Output, title: &str, fields: &Fields) -> Result<(), Failure> {
    out.line(format_args!("{title}"))?;
    for (name, value) in fields {
        let text = value.to_string();
        let (name, value) = (visible(name), escape_json(&text));
        out.line(format_args!("  {name}: {value}"))?;
    }
    Ok(())
}

fn last_call(out: &mut Output, title: &str, call: &LastCall) -> Result<(), Failure> {
    let (method, url) = (visible(&call.request.method), visible(&call.request.url));
    let tool = visible(call.tool.as_str());
    out.line(format_args!("{title}: {tool} at {}", call.at))?;
    out.line(format_args!("  {method} {url}"))?;
    if let Some(body) = &call.request.body {
        out.line(format_args!("  {}", visible(body)))?;
    }
    if let Some(answer) = &call.answer {
        let answer = answer.to_string();
        out.line(format_args!("  answered {}", escape_json(&answer)))?;
    }
    if let Some(failure) = &call.failure {
        out.line(format_args!("  {}", visible(failure)))?;
    }
    Ok(())
}
