//! What was tried, answered and said, one line each.

use super::preview::clock;
use crate::console::message::{Told, ToldKind};
use crate::console::model::Sheet;
use crate::console::text::{Line, Mark};

/// The tries of a step, oldest first.
pub fn history(sheet: &mut Sheet, history: &[Told]) {
    super::sections::begin(sheet, "HISTORY", Line::new());
    if history.is_empty() {
        let none = "Nothing was asked or sent for this step.";
        sheet.wrapped(&Line::new().say(none, Mark::Faint), 0);
    }
    let mut day = String::new();
    for told in history {
        let at = told.at.to_string();
        let on = at.get(..10).unwrap_or(&at);
        if on != day {
            on.clone_into(&mut day);
            sheet.wrapped(&Line::new().own(&day, Mark::Faint), 0);
        }
        sheet.wrapped(&line(told), 10);
    }
}

/// When it was, what it was, in which words, by whom.
pub fn line(told: &Told) -> Line {
    let (said, mark) = words(told.kind);
    let line = Line::new()
        .own(clock(&told.at.to_string()), Mark::Faint)
        .say("  ", Mark::Plain)
        .say(said, mark);
    let line = match &told.what {
        Some(what) => line.say(" ", Mark::Plain).put(what, Mark::Plain),
        None => line,
    };
    let line = match &told.by {
        Some(by) => line.say(" by ", Mark::Faint).put(by, Mark::Strong),
        None => line,
    };
    match &told.words {
        Some(words) => line.say(": ", Mark::Faint).put(words, Mark::Plain),
        None => line,
    }
}

fn words(kind: ToldKind) -> (&'static str, Mark) {
    match kind {
        ToldKind::Asked => ("read with", Mark::Plain),
        ToldKind::Failed => ("the read failed", Mark::Danger),
        ToldKind::Sent => ("sent with", Mark::Strong),
        ToldKind::SentAgain => ("sent again, same key, with", Mark::Strong),
        ToldKind::Confirmed => ("confirmed by", Mark::Good),
        ToldKind::Refused => ("refused by", Mark::Danger),
        ToldKind::NotDone => ("certainly not done by", Mark::Warning),
        ToldKind::Unknown => ("outcome unknown of", Mark::Danger),
        ToldKind::Probed => ("asked after it with", Mark::Plain),
        ToldKind::ProbeFound => ("found: it happened", Mark::Good),
        ToldKind::ProbeFoundNothing => ("found nothing", Mark::Warning),
        ToldKind::ProbeSettlesNothing => ("the answer settles nothing", Mark::Warning),
        ToldKind::SaidHappened => ("it happened, said of", Mark::Strong),
        ToldKind::SaidNotHappened => ("it did not happen, said of", Mark::Strong),
        ToldKind::SaidAskAgain => ("asked about again:", Mark::Strong),
        ToldKind::Parked => ("stuck", Mark::Danger),
        ToldKind::Redriven => ("redriven", Mark::Strong),
        ToldKind::Discarded => ("discarded", Mark::Strong),
    }
}
