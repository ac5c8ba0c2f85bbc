//! The sections of a run that stand on the page as they are read.

use std::collections::BTreeMap;

use serde_json::Value;

use super::doubts;
use super::timeline::step_mark;
use crate::console::message::{Deed, RunRead};
use crate::console::model::Sheet;
use crate::console::model::runs::{Control, terminate_refused};
use crate::console::panes::audit::said::grouped;
use crate::console::panes::json;
use crate::console::text::{Line, Mark};
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{RunStatus, StepId, StepStatus};
use crate::workflow::GraphLine;

/// Hex digits of a definition's digest.
const DIGEST_SHOWN: usize = 12;

/// Begins a section under its name.
pub(super) fn begin(sheet: &mut Sheet, title: &'static str, rest: Line) {
    if !sheet.is_empty() {
        // The empty line belongs to the section before.
        sheet.gap();
    }
    let line = Line::new().say(title, Mark::Title).join(rest);
    sheet.section(title, &line);
}

pub(super) fn facts(sheet: &mut Sheet, read: &RunRead) {
    let (detail, row) = (&read.detail, &read.detail.row);
    begin(sheet, "FACTS", Line::new());
    if let Some(error) = &detail.error {
        let line = Line::new()
            .say("error     ", Mark::Faint)
            .put(&error.code, Mark::Danger)
            .say("  ", Mark::Plain)
            .put(&error.message, Mark::Danger);
        sheet.wrapped(&line, 10);
    }
    if let Some(line) = doubts::fact(read) {
        sheet.wrapped(&line, 10);
    }
    if row.status == RunStatus::Paused {
        let paused = read.people.iter().rev().find(|deed| deed.done == "paused");
        if let Some(paused) = paused {
            let line = Line::new()
                .say("held by   ", Mark::Faint)
                .join(said(paused));
            sheet.wrapped(&line, 10);
        }
    }
    if let Some(packet) = detail.packet {
        let line = Line::new()
            .say("waits for ", Mark::Faint)
            .say("a person, packet ", Mark::Strong)
            .own(&packet.to_string(), Mark::Plain)
            .say("  o shows it", Mark::Faint);
        sheet.wrapped(&line, 10);
    }
    if let Some(at) = row.timer {
        own_fact(sheet, "wakes     ", &at.to_string());
    }
    let digest = detail.definition.to_string();
    let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
    let line = Line::new()
        .say("workflow  ", Mark::Faint)
        .put(row.workflow.as_str(), Mark::Strong)
        .own(&format!("  definition {short}…"), Mark::Faint);
    sheet.wrapped(&line, 10);
    match &row.key {
        Some(key) => fact(sheet, "key       ", key),
        None => own_fact(sheet, "key       ", "none"),
    }
    own_fact(sheet, "run       ", &row.run.to_string());
    own_fact(sheet, "started   ", &row.started_at.to_string());
    own_fact(sheet, "changed   ", &row.updated_at.to_string());
    cut(sheet, read);
}

/// How much of a long history is not here.
fn cut(sheet: &mut Sheet, read: &RunRead) {
    if read.unread > 0 {
        let all = read.unread.saturating_add(LIST_ROWS_MAX.into());
        let said = format!(
            "only the first {} of {} are read: later steps and deeds are missing here",
            grouped(LIST_ROWS_MAX.into()),
            grouped(all)
        );
        let line = Line::new()
            .say("events    ", Mark::Faint)
            .own(&said, Mark::Warning);
        sheet.wrapped(&line, 10);
    }
}

fn fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    let line = Line::new().say(name, Mark::Faint).put(value, Mark::Plain);
    sheet.wrapped(&line, 10);
}

/// The same of what this program made itself.
fn own_fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    let line = Line::new().say(name, Mark::Faint).own(value, Mark::Plain);
    sheet.wrapped(&line, 10);
}

pub(super) fn graph(sheet: &mut Sheet, read: &RunRead) {
    begin(sheet, "GRAPH", Line::new());
    match &read.graph {
        Ok(lines) => {
            let reached = reached(read);
            for line in lines {
                step(sheet, read, line, &reached);
            }
        }
        Err(refusal) => {
            let line = Line::new().put(&refusal.message, Mark::Danger);
            sheet.wrapped(&line, 2);
        }
    }
}

