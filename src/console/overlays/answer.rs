//! The field of a dialog in which a person writes, or pastes, what a target answered.

use crate::console::model::answer::WantedAnswer;
use crate::console::overlays::field_line;
use crate::console::overlays::scrolled::Given;
use crate::console::overlays::walk::{Spot, Walk};
use crate::console::text::{Line, Mark};

/// The field at `index`, and whether what stands in it can be an answer; `empty` says what follows
/// where nothing does.
pub fn lines(walk: &Walk, index: usize, wanted: &WantedAnswer, empty: &'static str) -> Vec<Given> {
    let Some(field) = walk.field(index) else {
        return Vec::new();
    };
    let name = Line::new().say("what it answered, as JSON  ", Mark::Faint);
    let typed = field_line(name, field, walk.spot() == Spot::Field(index));
    let below = match wanted.read(walk.text(index)) {
        Ok(None) => Line::new().say(empty, Mark::Warning),
        Ok(Some(_)) => Line::new()
            .say("this can be an answer of ", Mark::Good)
            .put(wanted.tool().as_str(), Mark::Good),
        Err(why) => Line::new().put(&why, Mark::Danger),
    };
    let below = below.say("  F4 opens your editor", Mark::Faint);
    vec![(typed, 2), (below, 2)]
}
