//! Tells typing from pasting where the terminal does not: nobody types six keys in 15 ms.
//!
//! A held navigation key repeats as fast as that and stays typing. A dialog that one of the first
//! keys of such a burst opened is closed again: nobody asked for it.

use crate::console::key::{BURST_MS, Code, Key};
use crate::console::keymap::{Action, Meaning, meaning};
use crate::console::model::Model;
use crate::console::overlays::Overlay;

/// So many printable keys within [`BURST_MS`] are a paste.
const BURST_KEYS: usize = 6;

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
    let began = model.typed_at.first().map_or(at_ms, |(_, at)| *at);
    let few = model.typed_at.len() < BURST_KEYS;
    if few || takes_text(model, began) || same && navigates(model, key) {
        return Typing::ByHand;
    }
    let meant = |overlay: &mut Overlay| !overlay.opened_since(began);
    model.overlays.retain_mut(meant);
    Typing::Pasted
}

/// Tells whether the key that was judged last came right behind another: then an enter is no
/// answer, but may be the end of a line that was pasted.
pub fn trails(model: &Model) -> bool {
    model.typed_at.len() > 1
}

/// What is typed there does nothing by itself, however fast it comes: of a dialog only in the field
/// that takes pasted text. A form that the burst itself opened takes none.
fn takes_text(model: &Model, began: u64) -> bool {
    match model.overlays.last() {
        Some(Overlay::Filter(_) | Overlay::Help(_)) => true,
        Some(Overlay::Edit(form)) => !form.deaf.opened_since(began),
        Some(
            overlay @ (Overlay::Verdict(_)
            | Overlay::Reason(_)
            | Overlay::Letter(_)
            | Overlay::Settle(_)
            | Overlay::Budget(_)
            | Overlay::Acknowledge(_)
            | Overlay::Terminate(_)
            | Overlay::Quit(_)),
        ) => overlay.dialog().is_some_and(|dialog| {
            let walk = dialog.walk();
            walk.takes_bursts() && !walk.deaf.opened_since(began)
        }),
        None => false,
    }
}

fn navigates(model: &Model, key: Key) -> bool {
    match meaning(model.place(), None, key) {
        Meaning::Action(Action::Move(_)) | Meaning::Begins(_) => true,
        Meaning::Action(_) | Meaning::Nothing => false,
    }
}
