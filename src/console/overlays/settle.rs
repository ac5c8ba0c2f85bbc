//! The dialog in which a person says what became of an effect whose outcome nobody knows.
//!
//! | what is said | gesture |
//! |---|---|
//! | it happened, it did not | a reason, the amount or the end of the operation typed |
//! | it happened, and something is made of the answer | what was answered besides, or nothing |
//! | ask again | `y` |
//!
//! Like every dialog: deaf at first, `y` on the buttons answers. It is bound to the packet that was
//! on the screen, and to the one effect it asks about.

pub mod draw;

use std::borrow::Cow;

use serde_json::Value;

use crate::console::model::answer::WantedAnswer;
use crate::console::model::packet::Bound;
use crate::console::overlays::verdict::{Fact, fact_of};
use crate::console::overlays::walk::{Dialog, Walk};
use crate::domain::{Packet, PlannedEffect};
use crate::engine::Settled;
use crate::runtime::Settlement;
use crate::views::{Try, TryKind};

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;
/// The same where an outcome is said: what is said cannot be taken back.
const DEAD_SAYING_MS: u64 = 1_000;

/// Indices of the fields.
pub const REASON: usize = 0;
pub const FACT: usize = 1;
pub const ANSWER: usize = 2;

#[derive(Clone, Debug)]
pub struct SettleDialog {
    pub settled: Settled,
    pub bound: Bound,
    pub packet: Box<Packet>,
    pub effect: PlannedEffect,
    pub fact: Option<Fact>,
    /// When the target was asked last, and what it said.
    pub asked: Option<Try>,
    /// What the target answers, where it happened and something is made of it.
    pub answer: Option<WantedAnswer>,
    pub walk: Walk,
}

impl SettleDialog {
    pub fn open(
        settled: Settled,
        (packet, effect): (&Packet, &PlannedEffect),
        (tries, answer): (&[Try], Option<&WantedAnswer>),
        at_ms: u64,
    ) -> Self {
        let says = settled != Settled::AskAgain;
        let answer = answer.filter(|_| settled == Settled::Happened).cloned();
        let (walk, dead_ms) = match (says, &answer) {
            (true, Some(_)) => (3, DEAD_SAYING_MS),
            (true, None) => (2, DEAD_SAYING_MS),
            (false, _) => (0, DEAD_MS),
        };
        let walk = Walk::new(walk, at_ms, dead_ms);
        Self {
            settled,
            bound: Bound::of(packet),
            packet: Box::new(packet.clone()),
            effect: effect.clone(),
            fact: says.then(|| fact_of(packet)),
            asked: tries
                .iter()
                .find(|each| each.kind == TryKind::Asked)
                .cloned(),
            walk: match &answer {
                Some(_) => walk.pasted_into(ANSWER),
                None => walk,
            },
            answer,
        }
    }

    /// What the target answered, as it was typed.
    ///
    /// # Errors
    /// Why it cannot be an answer.
    fn answered(&self) -> Result<Option<Value>, String> {
        let wanted = self.answer.as_ref();
        wanted.map_or(Ok(None), |wanted| wanted.read(self.walk.text(ANSWER)))
    }

    /// What is sent once it is answered.
    pub fn settlement(&self) -> Settlement {
        let reason = match self.settled {
            Settled::AskAgain => None,
            Settled::Happened | Settled::NotHappened => Some(self.walk.text(REASON).to_owned()),
        };
        Settlement {
            key: self.effect.key,
            settled: self.settled,
            output: self.answered().ok().flatten(),
            reason,
        }
    }
}

impl Dialog for SettleDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        let fact = self.fact.as_ref()?;
        if self.walk.text(REASON).is_empty() {
            return Some(Cow::Borrowed(
                "write how you know; it stands in the journal",
            ));
        }
        let right = fact.is(self.walk.text(FACT));
        if !right {
            return Some(Cow::Borrowed("what you typed is not what the packet says"));
        }
        self.answered().err().map(Cow::Owned)
    }
}
