//! `packets show`: everything a reviewer decides on, whole. Nothing is cut off.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::packets::beside::Beside;
use crate::cli::packets::list::due;
use crate::cli::packets::present::PacketDocument;
use crate::cli::runs::{fields, readable};
use crate::cli::visible::visible;
use crate::cli::{Done, session};
use crate::domain::request::HeaderValue;
use crate::domain::{
    BudgetLimit, Packet, PacketId, PacketStatus, PlannedEffect, PolicyVerdict, Question, Timestamp,
};
use crate::runtime::{Clock as _, SystemClock};

/// Show one packet: the exact effects, why it stopped, flags, evidence, digest
#[derive(Debug, Args)]
pub struct Show {
    /// The packet's id
    packet: PacketId,
}

impl Show {
    pub fn run(self, context: &mut Context) -> Result<Done, Failure> {
        let (packet, beside) = session::read(context, |handle| {
            let packet = handle.packet(self.packet)?;
            let beside = Beside::read(handle, &packet)?;
            Ok((packet, beside))
        })?;
        if context.out.is_json() {
            context
                .out
                .document(&PacketDocument::of(&packet, &beside))?;
        } else {
            print(&mut context.out, (&packet, &beside), SystemClock.now())?;
        }
        Ok(Done::Well)
    }
}

fn print(
    out: &mut Output,
    (packet, beside): (&Packet, &Beside),
    now: Timestamp,
) -> Result<(), Failure> {
    facts(out, packet, now)?;
    // A question about a budget proposes no effect.
    if !packet.effects.is_empty() {
        out.line(match packet.question {
            Question::Outcome { .. } => "\nWHAT WAS SENT",
            Question::Effects | Question::Budget { .. } => "\nWHAT WILL HAPPEN",
        })?;
    }
    for (index, planned) in packet.effects.iter().enumerate() {
        effect(out, index, planned)?;
    }
    why(out, packet)?;
    beside.print(out, packet)?;
    evidence(out, packet)?;
    out.line(format_args!("\nSTATE (version {})", packet.state_version))?;
    fields(out, &packet.state)?;
    if let Some(note) = &packet.agent_note {
        out.line("\nTHE AGENT'S OWN WORDS (untrusted)")?;
        out.line(format_args!("  | {}", visible(note)))?;
    }
    votes(out, packet)?;
    if packet.status == PacketStatus::Open {
        out.line("\nTO DECIDE")?;
        if let Question::Budget { limit, .. } = packet.question {
            return resolve(out, packet, limit);
        }
        if !packet.question.is_effects() {
            let key = packet.effects.first().map(|effect| effect.key.to_string());
            let key = key.unwrap_or_default();
            out.line(format_args!("  countersign effects probe {key}"))?;
            out.line(
                "  effects resolve: the same with --outcome happened or not-happened, and --reason",
            )?;
            return Ok(());
        }
        let (id, digest) = (packet.packet, packet.digest);
        out.line(format_args!(
            "  countersign packets approve {id} \\\n    --digest {digest}"
        ))?;
        out.line("  reject, return: the same with --reason; amend: with --set and --reason")?;
    }
    Ok(())
}

/// How a question about the budget is answered.
fn resolve(out: &mut Output, packet: &Packet, limit: BudgetLimit) -> Result<(), Failure> {
    let (id, digest) = (packet.packet, packet.digest);
    let more = match limit {
        BudgetLimit::Cost => "'1.00 USD'",
        BudgetLimit::Steps => "5",
    };
    out.line(format_args!(
        "  countersign packets resolve {id} \\\n    --digest {digest} --reason WHY --top-up {more}"
    ))?;
    out.line("  --stop instead of --top-up: the run ends failed, what it did stays done")?;
    out.line("  --compensate: what it did is undone, the last first, then the run ends failed")
}

fn facts(out: &mut Output, packet: &Packet, now: Timestamp) -> Result<(), Failure> {
    out.line(visible(&packet.title))?;
    let amount = packet
        .amount
        .map_or_else(|| "none".to_owned(), |amount| amount.to_string());
    out.line(format_args!("  amount      {amount}"))?;
    out.line(format_args!(
        "  status      {}, tier {}",
        packet.status, packet.tier
    ))?;
    out.line(format_args!(
        "  packet      {} (version {})",
        packet.packet, packet.version
    ))?;
    out.line(format_args!("  digest      {}", packet.digest))?;
    let (workflow, step) = (
        visible(packet.workflow.as_str()),
        visible(packet.step.as_str()),
    );
    out.line(format_args!(
        "  run         {} ({workflow}, at {step})",
        packet.run
    ))?;
    let path: Vec<_> = packet
        .path
        .iter()
        .map(|step| visible(step.as_str()))
        .collect();
    out.line(format_args!("  path        {}", path.join(" > ")))?;
    if let Some(confidence) = packet.confidence {
        out.line(format_args!("  confidence  {confidence}"))?;
    }
    out.line(format_args!("  opened      {}", packet.opened_at))?;
    let left = match packet.status {
        PacketStatus::Open => {
            let due = due(packet.due_at, now);
            format!(" ({due}, then {})", packet.after_window())
        }
        _ => String::new(),
    };
    out.line(format_args!("  due         {}{left}", packet.due_at))
}

