//! The sections of a packet.

use serde_json::Value;

use super::{budget, outcome};
use crate::console::message::Beside;
use crate::console::model::Sheet;
use crate::console::panes::{changes, json, times};
use crate::console::text::{Line, Mark, Shown};
use crate::domain::{
    Flag, HeaderValue, Packet, PacketStatus, PlannedEffect, PolicyResult, PolicyVerdict, Question,
    Reason, Severity, Verdict, Vote,
};

/// Begins a section under its number and name.
pub(super) fn begin(sheet: &mut Sheet, number: usize, title: &'static str, rest: Line) {
    if number > 1 {
        // The empty line belongs to the section before.
        sheet.gap();
    }
    let line = Line::new()
        .own(&format!("{number} "), Mark::Faint)
        .say(title, Mark::Title)
        .join(rest);
    sheet.section(title, &line);
}

/// What is not as it was when the packet was looked at before. It has no number: it comes and goes.
pub(super) fn changed(sheet: &mut Sheet, packet: &Packet, earlier: &Packet) {
    let rest = format!(
        "  version {} is now {}: look at it again before you decide",
        earlier.version, packet.version
    );
    let line = Line::new()
        .say("CHANGED", Mark::Title)
        .own(&rest, Mark::Warning);
    sheet.section("CHANGED", &line);
    for line in changes::between(earlier, packet) {
        sheet.wrapped(&line, 4);
    }
    sheet.gap();
}

pub(super) fn why(sheet: &mut Sheet, packet: &Packet, beside: &Beside) {
    begin(sheet, 1, "WHY YOU", Line::new());
    for reason in &packet.reasons {
        sheet.wrapped(&asked_by(packet, reason), 3);
    }
    let said = |flag: &&Flag| {
        packet
            .reasons
            .iter()
            .any(|reason| reason.text == flag.message)
    };
    for flag in packet.flags.iter().filter(|flag| !said(flag)) {
        let (sign, mark) = severity_mark(flag.severity);
        let line = Line::new()
            .say(sign, mark)
            .put(&flag.message, Mark::Plain)
            .say("  flag ", Mark::Faint)
            .put(&flag.code, mark);
        sheet.wrapped(&line, 3);
    }
    asked(sheet, packet, beside);
    if let Some(returned) = &packet.returned {
        let feedback = returned.feedback.as_deref();
        let line = Line::new()
            .say("sent back   ", Mark::Faint)
            .say("by ", Mark::Plain)
            .put(&returned.by, Mark::Plain)
            .say(": ", Mark::Plain)
            .put(feedback.unwrap_or("without a word"), Mark::Strong);
        sheet.wrapped(&line, 12);
    }
    if let Some(confidence) = packet.confidence {
        let line = Line::new()
            .say("confidence  ", Mark::Faint)
            .own(&format!("{confidence:.2}"), Mark::Strong);
        sheet.wrapped(&line, 12);
    }
    let needed = Line::new()
        .say("needs       ", Mark::Faint)
        .own(&needs(packet), Mark::Plain);
    sheet.wrapped(&needed, 12);
}

fn asked(sheet: &mut Sheet, packet: &Packet, beside: &Beside) {
    match &packet.question {
        Question::Effects => {
            for effect in &packet.effects {
                will(sheet, effect);
            }
        }
        Question::Outcome { .. } => outcome::asked(sheet, packet, beside),
        Question::Budget { .. } => budget::asked(sheet, packet, beside),
    }
}

/// Why a rule asks, with the flags that it raised: they say the same.
fn asked_by(packet: &Packet, reason: &Reason) -> Line {
    let flags = || {
        packet
            .flags
            .iter()
            .filter(|flag| flag.message == reason.text)
    };
    let worst = flags().map(|flag| flag.severity).max();
    let (sign, mark) = worst.map_or((".  ", Mark::Plain), severity_mark);
    let line = Line::new()
        .say(sign, mark)
        .put(&reason.text, Mark::Strong)
        .say("  rule ", Mark::Faint)
        .put(&reason.rule, Mark::Plain);
    flags().fold(line, |line, flag| {
        line.say("  flag ", Mark::Faint).put(&flag.code, mark)
    })
}

