//! The dialog in which a run is stopped for good: it shows what became of every effect before it can
//! be answered, and asks whether what was done is to be undone.
//!
//! | run | gesture |
//! |---|---|
//! | goes on | all of it was on the screen, a reason, `y`; undoing is a choice that is not made |
//! | was terminated | the same, and undoing is all there is to decide |
//!
//! Like every dialog: deaf at first, `y` on the buttons answers. It is bound to the effects that were
//! on the screen: where they change, its button is gone until they were looked at again.

pub mod draw;

use std::borrow::Cow;

use crate::console::overlays::scrolled::Scroll;
use crate::console::overlays::walk::{Dialog, Walk};
use crate::runtime::TerminatePreview;

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;

/// Indices of the fields.
pub const REASON: usize = 0;
pub const COMPENSATE: usize = 1;

#[derive(Clone, Debug)]
pub struct TerminateDialog {
    /// What the run is called.
    pub called: String,
    /// What it would do, as it was shown.
    pub preview: TerminatePreview,
    /// That changed, and was not looked at again.
    pub changed: bool,
    pub scroll: Scroll,
    pub walk: Walk,
}

impl TerminateDialog {
    pub fn open(called: String, preview: TerminatePreview, at_ms: u64) -> Self {
        let walk = if preview.stops {
            Walk::new(2, at_ms, DEAD_MS).with_choice(COMPENSATE)
        } else {
            Walk::new(1, at_ms, DEAD_MS)
        };
        Self {
            called,
            preview,
            changed: false,
            scroll: Scroll::default(),
            walk,
        }
    }

    /// What was done is to be undone.
    pub fn compensates(&self) -> bool {
        let chosen = !self.preview.stops || self.walk.is_chosen(COMPENSATE);
        self.preview.undoes && chosen
    }

    pub fn reason(&self) -> &str {
        self.walk.text(REASON)
    }

    /// The effects changed: nothing is decided before they were looked at again.
    pub fn change(&mut self, preview: TerminatePreview) {
        self.preview = preview;
        self.changed = true;
        self.scroll = Scroll::default();
        self.walk.begin_anew();
    }

    /// It shows the same as `other`: the same effects, with the same that can be done.
    pub fn shows_same(&self, other: &TerminatePreview) -> bool {
        let what = |preview: &TerminatePreview| (preview.stops, preview.undoes);
        self.preview.effects == other.effects
            && what(&self.preview) == what(other)
            && self.preview.refused == other.refused
    }
}

impl Dialog for TerminateDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn scroll(&mut self, down: bool) {
        if down && self.changed && self.scroll.seen {
            self.changed = false;
            self.walk.begin_anew();
        }
        self.scroll.page(down);
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        let said = if self.changed {
            "it changed: read again what it did, then pgdn"
        } else if !self.scroll.seen {
            "read it to its end first: pgdn"
        } else if self.reason().is_empty() {
            "write a reason; it stands in the journal"
        } else {
            return None;
        };
        Some(Cow::Borrowed(said))
    }
}
