//! What is told once something was done to a run.

use crate::console::model::Notice;
use crate::console::model::runs::Control;
use crate::console::overlays::Overlay;
use crate::domain::{EffectState, RunStatus};
use crate::engine::RunError;
use crate::runtime::RunMoved;
use crate::views::{EffectFate, EffectRow, Undoing};

/// Effects that are named one by one; more are counted.
const NAMED: usize = 2;

/// What became of the run, and of each of its effects.
pub(super) fn done(dialog: Option<&Overlay>, called: &str, moved: &RunMoved) -> Notice {
    if let Some(Overlay::Reason(dialog)) = dialog
        && dialog.control == Control::Override
    {
        let path = dialog.path();
        return Notice::good(format!(
            "{called} is {}: {path} is set, nothing was sent, approvals given before are void",
            moved.status
        ));
    }
    let status = moved.status;
    let effects = moved.effects.as_slice();
    if effects.is_empty() {
        return Notice::good(format!("{called} is {status} now; nothing was sent for it"));
    }
    let text = format!("{called} is {status} now; {}", fates(effects));
    if effects.iter().any(EffectFate::is_unknown) {
        Notice::warning(text)
    } else {
        Notice::good(text)
    }
}

/// What became of a run that undoes what it did, once it has settled.
pub(super) fn undone(
    called: &str,
    (status, error): (RunStatus, Option<&RunError>),
    effects: &[EffectRow],
) -> Notice {
    let of = |state: EffectState| {
        let own = |effect: &&EffectRow| effect.undoes.is_none() && effect.state == state;
        effects.iter().filter(own).count()
    };
    let (undone, stays) = (of(EffectState::Compensated), of(EffectState::Confirmed));
    let unknown = of(EffectState::Unknown).saturating_add(of(EffectState::Intent));
    let mut counts = vec![format!("{undone} undone")];
    if stays > 0 {
        counts.push(format!("{stays} done and not undone"));
    }
    if unknown > 0 {
        counts.push(format!("{unknown} of unknown outcome"));
    }
    let counts = counts.join(", ");
    let why = error.map(|error| format!(": {}", error.message));
    match status {
        RunStatus::DeadLettered => Notice::danger(format!(
            "the undoing of {called} is stuck ({counts}){} 3 shows what can be done",
            why.unwrap_or_default()
        )),
        RunStatus::Waiting => Notice::warning(format!(
            "the undoing of {called} waits for a person (1): {counts}"
        )),
        status if unknown > 0 || stays > 0 => {
            Notice::warning(format!("{called} is {status}: {counts}"))
        }
        status => Notice::good(format!("{called} is {status}: {counts}")),
    }
}

/// The fates of effects: a few by name, many by number.
fn fates(effects: &[EffectFate]) -> String {
    if effects.len() <= NAMED {
        let each = effects
            .iter()
            .map(|effect| format!("{} {}", effect.tool, effect.words()));
        return each.collect::<Vec<String>>().join(", ");
    }
    let mut counts = Vec::new();
    for fate in ["unknown", "confirmed", "refused", "not_sent"] {
        let count = effects.iter().filter(|effect| effect.fate == fate).count();
        if count > 0 {
            counts.push(format!("{count} {}", fate.replace('_', " ")));
        }
        let cannot =
            |effect: &&EffectFate| effect.fate == fate && effect.undoing == Undoing::CannotBeUndone;
        let cannot = effects.iter().filter(cannot).count();
        if fate == "confirmed" && cannot > 0 {
            counts.push(format!("{cannot} cannot be undone"));
        }
    }
    counts.join(", ")
}
