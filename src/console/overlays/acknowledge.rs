//! The dialog in which a person takes note of an alert.
//!
//! | alert | gesture |
//! |---|---|
//! | the clock jumped | how one knows that it is right, then `y`: windows pass again by it |
//! | any other | `y`; a reason may stand with it |
//!
//! Like every dialog: deaf at first, `y` on the buttons answers. It is bound to one alert by its id.

pub mod draw;

use std::borrow::Cow;

use crate::console::model::alerts::Words;
use crate::console::overlays::walk::{Dialog, Walk};
use crate::views::AlertRow;

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;
/// The same where windows pass again by it: what passed cannot be taken back.
const DEAD_PASSING_MS: u64 = 1_000;

/// Index of its only field.
pub const REASON: usize = 0;

#[derive(Clone, Debug)]
pub struct AcknowledgeDialog {
    /// As it stood when the dialog opened.
    pub alert: AlertRow,
    pub walk: Walk,
}

impl AcknowledgeDialog {
    pub fn open(alert: AlertRow, at_ms: u64) -> Self {
        let dead_ms = if Words::of(alert.kind).holds_windows {
            DEAD_PASSING_MS
        } else {
            DEAD_MS
        };
        Self {
            alert,
            walk: Walk::new(1, at_ms, dead_ms),
        }
    }

    pub fn reason(&self) -> Option<String> {
        let reason = self.walk.text(REASON);
        (!reason.is_empty()).then(|| reason.to_owned())
    }
}

impl Dialog for AcknowledgeDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        let unsaid = Words::of(self.alert.kind).holds_windows && self.reason().is_none();
        unsaid.then_some(Cow::Borrowed(
            "write how you know that the clock is right; it stands in the journal",
        ))
    }
}
