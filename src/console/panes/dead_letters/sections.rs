//! The sections of a dead letter that stand on the page as they are read.

use serde_json::Value;

use super::{preview, redrive_words, standing};
use crate::console::message::LetterRead;
use crate::console::model::Sheet;
use crate::console::model::dead_letters::{Verified, is_open};
use crate::console::panes::json;
use crate::console::text::{Line, Mark, Shown};
use crate::domain::Fields;
use crate::runtime::LastCall;

/// Columns of the names before what is said.
const NAME: usize = 10;
/// Columns of a verb's key and name.
const VERB: usize = 20;
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

pub(super) fn cause(sheet: &mut Sheet, read: &LetterRead) {
    let (detail, row) = (&read.detail, &read.detail.row);
    begin(sheet, "CAUSE", Line::new());
    let error = named("error")
        .put(&row.code, Mark::Danger)
        .say("  ", Mark::Plain)
        .put(&row.message, Mark::Danger);
    sheet.wrapped(&error, NAME);
    let tries = match row.attempts {
        0 => "no call was made".to_owned(),
        1 => "1 try".to_owned(),
        tries => format!("{tries} tries"),
    };
    let (word, mark) = standing(row);
    let line = named("stuck")
        .own(&format!("since {}, after {tries}: ", row.at), Mark::Plain)
        .say(word, mark);
    sheet.wrapped(&line, NAME);
    if let (Some(by), Some(at)) = (&row.closed_by, row.closed_at) {
        let line = named("closed")
            .say(row.status.as_str(), Mark::Strong)
            .say(" by ", Mark::Faint)
            .put(by, Mark::Strong)
            .own(&format!(" at {at}"), Mark::Faint);
        let line = match &row.reason {
            Some(reason) => line.say(": ", Mark::Faint).put(reason, Mark::Plain),
            None => line,
        };
        sheet.wrapped(&line, NAME);
    }
    let digest = detail.definition.to_string();
    let short = digest.get(..DIGEST_SHOWN).unwrap_or(&digest);
    let line = named("workflow")
        .put(row.workflow.as_str(), Mark::Strong)
        .own(&format!("  definition {short}…"), Mark::Faint);
    sheet.wrapped(&line, NAME);
    sheet.wrapped(&named("run").own(&row.run.to_string(), Mark::Plain), NAME);
    let id = row.dead_letter.to_string();
    sheet.wrapped(&named("letter").own(&id, Mark::Plain), NAME);
}

/// What a redrive does, and what was said when it was asked last.
pub(super) fn verified(sheet: &mut Sheet, read: &LetterRead, verified: Option<&Verified>) {
    let row = &read.detail.row;
    if !is_open(row) {
        return;
    }
    begin(sheet, "A REDRIVE", Line::new());
    sheet.wrapped(&Line::new().say(redrive_words(row.stuck), Mark::Plain), 0);
    let Some(verified) = verified else {
        let line = Line::new().say("v", Mark::Key).say(
            " asks what exactly would happen; it changes nothing.",
            Mark::Faint,
        );
        return sheet.wrapped(&line, 0);
    };
    let at = verified.at.to_string();
    let asked = format!("Asked at {}:", preview::clock(&at));
    sheet.wrapped(&Line::new().own(&asked, Mark::Faint), 0);
    match &verified.said {
        None => sheet.wrapped(&Line::new().say("asking …", Mark::Info), 0),
        Some(Err(why)) => sheet.wrapped(&Line::new().put(why, Mark::Danger), 0),
        Some(Ok(known)) => {
            for (line, indent) in preview::lines(known) {
                sheet.wrapped(&line, indent);
            }
        }
    }
}

pub(super) fn calls(sheet: &mut Sheet, read: &LetterRead) {
    begin(sheet, "LAST CALL", Line::new());
    match &read.detail.last_call {
        None => {
            let none = "No call was made for this step.";
            sheet.wrapped(&Line::new().say(none, Mark::Faint), 0);
        }
        Some(last) => call(sheet, last),
    }
    if let Some(probe) = &read.detail.last_probe {
        begin(sheet, "ASKED AFTER IT", Line::new());
        call(sheet, probe);
    }
}

fn call(sheet: &mut Sheet, call: &LastCall) {
    let line = named("with")
        .put(call.tool.as_str(), Mark::Strong)
        .own(&format!("  at {}", call.at), Mark::Faint);
    sheet.wrapped(&line, NAME);
    let line = named("request")
        .put(&call.request.method, Mark::Strong)
        .say(" ", Mark::Plain)
        .put(&call.request.url, Mark::Strong);
    sheet.wrapped(&line, NAME);
    if let Some(body) = &call.request.body {
        let size = format!("{} bytes: ", body.len());
        let line = named("body").own(&size, Mark::Faint);
        sheet.wrapped(&line.show(Shown::of(body), Mark::Plain), NAME);
    }
    match (&call.answer, &call.failure) {
        (None, None) => {
            let none = "none is recorded";
            sheet.wrapped(&named("answer").say(none, Mark::Faint), NAME);
        }
        (answer, failure) => {
            if let Some(failure) = failure {
                sheet.wrapped(&named("failed").put(failure, Mark::Danger), NAME);
            }
            if let Some(answer) = answer {
                sheet.wrapped(&named("answer"), NAME);
                for line in json::lines(answer, 2) {
                    sheet.wrapped(&line, 4);
                }
            }
        }
    }
}

pub(super) fn values(sheet: &mut Sheet, title: &'static str, values: &Fields) {
    let rest = if title == "STATE" {
        "  what the step sees; e edits it"
    } else {
        "  as the run was started with it"
    };
    begin(sheet, title, Line::new().say(rest, Mark::Faint));
    for line in json::lines(&Value::Object(values.clone()), 0) {
        sheet.wrapped(&line, 2);
    }
}

/// What each key would do now.
pub(super) fn recovery(sheet: &mut Sheet, read: &LetterRead) {
    let row = &read.detail.row;
    let rest = Line::new().say("  what each key does", Mark::Faint);
    begin(sheet, "CHOOSE A RECOVERY", rest);
    if !is_open(row) {
        let line = Line::new()
            .say("It is ", Mark::Faint)
            .say(row.status.as_str(), Mark::Strong)
            .say(": nothing is left to do. ", Mark::Faint)
            .say("o", Mark::Key)
            .say(" shows its run.", Mark::Faint);
        return sheet.wrapped(&line, 0);
    }
    let verbs: [(&'static str, &'static str, &'static str); 5] = [
        (
            "v",
            "verify now",
            "asks what would happen and what the target knows; changes nothing",
        ),
        ("R", "redrive…", redrive_words(row.stuck)),
        (
            "e",
            "edit…",
            "changes values of the state, then redrives; the rules judge it anew",
        ),
        (
            "X",
            "discard…",
            "the run ends failed; what it did stays done; kept in the journal",
        ),
        ("o", "run", "shows the run with all its steps and effects"),
    ];
    for (key, verb, does) in verbs {
        let line = Line::new()
            .say(key, Mark::Key)
            .say("  ", Mark::Plain)
            .say(verb, Mark::Strong)
            .pad(VERB)
            .say(does, Mark::Plain);
        sheet.wrapped(&line, VERB);
    }
}

fn named(name: &'static str) -> Line {
    Line::new().say(name, Mark::Faint).pad(NAME)
}