/// How the last attempt of each step went.
fn reached(read: &RunRead) -> BTreeMap<&StepId, StepStatus> {
    let steps = read.detail.steps.iter();
    steps.map(|line| (&line.step, line.status)).collect()
}

fn step(
    sheet: &mut Sheet,
    read: &RunRead,
    line: &GraphLine,
    reached: &BTreeMap<&StepId, StepStatus>,
) {
    let status = line.step.as_ref().and_then(|step| reached.get(step));
    let here = line.step.is_some() && line.step == read.detail.row.step;
    let (sign, sign_mark) = status.map_or(("  ", Mark::Plain), |status| step_mark(*status));
    let mark = match (here, status) {
        (true, _) => Mark::Strong,
        (false, Some(_)) => Mark::Plain,
        (false, None) => Mark::Faint,
    };
    let drawn = Line::new()
        .say(sign, sign_mark)
        .say(" ", Mark::Plain)
        .own(&line.start, Mark::Faint)
        .put(&line.words, mark)
        .say(if here { "  <- here" } else { "" }, Mark::Warning);
    sheet.wrapped(&drawn, line.indent.saturating_add(3));
}

pub(super) fn state(sheet: &mut Sheet, read: &RunRead) {
    let rest = if read.detail.row.status.is_final() {
        format!("  version {}", read.detail.state_version)
    } else {
        let version = read.detail.state_version;
        format!("  version {version}, what the next step will see")
    };
    begin(sheet, "STATE", Line::new().own(&rest, Mark::Faint));
    for line in json::lines(&Value::Object(read.detail.state.clone()), 0) {
        sheet.wrapped(&line, 2);
    }
}

pub(super) fn people(sheet: &mut Sheet, read: &RunRead) {
    begin(sheet, "PEOPLE", Line::new());
    if read.people.is_empty() {
        let none = "Nobody has done anything to this run.";
        sheet.wrapped(&Line::new().say(none, Mark::Faint), 0);
    }
    for deed in &read.people {
        sheet.wrapped(&said(deed), 2);
    }
}

fn said(deed: &Deed) -> Line {
    let line = Line::new()
        .put(&deed.by, Mark::Strong)
        .say(" ", Mark::Plain)
        .put(&deed.done, Mark::Plain)
        .own(&format!(" at {}", deed.at), Mark::Faint);
    match &deed.reason {
        Some(reason) => line.say(": ", Mark::Faint).put(reason, Mark::Plain),
        None => line,
    }
}

pub(super) fn controls(sheet: &mut Sheet, read: &RunRead) {
    let rest = Line::new().say("  what each would do now", Mark::Faint);
    begin(sheet, "CONTROLS", rest);
    for control in Control::ALL {
        let line = Line::new()
            .say(control.key(), Mark::Key)
            .say(" ", Mark::Plain)
            .field(
                &crate::console::text::Shown::of(control.name()),
                10,
                Mark::Plain,
            );
        let line = match control.refused(read.detail.row.status) {
            Some(why) => line.say("not now: ", Mark::Faint).own(&why, Mark::Faint),
            None => line.say(control.does(), Mark::Plain),
        };
        sheet.wrapped(&line, 12);
    }
    terminate(sheet, read);
}

fn terminate(sheet: &mut Sheet, read: &RunRead) {
    let line = Line::new().say("X", Mark::Key).say(" ", Mark::Plain);
    let line = line.say("terminate… ", Mark::Plain);
    let why = match &read.terminate {
        Ok(preview) => terminate_refused(preview),
        Err(refusal) => Some(refusal.message.clone()),
    };
    let line = match (why, &read.terminate) {
        (Some(why), _) => line.say("not now: ", Mark::Faint).put(&why, Mark::Faint),
        (None, Ok(preview)) if !preview.stops => {
            line.say("It was terminated; what it did can be undone.", Mark::Plain)
        }
        (None, _) => line.say(
            "No further steps; what is planned is never sent. Shows the fate of every effect, and undoes what it did if you say so.",
            Mark::Plain,
        ),
    };
    sheet.wrapped(&line, 12);
}
