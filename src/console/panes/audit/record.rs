//! One event of the journal, whole.

use serde_json::Value;

use crate::console::model::audit::Check;
use crate::console::model::{Model, Sheet};
use crate::console::panes::json;
use crate::console::text::{Line, Mark};
use crate::domain::{Actor, ActorKind};
use crate::engine::Authority;
use crate::store::StoredEvent;

/// Columns of the names before facts.
const NAME: usize = 11;

/// Lays an event out for a width.
pub fn sheet(model: &Model, event: &StoredEvent, width: usize) -> Sheet {
    let mut sheet = Sheet::of_width(width, model.theme.ascii);
    broken(&mut sheet, model, event);
    facts(&mut sheet, model, event);
    values(&mut sheet, event);
    begin(&mut sheet, "BODY", "  what the hash of the event covers");
    value(&mut sheet, &event.body);
    commitments(&mut sheet, event);
    sheet
}

/// On whose authority the event stands: `by rv1, a person (os user jane, name only claimed)`.
pub fn authority(event: &StoredEvent) -> Line {
    let named = event.body.get("authority").cloned();
    let named = named.and_then(|named| serde_json::from_value::<Authority>(named).ok());
    let system = Actor::system().name;
    let kind = match &named {
        Some(named) => named.kind,
        None if event.actor == system => ActorKind::System,
        None => ActorKind::Agent,
    };
    let kind = match kind {
        ActorKind::Person => "a person",
        ActorKind::Agent => "an agent",
        ActorKind::System => "the program itself",
    };
    let line = Line::new()
        .say("by ", Mark::Faint)
        .put(&event.actor, Mark::Strong)
        .say(", ", Mark::Faint)
        .say(kind, Mark::Plain);
    let Some(named) = named else {
        return line;
    };
    let line = match &named.os_user {
        Some(user) => line.say(", os user ", Mark::Faint).put(user, Mark::Plain),
        None => line,
    };
    if named.claimed {
        line.say(", the name is only claimed", Mark::Warning)
    } else {
        line
    }
}

/// Says so where the last check found the chain broken here.
fn broken(sheet: &mut Sheet, model: &Model, event: &StoredEvent) {
    let Some(Check::Done { report, .. }) = &model.audit.check else {
        return;
    };
    if report.ok || report.first_bad_seq != Some(event.seq) {
        return;
    }
    let line = Line::new()
        .say("!! the chain is broken here: ", Mark::Danger)
        .put(report.problem.as_deref().unwrap_or_default(), Mark::Danger);
    sheet.wrapped(&line, 3);
    sheet.gap();
}

fn facts(sheet: &mut Sheet, model: &Model, event: &StoredEvent) {
    sheet.section("EVENT", &Line::new().say("EVENT", Mark::Title));
    if let Some(run) = event.run {
        let row = model.runs.row(run);
        if let Some(key) = row.and_then(|row| row.key.as_deref()) {
            fact(sheet, "run key", key);
        }
        own_fact(sheet, "run", &run.to_string());
    }
    let number = match event.run_seq {
        Some(run_seq) => format!("{} of the journal, {run_seq} of its run", event.seq),
        None => format!("{} of the journal", event.seq),
    };
    own_fact(sheet, "event", &number);
    let kind = named("kind")
        .put(&event.kind, Mark::Plain)
        .own(&format!(", schema version {}", event.version), Mark::Faint);
    sheet.wrapped(&kind, 2);
    own_fact(sheet, "hash", &event.hash.to_string());
    own_fact(sheet, "prev hash", &event.prev_hash.to_string());
}

/// What does not fit beside its name stands whole below it: a hash in two pieces is hard to compare.
fn fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    sheet.wrapped(&named(name).put(value, Mark::Plain), 2);
}

/// The same of what this program made itself.
fn own_fact(sheet: &mut Sheet, name: &'static str, value: &str) {
    sheet.wrapped(&named(name).own(value, Mark::Plain), 2);
}

fn named(name: &'static str) -> Line {
    Line::new()
        .say(name, Mark::Faint)
        .pad(NAME)
        .say(" ", Mark::Plain)
}

fn values(sheet: &mut Sheet, event: &StoredEvent) {
    let committed = committed(event).next().is_some();
    match &event.values {
        Some(kept) => {
            let rest = "  kept beside the journal, so that they can be destroyed";
            begin(sheet, "VALUES", rest);
            value(sheet, kept);
        }
        None if committed => {
            begin(sheet, "VALUES", "");
            let gone = "destroyed: only the commitments are left";
            sheet.wrapped(&Line::new().say(gone, Mark::Warning), 0);
        }
        None => {}
    }
}

/// The commitments of an event: names and salted hashes.
fn committed(event: &StoredEvent) -> impl Iterator<Item = (&String, &Value)> {
    let commitments = event.body.get("commitments").and_then(Value::as_object);
    commitments.into_iter().flatten()
}

fn commitments(sheet: &mut Sheet, event: &StoredEvent) {
    if committed(event).next().is_none() {
        return;
    }
    begin(sheet, "COMMITMENTS", "");
    let told = "Each is the salted hash of one value. The hash of the event covers these and not the \
                values: a value can be destroyed and the chain still verifies, but it cannot be changed.";
    sheet.wrapped(&Line::new().say(told, Mark::Faint), 0);
    for (name, hash) in committed(event) {
        let kept = event.values.as_ref().and_then(|kept| kept.get(name));
        let (sign, word, mark) = match kept {
            Some(_) => ("+ ", "kept  ", Mark::Good),
            None => ("x ", "destroyed  ", Mark::Warning),
        };
        let line = Line::new()
            .say(sign, mark)
            .put(name, Mark::Strong)
            .say("  ", Mark::Plain)
            .say(word, mark)
            .put(hash.as_str().unwrap_or("?"), Mark::Plain);
        sheet.wrapped(&line, 2);
    }
}

fn begin(sheet: &mut Sheet, title: &'static str, rest: &'static str) {
    sheet.gap();
    let line = Line::new().say(title, Mark::Title).say(rest, Mark::Faint);
    sheet.section(title, &line);
}

fn value(sheet: &mut Sheet, value: &Value) {
    for line in json::lines(value, 0) {
        sheet.wrapped(&line, 2);
    }
}
