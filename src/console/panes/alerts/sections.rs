//! The sections of an alert that stand on the page as they are read.

use crate::console::model::Sheet;
use crate::console::model::alerts::{Words, is_open};
use crate::console::panes::json;
use crate::console::text::{Line, Mark};
use crate::views::AlertRow;

/// Columns of the names before what is said.
const NAME: usize = 10;
/// Columns of a verb's key and name.
const VERB: usize = 20;

fn begin(sheet: &mut Sheet, title: &'static str, rest: &'static str) {
    if !sheet.is_empty() {
        // The empty line belongs to the section before.
        sheet.gap();
    }
    let line = Line::new().say(title, Mark::Title);
    sheet.section(title, &line.say(rest, Mark::Faint));
}

pub(super) fn message(sheet: &mut Sheet, row: &AlertRow) {
    begin(sheet, "MESSAGE", "");
    let mark = if is_open(row) {
        Mark::Strong
    } else {
        Mark::Plain
    };
    sheet.wrapped(&Line::new().put(&row.message, mark), 2);
    let kind = named("kind").say(row.kind.as_str(), Mark::Plain);
    sheet.wrapped(&kind, NAME);
    let run = row.run.map(|run| run.to_string()).unwrap_or_default();
    if row.subject != run {
        sheet.wrapped(&named("about").put(&row.subject, Mark::Strong), NAME);
    }
    if row.run.is_some() {
        sheet.wrapped(&named("run").own(&run, Mark::Plain), NAME);
    }
    if let Some(step) = &row.step {
        sheet.wrapped(&named("step").put(step.as_str(), Mark::Plain), NAME);
    }
    sheet.wrapped(&named("since").own(&row.at.to_string(), Mark::Plain), NAME);
    let id = row.alert.to_string();
    sheet.wrapped(&named("alert").own(&id, Mark::Faint), NAME);
    if let (Some(by), Some(at)) = (&row.acknowledged_by, row.acknowledged_at) {
        let line = named("ack by")
            .put(by, Mark::Strong)
            .own(&format!(" at {at}"), Mark::Faint);
        sheet.wrapped(&line, NAME);
    }
    if let Some(reason) = &row.reason {
        sheet.wrapped(&named("because").put(reason, Mark::Plain), NAME);
    }
}

/// What stands still because of it.
pub(super) fn held(sheet: &mut Sheet, row: &AlertRow) {
    begin(sheet, "HELD BECAUSE OF IT", "");
    let words = Words::of(row.kind);
    if !is_open(row) {
        let after = Line::new().say(words.held_after, Mark::Faint);
        return sheet.wrapped(&after, 2);
    }
    for said in words.held {
        sheet.wrapped(&Line::new().say(said, Mark::Plain), 2);
    }
}

/// What each key would do now.
pub(super) fn controls(sheet: &mut Sheet, row: &AlertRow) {
    begin(sheet, "WHAT YOU CAN DO", "");
    let words = Words::of(row.kind);
    if is_open(row) {
        sheet.wrapped(&Line::new().say(words.first, Mark::Plain), 2);
        verb(sheet, "a", "acknowledge…", words.does);
    }
    if row.run.is_some() {
        verb(sheet, "o", "run", "shows the run with all its steps");
    } else if !is_open(row) {
        let said = "Nothing is left to do here.";
        sheet.wrapped(&Line::new().say(said, Mark::Faint), 2);
    }
}

fn verb(sheet: &mut Sheet, key: &'static str, verb: &'static str, does: &'static str) {
    let line = Line::new()
        .say(key, Mark::Key)
        .say("  ", Mark::Plain)
        .say(verb, Mark::Strong)
        .pad(VERB)
        .say(does, Mark::Plain);
    sheet.wrapped(&line, VERB);
}

pub(super) fn evidence(sheet: &mut Sheet, row: &AlertRow) {
    begin(sheet, "EVIDENCE", "  what it was raised on");
    for line in json::lines(&row.evidence, 0) {
        sheet.wrapped(&line, 2);
    }
}

fn named(name: &'static str) -> Line {
    Line::new().say(name, Mark::Faint).pad(NAME)
}
