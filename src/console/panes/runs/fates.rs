//! What became of an effect, whether it can be undone, and what it undoes.

use super::effects::meaning;
use crate::console::panes::{json, times};
use crate::console::text::{Line, Mark};
use crate::domain::{EffectState, IdempotencyKey};
use crate::views::{EffectFate, EffectRow, UndoCall, Undoing};

/// Hex digits of a key that stands for an effect which is not here.
const KEY_SHOWN: usize = 16;

/// The effect and where it stands, among all effects of its run; each line with its indent.
pub fn lines(effect: &EffectFate, all: &[EffectFate]) -> Vec<(Line, usize)> {
    let (sign, mark, _) = meaning(effect.state);
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
    let line = line
        .say("  for ", Mark::Faint)
        .put(&effect.operation, Mark::Strong);
    let named = all
        .iter()
        .map(|other| (other.idempotency_key, other.operation.as_str()));
    let other = link((effect.undoes, effect.undone_by), named);
    let other = other.map(|said| (Line::new().pad(3).join(said), 3));
    std::iter::once((line, 3)).chain(other).collect()
}

/// What becomes of it where its run is terminated, with or without undoing; none where nothing is
/// left to say.
pub fn then(effect: &EffectFate, compensates: bool) -> Option<Line> {
    let line = Line::new();
    Some(match (effect.state, effect.undoing) {
        (EffectState::Planned, _) => line.say("not sent, and never will be", Mark::Plain),
        (EffectState::Blocked, _) => line.say("not sent", Mark::Plain),
        (EffectState::Refused, _) => line.say("not done: the target refused it", Mark::Plain),
        (EffectState::Compensated, _) | (EffectState::Confirmed, Undoing::NothingToUndo) => {
            return None;
        }
        (EffectState::Intent | EffectState::Unknown, _) => may_have(effect, compensates),
        (EffectState::Confirmed, Undoing::CanBeUndone | Undoing::Undone) => {
            let said = if compensates {
                "is UNDONE with "
            } else {
                "stays done; can be undone, now or later, with "
            };
            call(line.say(said, Mark::Plain), effect.undo.as_ref())
        }
        (EffectState::Confirmed, Undoing::CannotBeUndone) => cannot(line, effect.undo.as_ref()),
    })
}

/// Whether what is done can be undone, as a sentence; none where there is nothing to undo.
pub fn undoable(effect: &EffectFate) -> Option<Line> {
    match (effect.state, effect.undoing) {
        (EffectState::Confirmed, Undoing::CanBeUndone) => {
            let line = Line::new().say("Can be undone with ", Mark::Plain);
            Some(call(line, effect.undo.as_ref()))
        }
        (EffectState::Confirmed, Undoing::CannotBeUndone) => {
            Some(cannot(Line::new(), effect.undo.as_ref()))
        }
        (EffectState::Intent | EffectState::Unknown, Undoing::CannotBeUndone) => {
            Some(Line::new().say("If it happened, it cannot be undone.", Mark::Warning))
        }
        _ => None,
    }
}

/// The effect that this one undoes, or that undid it, by what it was for.
pub fn row_link(effect: &EffectRow, all: &[EffectRow]) -> Option<Line> {
    let named = all
        .iter()
        .map(|other| (other.idempotency_key, other.operation.as_str()));
    let under_way = |other: &&EffectRow| {
        other.undoes == Some(effect.idempotency_key)
            && matches!(
                other.state,
                EffectState::Intent | EffectState::Unknown | EffectState::Planned
            )
    };
    if let Some(undoing) = all.iter().find(under_way) {
        let line = Line::new().say("is being undone by ", Mark::Info);
        return Some(line.put(&undoing.operation, Mark::Strong));
    }
    link((effect.undoes, effect.undone_by), named)
}

fn link<'a>(
    (undoes, undone_by): (Option<IdempotencyKey>, Option<IdempotencyKey>),
    mut named: impl Iterator<Item = (IdempotencyKey, &'a str)>,
) -> Option<Line> {
    let (said, key) = match (undoes, undone_by) {
        (Some(key), _) => ("undoes ", key),
        (None, Some(key)) => ("undone by ", key),
        (None, None) => return None,
    };
    let line = Line::new().say(said, Mark::Info);
    let found = named.find(|(other, _)| *other == key);
    Some(if let Some((_, operation)) = found {
        line.put(operation, Mark::Strong)
    } else {
        let key = key.to_string();
        let short = key.get(..KEY_SHOWN).unwrap_or(&key);
        line.own(&format!("the effect under key {short}…"), Mark::Plain)
    })
}

fn may_have(effect: &EffectFate, compensates: bool) -> Line {
    let line = Line::new().say("may have happened: ", Mark::Danger);
    match (effect.undoing, compensates) {
        (Undoing::CannotBeUndone, _) => line.say(
            "stays open until that is known; cannot be undone",
            Mark::Danger,
        ),
        (Undoing::CanBeUndone, true) => call(
            line.say("settled first; if it did, it is UNDONE with ", Mark::Plain),
            effect.undo.as_ref(),
        ),
        (Undoing::CanBeUndone, false) => call(
            line.say(
                "stays open until that is known; can be undone with ",
                Mark::Plain,
            ),
            effect.undo.as_ref(),
        ),
        (Undoing::NothingToUndo | Undoing::Undone, _) => {
            line.say("stays open until that is known", Mark::Plain)
        }
    }
}

fn cannot(line: Line, undo: Option<&UndoCall>) -> Line {
    let line = line.say("cannot be undone", Mark::Warning);
    match undo.and_then(|undo| undo.problem.as_deref()) {
        Some(problem) => line.say(": ", Mark::Faint).put(problem, Mark::Danger),
        None => line,
    }
}

fn call(line: Line, undo: Option<&UndoCall>) -> Line {
    let Some(undo) = undo else {
        return line;
    };
    let line = line.put(undo.tool.as_str(), Mark::Strong);
    match &undo.arguments {
        Some(arguments) => line
            .say(" ", Mark::Plain)
            .show(json::one_line(arguments), Mark::Plain),
        None => line,
    }
}
