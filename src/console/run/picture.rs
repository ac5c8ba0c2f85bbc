//! When a picture is due.

use std::time::Duration;

use tokio::time::Instant;

use crate::console::Model;
use crate::console::update::decide;

/// Two pictures that nobody pressed a key for are at least so far apart.
const FRAME: Duration = Duration::from_millis(33);
/// How soon a key that must stand alone is looked at again.
const SOON: Duration = Duration::from_millis(15);
/// How long a key's picture waits for the packet it leads to, so that it is drawn once.
const HOLD: Duration = Duration::from_millis(10);

/// What was drawn and asked for when.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// A key came: the next picture is for it.
    pub(super) urgent: bool,
    /// When a packet was asked for last.
    pub(super) asked_at: Option<Instant>,
    drawn_at: Option<Instant>,
}

impl Pace {
    /// Tells whether something changed that is to be drawn now.
    pub(super) fn draws(&self, model: &Model) -> bool {
        let soon = self.drawn_at.is_none_or(|at| at.elapsed() >= FRAME);
        model.dirty && (self.urgent || soon) && !self.holds(model)
    }

    pub(super) fn drawn(&mut self) {
        self.urgent = false;
        self.drawn_at = Some(Instant::now());
    }

    /// A key that must stand alone for a moment counts once time says so.
    pub(super) fn waits_for_time(model: &Model) -> bool {
        decide::holds(model)
    }

    /// When to look again if nothing happens: at the tick, or once a put-off picture is due.
    pub(super) fn next_look(&self, model: &Model, tick: Instant) -> Instant {
        let tick = if Self::waits_for_time(model) {
            tick.min(Instant::now() + SOON)
        } else {
            tick
        };
        if !model.dirty {
            return tick;
        }
        let held = self
            .asked_at
            .filter(|_| self.holds(model))
            .map(|at| at + HOLD);
        let framed = self.drawn_at.map(|at| at + FRAME);
        held.or(framed).map_or(tick, |due| due.min(tick))
    }

    /// The packet under the cursor is about to come.
    fn holds(&self, model: &Model) -> bool {
        let pane = &model.packet;
        let coming = pane.wanted.is_some() && pane.current().is_none() && pane.trouble.is_none();
        coming && self.asked_at.is_some_and(|at| at.elapsed() < HOLD)
    }
}