fn effect(out: &mut Output, index: usize, planned: &PlannedEffect) -> Result<(), Failure> {
    let amount = planned
        .amount
        .map_or_else(String::new, |amount| format!(", {amount}"));
    let tool = visible(planned.tool.as_str());
    out.line(format_args!("  {index}. {tool}{amount}"))?;
    out.line(format_args!("     {}", visible(&planned.target())))?;
    for header in &planned.request.headers {
        let value = match &header.value {
            HeaderValue::Text(text) => visible(text).into_owned(),
            HeaderValue::Secret { prefix, connector } => {
                format!("{}(secret of {})", visible(prefix), visible(connector))
            }
        };
        out.line(format_args!("     {}: {value}", visible(&header.name)))?;
    }
    if let Some(body) = &planned.request.body {
        out.line(format_args!("     {}", visible(body)))?;
    }
    let operation = visible(&planned.operation);
    out.line(format_args!(
        "     operation {operation}, effect digest {}",
        planned.digest
    ))?;
    out.line(format_args!("     idempotency key {}", planned.key))
}

fn why(out: &mut Output, packet: &Packet) -> Result<(), Failure> {
    out.line("\nWHY IT STOPPED")?;
    if let Question::Outcome {
        attempts, message, ..
    } = &packet.question
    {
        let message = visible(message);
        out.line(format_args!("  sent {attempts} times: {message}"))?;
        out.line("  `effects probe KEY` asks again, `effects resolve KEY` says what happened")?;
    }
    for reason in &packet.reasons {
        let (rule, text) = (visible(&reason.rule), visible(&reason.text));
        out.line(format_args!("  {text} (rule {rule})"))?;
    }
    for flag in &packet.flags {
        let (code, message) = (visible(&flag.code), visible(&flag.message));
        out.line(format_args!("  flag {code} ({}): {message}", flag.severity))?;
    }
    if let Some(returned) = &packet.returned {
        let feedback = returned.feedback.as_deref().unwrap_or("without a word");
        let (by, feedback) = (visible(&returned.by), visible(feedback));
        out.line(format_args!("  sent back before by {by}: {feedback}"))?;
    }
    for result in &packet.policy {
        let rule = visible(&result.rule);
        let verdict = match result.then {
            PolicyVerdict::Allow => "allows",
            PolicyVerdict::Ask => "asks",
            PolicyVerdict::Deny => "denies",
        };
        let effect = result.effect;
        match (result.matched, &result.error) {
            (Some(true), _) => out.line(format_args!("  rule {rule} {verdict} effect {effect}"))?,
            (Some(false), _) => out.line(format_args!("  rule {rule} does not apply"))?,
            (None, error) => {
                let error = visible(error.as_deref().unwrap_or("no reason given"));
                out.line(format_args!(
                    "  rule {rule} could not be evaluated, so it asks: {error}"
                ))?;
            }
        }
    }
    Ok(())
}

fn evidence(out: &mut Output, packet: &Packet) -> Result<(), Failure> {
    if packet.evidence.is_empty() {
        return Ok(());
    }
    out.line("\nEVIDENCE")?;
    for item in &packet.evidence {
        let (title, source) = (visible(&item.title), visible(&item.source));
        let value = match (item.missing, item.required) {
            (true, true) => "MISSING, and the contract requires it".to_owned(),
            (true, false) => "missing".to_owned(),
            (false, _) => readable(&item.value),
        };
        out.line(format_args!("  {title} (from {source})\n    {value}"))?;
    }
    Ok(())
}

fn votes(out: &mut Output, packet: &Packet) -> Result<(), Failure> {
    if packet.approvals > 1 {
        let needed = packet.approvals;
        out.line(format_args!(
            "\nVERDICTS ({needed} different people must approve)"
        ))?;
    } else if !packet.votes.is_empty() {
        out.line("\nVERDICTS")?;
    }
    for vote in &packet.votes {
        let by = visible(&vote.by);
        let reason = vote
            .reason
            .as_deref()
            .map(|reason| format!(": {}", visible(reason)));
        let reason = reason.unwrap_or_default();
        out.line(format_args!(
            "  {} by {by} at {} on effect {}{reason}",
            vote.verdict, vote.at, vote.item
        ))?;
    }
    Ok(())
}
