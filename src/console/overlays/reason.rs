//! Asks for a reason before a run is paused, resumed or overridden.

pub mod draw;

use crate::console::model::Field;
use crate::console::request::Ticket;
use crate::console::update::runs::Control;
use crate::domain::RunId;

/// Deaf for so long after it opened, in milliseconds.
const DEAD_MS: u64 = 350;

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Path,
    Value,
    Reason,
    Cancel,
    Commit,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Asking,
    Sent(Ticket),
    Over(String),
}

#[derive(Clone, Debug)]
pub struct ReasonDialog {
    pub control: Control,
    pub run: RunId,
    /// What the run is called.
    pub called: String,
    pub path: Field,
    pub value: Field,
    pub reason: Field,
    pub spot: Spot,
    pub stage: Stage,
    pub missing: Option<&'static str>,
    pub armed_at_ms: u64,
}

impl ReasonDialog {
    pub fn absorb(&mut self, at_ms: u64) {
        self.armed_at_ms = at_ms.saturating_add(DEAD_MS);
    }

    pub fn open(control: Control, run: RunId, called: String, at_ms: u64) -> Self {
        Self {
            control,
            run,
            called,
            path: Field::default(),
            value: Field::default(),
            reason: Field::default(),
            spot: if control == Control::Override {
                Spot::Path
            } else {
                Spot::Reason
            },
            stage: Stage::Asking,
            missing: None,
            armed_at_ms: at_ms.saturating_add(DEAD_MS),
        }
    }
}
