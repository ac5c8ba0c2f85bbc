//! Tells typing from pasting where the terminal does not: nobody types six keys in 15 ms.
//!
//! A held navigation key repeats as fast as that and stays typing. A dialog that one of the first
//! keys of such a burst opened is closed again: nobody asked for it.

use crate::console::key::{Code, Key};
use crate::console::keymap::{Action, Meaning, meaning};
use crate::console::model::Model;
use crate::console::overlays::Overlay;

/// So many printable keys …
const BURST_KEYS: usize = 6;
/// … within so many milliseconds are a paste.
const BURST_MS: u64 = 15;

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typing {
    ByHand,
    Pasted,
}

/// Judges `key` by those before it.
pub fn judge(model: &mut Model, key: Key, at_ms: u64) -> Typing {
    if key.typed().is_none() && key.code != Code::Enter {
        return Typing::ByHand;
    }
    let recent = |(_, at): &(Key, u64)| at_ms.saturating_sub(*at) <= BURST_MS;
    model.typed_at.retain(recent);
    model.typed_at.push((key, at_ms));
    let same = model.typed_at.iter().all(|(other, _)| *other == key);
    if model.typed_at.len() < BURST_KEYS || same && navigates(model, key) {
        return Typing::ByHand;
    }
    let began = model.typed_at.first().map_or(at_ms, |(_, at)| *at);
    if let Some(Overlay::Edit(form)) = model.overlays.last()
        && !form.opened_since(began)
    {
        // In a form that was open before, pasting is typing.
        return Typing::ByHand;
    }
    model.overlays.retain(|overlay| match overlay {
        Overlay::Verdict(dialog) => !dialog.opened_since(began),
        Overlay::Edit(form) => !form.opened_since(began),
        Overlay::Reason(_) | Overlay::Filter(_) | Overlay::Help(_) | Overlay::Quit => true,
    });
    Typing::Pasted
}

fn navigates(model: &Model, key: Key) -> bool {
    matches!(
        meaning(model.place(), None, key),
        Meaning::Action(
            Action::Down
                | Action::Up
                | Action::HalfDown
                | Action::HalfUp
                | Action::NextSection
                | Action::PreviousSection
        ) | Meaning::Begins(_)
    )
}
