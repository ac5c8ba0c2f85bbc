//! A packet that asks whether an effect happened: what was tried, and how to settle it.

use super::budget::unread;
use crate::console::message::Beside;
use crate::console::model::Sheet;
use crate::console::panes::json;
use crate::console::text::{Line, Mark};
use crate::domain::{Packet, PacketStatus, Question};
use crate::views::{Came, Try, TryKind};

/// Columns of the names before what is said, and of the time before a try.
const NAMES: usize = 12;
const TIME: usize = 10;

/// What is known of an effect that was sent.
pub(super) fn asked(sheet: &mut Sheet, packet: &Packet, beside: &Beside) {
    let Question::Outcome {
        attempts,
        message,
        verifiable,
    } = &packet.question
    else {
        return;
    };
    let times = match attempts {
        1 => "once".to_owned(),
        many => format!("{many} times"),
    };
    let line = Line::new()
        .say("sent        ", Mark::Faint)
        .own(&times, Mark::Strong)
        .say(", last heard: ", Mark::Plain)
        .put(message, Mark::Plain);
    sheet.wrapped(&line, NAMES);
    let ways = if *verifiable {
        "v asks again, D it happened, R it did not happen"
    } else {
        "D it happened, R it did not happen: the target cannot be asked"
    };
    if packet.status == PacketStatus::Open {
        let settle = Line::new().say("settle      ", Mark::Faint);
        sheet.wrapped(&settle.say(ways, Mark::Plain), NAMES);
    }
    if let Some(effect) = packet.effects.first() {
        let key = Line::new().say("key         ", Mark::Faint);
        sheet.wrapped(&key.own(&effect.key.to_string(), Mark::Plain), NAMES);
    }
    unread(sheet, beside);
    if let Beside::Outcome { tries, .. } = beside {
        all(sheet, tries);
    }
}

/// Every try with its time, newest first, each day under its date.
fn all(sheet: &mut Sheet, tries: &[Try]) {
    let head = Line::new().say("tried       ", Mark::Faint);
    if tries.is_empty() {
        return sheet.wrapped(
            &head.say("the journal tells of no try", Mark::Warning),
            NAMES,
        );
    }
    sheet.wrapped(&head.say("newest first, times in UTC", Mark::Faint), NAMES);
    let mut day = String::new();
    for each in tries {
        let at = each.at.to_string();
        let on = at.get(..10).unwrap_or(&at);
        if on != day {
            on.clone_into(&mut day);
            sheet.wrapped(&Line::new().own(&day, Mark::Faint), 0);
        }
        sheet.wrapped(&line(each), TIME);
    }
}

/// When it was, what it was, and what came of it.
pub fn line(each: &Try) -> Line {
    let at = each.at.to_string();
    let clock = at.get(11..19).unwrap_or(&at);
    let line = Line::new().own(clock, Mark::Faint).say("  ", Mark::Plain);
    let line = match each.kind {
        TryKind::Asked => asked_of(line, each),
        TryKind::Sent => sent(line, each),
        TryKind::Said => said(line, each),
    };
    match &each.message {
        Some(message) => line.say(": ", Mark::Faint).put(message, Mark::Plain),
        None => line,
    }
}

fn asked_of(line: Line, each: &Try) -> Line {
    let (before, after, mark) = match each.came {
        Some(Came::NoAnswer) => ("asking ", " failed", Mark::Danger),
        Some(Came::Found) => ("asked ", ": found", Mark::Good),
        Some(Came::NotFound) => ("asked ", ": not found", Mark::Warning),
        Some(Came::SettlesNothing) => ("asked ", ": its answer settles nothing", Mark::Danger),
        _ => ("asked ", ", no answer yet", Mark::Info),
    };
    let line = line
        .say(before, mark)
        .put(each.tool.as_str(), Mark::Plain)
        .say(after, mark);
    match &each.answer {
        Some(answer) => line
            .say("  ", Mark::Plain)
            .show(json::one_line(answer), Mark::Plain),
        None => line,
    }
}

fn sent(line: Line, each: &Try) -> Line {
    let (said, mark) = match each.came {
        Some(Came::Confirmed) => (", confirmed", Mark::Good),
        Some(Came::Refused) => (", refused", Mark::Danger),
        Some(Came::NotDone) => (", certainly not done", Mark::Warning),
        Some(Came::AskedFirst) => (", but not before the target was asked", Mark::Info),
        Some(_) => (", outcome unknown", Mark::Danger),
        None => (", no answer yet", Mark::Info),
    };
    line.say("sent with ", Mark::Strong)
        .put(each.tool.as_str(), Mark::Plain)
        .own(&format!(", attempt {}", each.attempt), Mark::Faint)
        .say(said, mark)
}

fn said(line: Line, each: &Try) -> Line {
    let said = match each.came {
        Some(Came::Happened) => "it happened, said by ",
        Some(Came::NotHappened) => "it did not happen, said by ",
        _ => "asked again by ",
    };
    let by = each.by.as_deref().unwrap_or("nobody");
    line.say(said, Mark::Strong).put(by, Mark::Strong)
}
