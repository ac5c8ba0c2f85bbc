//! The dialog that answers a packet which asks for more budget.
//!
//! | verb | gesture |
//! |---|---|
//! | raise the limit | how much more, a reason |
//! | stop | a reason |
//! | stop and undo | all that would be undone was on the screen, a reason, how many it is typed |
//!
//! Like every dialog: deaf at first, `y` on the buttons answers. It is bound to the packet that was
//! on the screen.

pub mod draw;
mod more;

use std::borrow::Cow;

pub use more::More;

use crate::console::keymap::OnBudget;
use crate::console::model::packet::Bound;
use crate::console::overlays::scrolled::Scroll;
use crate::console::overlays::walk::{Dialog, Stage, Walk};
use crate::console::panes::changes;
use crate::console::text::Line;
use crate::domain::{Packet, Tier};
use crate::engine::BudgetAnswer;
use crate::runtime::{BudgetRequest, Stake};

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;
/// The same where the run ends by it, or the packet is critical.
const DEAD_CRITICAL_MS: u64 = 1_000;

/// Indices of the fields: of raising, of undoing, and the reason of the other two.
pub const MORE: usize = 0;
pub const FACT: usize = 1;

/// What is asked, in the budget's own units: millionths of a US dollar, or steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub limit: crate::domain::BudgetLimit,
    pub used: i64,
    pub allowed: i64,
    /// What the step or call that was not begun would add.
    pub next: i64,
    pub message: String,
}

#[derive(Clone, Debug)]
pub struct BudgetDialog {
    pub verb: OnBudget,
    pub packet: Box<Packet>,
    pub bound: Bound,
    pub asked: Asked,
    /// What the run spent and did; none where it could not be read.
    pub stake: Option<Stake>,
    pub scroll: Scroll,
    pub walk: Walk,
    /// What changed in the packet since the dialog opened.
    pub changes: Vec<Line>,
}

impl BudgetDialog {
    pub fn open(
        verb: OnBudget,
        packet: &Packet,
        (asked, stake): (Asked, Option<&Stake>),
        at_ms: u64,
    ) -> Self {
        let fields = match verb {
            OnBudget::Raise | OnBudget::Undo => 2,
            OnBudget::Stop => 1,
        };
        let ends = verb != OnBudget::Raise;
        let dead_ms = if ends || packet.tier == Tier::Critical {
            DEAD_CRITICAL_MS
        } else {
            DEAD_MS
        };
        Self {
            verb,
            bound: Bound::of(packet),
            packet: Box::new(packet.clone()),
            asked,
            stake: stake.cloned(),
            scroll: Scroll::default(),
            walk: Walk::new(fields, at_ms, dead_ms),
            changes: Vec::new(),
        }
    }

    /// Index of the field for the reason.
    pub fn reason_at(&self) -> usize {
        match self.verb {
            OnBudget::Raise => 1,
            OnBudget::Stop | OnBudget::Undo => 0,
        }
    }

    /// What is typed to have it undone: how many effects it is.
    pub fn fact(&self) -> String {
        let undoable = self.stake.as_ref().map_or(0, Stake::undoable);
        undoable.to_string()
    }

    /// What is added, as it was typed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn more(&self) -> Result<More, String> {
        More::read(self.asked.limit, self.walk.text(MORE))
    }

    /// The packet has another digest now: this dialog can no longer commit.
    pub fn became(&mut self, now: &Packet) {
        self.changes = changes::between(&self.packet, now);
        self.walk.stage = Stage::Over(format!(
            "This packet changed while you looked (version {} is now {}). Nothing was sent.",
            self.bound.version, now.version
        ));
    }

    /// What is sent once it is answered; none where what was typed is no answer.
    pub fn request(&self) -> Option<BudgetRequest> {
        let answer = match self.verb {
            OnBudget::Raise => self.more().ok()?.answer(),
            OnBudget::Stop => BudgetAnswer::Stop,
            OnBudget::Undo => BudgetAnswer::Compensate,
        };
        Some(BudgetRequest {
            packet: self.bound.packet,
            digest: self.bound.digest.to_string(),
            answer,
            reason: self.walk.text(self.reason_at()).to_owned(),
        })
    }
}

impl Dialog for BudgetDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn scroll(&mut self, down: bool) {
        self.scroll.page(down);
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        if self.verb == OnBudget::Raise
            && let Err(why) = self.more()
        {
            return Some(Cow::Owned(why));
        }
        if self.walk.text(self.reason_at()).is_empty() {
            let said = "write a reason; it stands in the journal";
            return Some(Cow::Borrowed(said));
        }
        if self.verb != OnBudget::Undo {
            return None;
        }
        if !self.scroll.seen {
            return Some(Cow::Borrowed("read it to its end first: pgdn"));
        }
        let right = self.walk.text(FACT) == self.fact();
        (!right).then_some(Cow::Borrowed("what you typed is not what stands here"))
    }
}
