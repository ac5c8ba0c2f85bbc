//! What a run did to the world, or tried to.

use super::fates;
use super::sections::begin;
use crate::console::message::{RunRead, Told, ToldKind};
use crate::console::model::Sheet;
use crate::console::panes::dead_letters::history;
use crate::console::panes::times;
use crate::console::text::{Line, Mark};
use crate::domain::EffectState;
use crate::views::EffectRow;

/// Letters of a key that are shown.
const KEY_SHOWN: usize = 16;

/// Whether the outcome is not known yet: it counts as possibly sent.
pub(super) fn is_open(state: EffectState) -> bool {
    match state {
        EffectState::Intent | EffectState::Unknown => true,
        EffectState::Planned
        | EffectState::Blocked
        | EffectState::Confirmed
        | EffectState::Refused
        | EffectState::Compensated => false,
    }
}

pub(super) fn effects(sheet: &mut Sheet, read: &RunRead) {
    let count = format!("  {}", read.effects.len());
    begin(sheet, "EFFECTS", Line::new().own(&count, Mark::Faint));
    if read.effects.is_empty() {
        let none = "Nothing was sent for this run.";
        sheet.wrapped(&Line::new().say(none, Mark::Faint), 0);
    }
    for effect in &read.effects {
        one(sheet, effect, read);
    }
}

/// What was sent, asked and found, where anything did not go straight.
pub(super) fn tries(sheet: &mut Sheet, read: &RunRead) {
    let straight = |told: &Told| matches!(told.kind, ToldKind::Sent | ToldKind::Confirmed);
    if read.tries.iter().all(straight) {
        return;
    }
    begin(sheet, "TRIES", Line::new());
    for told in &read.tries {
        sheet.wrapped(&history::line(told), 10);
    }
}

fn one(sheet: &mut Sheet, effect: &EffectRow, read: &RunRead) {
    let (sign, mark, means) = meaning(effect.state);
    let mut line = Line::new()
        .say(sign, mark)
        .say(" ", Mark::Plain)
        .say(effect.state.as_str(), mark)
        .say("  ", Mark::Plain)
        .put(effect.tool.as_str(), Mark::Strong);
    if let Some(amount) = &effect.amount {
        line = line
            .say("  ", Mark::Plain)
            .show(times::money(amount), Mark::Strong);
    }
    line = line
        .say("  for ", Mark::Faint)
        .put(&effect.operation, Mark::Strong);
    sheet.wrapped(&line, 3);
    let key = effect.idempotency_key.to_string();
    let short = key.get(..KEY_SHOWN).unwrap_or(&key);
    let attempt = match effect.attempt {
        // It was never tried.
        0 => String::new(),
        attempt => format!("attempt {attempt}  "),
    };
    let more = format!("   key {short}…  {attempt}at {}", effect.updated_at);
    sheet.wrapped(&Line::new().own(&more, Mark::Faint), 3);
    sheet.wrapped(&Line::new().pad(3).say(means, Mark::Plain), 3);
    let below = [
        fates::row_link(effect, &read.effects),
        undoable(effect, read),
    ];
    for line in below.into_iter().flatten() {
        sheet.wrapped(&Line::new().pad(3).join(line), 3);
    }
    if let Some(error) = &effect.error {
        sheet.wrapped(&Line::new().pad(3).put(error, Mark::Danger), 3);
    }
}

/// Whether it can be undone, of a run that can be told to undo what it did.
fn undoable(effect: &EffectRow, read: &RunRead) -> Option<Line> {
    let preview = read.terminate.as_ref().ok()?;
    if preview.refused.is_some() {
        return None;
    }
    let mut fates = preview.effects.iter();
    let fate = fates.find(|fate| fate.idempotency_key == effect.idempotency_key)?;
    fates::undoable(fate)
}

pub(super) fn meaning(state: EffectState) -> (&'static str, Mark, &'static str) {
    match state {
        EffectState::Planned => (". ", Mark::Plain, "Not sent."),
        EffectState::Blocked => ("x ", Mark::Warning, "Not sent, and never will be."),
        EffectState::Intent => (
            "> ",
            Mark::Info,
            "On its way: it counts as possibly sent until its outcome is known.",
        ),
        EffectState::Confirmed => ("+ ", Mark::Good, "The target says that it is done."),
        EffectState::Refused => ("x ", Mark::Danger, "The target says that it is not done."),
        EffectState::Unknown => (
            "!!",
            Mark::Danger,
            "It may have happened: the target gave no answer that settles it.",
        ),
        EffectState::Compensated => ("< ", Mark::Info, "Done, and undone by another effect."),
    }
}