fn severity_mark(severity: Severity) -> (&'static str, Mark) {
    match severity {
        Severity::Danger => ("!! ", Mark::Danger),
        Severity::Warning => ("!  ", Mark::Warning),
        Severity::Info => (".  ", Mark::Info),
    }
}

/// What would be done, in one sentence.
fn will(sheet: &mut Sheet, effect: &PlannedEffect) {
    let mut line = Line::new()
        .say("will call   ", Mark::Faint)
        .put(effect.tool.as_str(), Mark::Strong);
    if let Some(amount) = &effect.amount {
        line = line
            .say("  ", Mark::Plain)
            .show(times::money(amount), Mark::Strong);
    }
    line = line
        .say("  for ", Mark::Faint)
        .put(&effect.operation, Mark::Strong);
    sheet.wrapped(&line, 12);
}

fn needs(packet: &Packet) -> String {
    let people = match packet.approvals {
        0 | 1 => "one person".to_owned(),
        more => format!("{more} different people"),
    };
    let valid = times::long(packet.valid_ms);
    let after = match packet.status {
        PacketStatus::Open => format!(" After its window: {}.", packet.after_window()),
        _ => String::new(),
    };
    format!("{people}. A verdict stays valid for {valid}.{after} Silence never approves.")
}

pub(super) fn effect(sheet: &mut Sheet, packet: &Packet, beside: &Beside) {
    let said = match packet.question {
        Question::Effects => "  exactly what will be sent",
        Question::Outcome { .. } => "  exactly what was sent",
        Question::Budget { .. } => "  nothing is sent for this; what the run did so far",
    };
    let rest = Line::new().say(said, Mark::Faint);
    begin(sheet, 2, "EFFECT", rest);
    if matches!(packet.question, Question::Budget { .. }) {
        budget::done(sheet, beside);
    } else if packet.effects.is_empty() {
        sheet.wrapped(
            &Line::new().say("This packet sends nothing.", Mark::Plain),
            0,
        );
    }
    let several = packet.effects.len() > 1;
    for (index, effect) in packet.effects.iter().enumerate() {
        if several {
            let item = format!("item {index}");
            sheet.wrapped(&Line::new().own(&item, Mark::Strong), 0);
        }
        one_effect(sheet, effect);
        let under = match packet.question {
            Question::Outcome { .. } => "sent under the key ",
            Question::Effects | Question::Budget { .. } => "sent once under the key ",
        };
        own_fact(sheet, under, &effect.key.to_string());
        own_fact(sheet, "digest ", &effect.digest.to_string());
    }
}

fn one_effect(sheet: &mut Sheet, effect: &PlannedEffect) {
    let request = &effect.request;
    let target = Line::new()
        .put(&request.method, Mark::Strong)
        .say(" ", Mark::Plain)
        .put(&request.url, Mark::Strong);
    sheet.wrapped(&target, 2);
    for header in &request.headers {
        let value = match &header.value {
            HeaderValue::Text(text) => text.clone(),
            HeaderValue::Secret { prefix, connector } => {
                format!("{prefix}(credential of {connector}, put in when it is sent)")
            }
        };
        let line = Line::new()
            .put(&header.name, Mark::Faint)
            .say(": ", Mark::Faint)
            .put(&value, Mark::Plain);
        sheet.wrapped(&line, 2);
    }
    for line in json::lines(&effect.arguments, 0) {
        sheet.wrapped(&line, 2);
    }
    if let Some(body) = &request.body {
        let size = format!("body, {} bytes: ", body.len());
        let line = Line::new().own(&size, Mark::Faint);
        sheet.wrapped(&line.show(Shown::of(body), Mark::Plain), 2);
    }
}

fn fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    let line = Line::new().say(name, Mark::Faint).put(value, Mark::Plain);
    sheet.wrapped(&line, 2);
}

/// The same of what this program made itself.
fn own_fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    let line = Line::new().say(name, Mark::Faint).own(value, Mark::Plain);
    sheet.wrapped(&line, 2);
}

pub(super) fn policy(sheet: &mut Sheet, packet: &Packet) {
    let asks = |result: &&PolicyResult| {
        result.matched != Some(false) && result.then != PolicyVerdict::Allow
    };
    let asking = packet.policy.iter().filter(asks).count();
    let rules = match packet.policy.len() {
        1 => "1 rule".to_owned(),
        rules => format!("{rules} rules"),
    };
    let need = if asking == 1 { "needs" } else { "need" };
    let rest = format!("  {rules}, {asking} {need} you");
    begin(sheet, 4, "POLICY", Line::new().own(&rest, Mark::Faint));
    for result in &packet.policy {
        let line = rule(result, packet.effects.len() > 1);
        sheet.wrapped(&line, 7);
    }
}

fn rule(result: &PolicyResult, several: bool) -> Line {
    let (word, mark) = match (result.matched, result.then) {
        (None, _) => ("error  ", Mark::Danger),
        (Some(false), _) => ("-      ", Mark::Faint),
        (Some(true), PolicyVerdict::Allow) => ("allows ", Mark::Good),
        (Some(true), PolicyVerdict::Ask) => ("asks   ", Mark::Warning),
        (Some(true), PolicyVerdict::Deny) => ("denies ", Mark::Danger),
    };
    let mut line = Line::new().say(word, mark).put(&result.rule, Mark::Plain);
    if several {
        line = line.own(&format!("  item {}", result.effect), Mark::Faint);
    }
    if result.matched == Some(false) {
        line = line.say("  does not apply", Mark::Faint);
    }
    match &result.error {
        Some(error) => line.say("  ", Mark::Plain).put(error, Mark::Danger),
        None => line,
    }
}

pub(super) fn state(sheet: &mut Sheet, packet: &Packet) {
    let rest = format!(
        "  version {}, what the next step will see",
        packet.state_version
    );
    begin(sheet, 5, "STATE", Line::new().own(&rest, Mark::Faint));
    for line in json::lines(&Value::Object(packet.state.clone()), 0) {
        sheet.wrapped(&line, 2);
    }
}

pub(super) fn history(sheet: &mut Sheet, packet: &Packet) {
    begin(sheet, 6, "HISTORY", Line::new());
    let mut line = Line::new();
    for step in &packet.path {
        line = line.put(step.as_str(), Mark::Plain).say(" → ", Mark::Faint);
    }
    sheet.wrapped(&line.put(packet.step.as_str(), Mark::Strong), 2);
    own_fact(sheet, "packet ", &packet.packet.to_string());
    own_fact(sheet, "run ", &packet.run.to_string());
    own_fact(sheet, "opened ", &packet.opened_at.to_string());
    own_fact(sheet, "digest ", &packet.digest.to_string());
    if let Some(by) = &packet.edited_by {
        fact(sheet, "state edited last by ", by);
    }
    for each in &packet.votes {
        sheet.wrapped(&vote(each), 2);
    }
    if let Some(by) = &packet.closed_by {
        let line = Line::new()
            .say(packet.status.as_str(), Mark::Strong)
            .say(" by ", Mark::Faint)
            .put(by, Mark::Strong);
        sheet.wrapped(&line, 2);
    }
}

fn vote(vote: &Vote) -> Line {
    let (said, mark) = match vote.verdict {
        Verdict::Approve => ("approved", Mark::Good),
        Verdict::Reject => ("rejected", Mark::Danger),
        Verdict::Return => ("returned", Mark::Warning),
    };
    let line = Line::new()
        .put(&vote.by, Mark::Strong)
        .say(" ", Mark::Plain)
        .say(said, mark)
        .own(&format!(" at {}", vote.at), Mark::Faint);
    match &vote.reason {
        Some(reason) => line.say(": ", Mark::Faint).put(reason, Mark::Plain),
        None => line,
    }
}

pub(super) fn agent(sheet: &mut Sheet, packet: &Packet) {
    let rest = Line::new().say("  its own words, nobody checked them", Mark::Warning);
    begin(sheet, 7, "AGENT SAYS", rest);
    let Some(note) = &packet.agent_note else {
        sheet.wrapped(&Line::new().say("nothing", Mark::Faint), 0);
        return;
    };
    for text in Shown::lines_of(note) {
        // An empty line is one of theirs too, and has the bar.
        let text = if text.is_empty() {
            Shown::of(" ")
        } else {
            text
        };
        sheet.wrapped(&Line::new().show(text, Mark::Untrusted), 1);
    }
}
