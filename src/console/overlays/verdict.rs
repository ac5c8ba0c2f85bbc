//! The verdict dialog: bound to the packet that was on the screen, deaf at first, with Cancel
//! under the cursor.
//!
//! | tier | gesture for approving |
//! |---|---|
//! | routine | the key, then `y` on the buttons |
//! | elevated | a reason besides |
//! | critical | every section was on the screen, a reason, a typed fact |
//!
//! Rejecting and returning need a reason on every tier. Keys in the dead time are absorbed and
//! begin it anew; what is pasted counts as such keys. Its `y` is only taken once nothing followed
//! it for a moment: where a terminal does not mark a paste, its first letter looks like an answer.

pub mod draw;
pub mod keys;

use crate::console::model::Field;
use crate::console::model::packet::Bound;
use crate::console::overlays::deaf::Deaf;
use crate::console::panes::changes;
use crate::console::request::Ticket;
use crate::console::text::Line;
use crate::domain::{Packet, Tier, Verdict};
use crate::runtime::VerdictRequest;

/// Deaf for so long after it opened, in milliseconds.
const DEAD_MS: u64 = 350;
const DEAD_CRITICAL_MS: u64 = 1_000;

/// A `y` stands alone for so long before it is an answer, in milliseconds.
const ALONE_MS: u64 = 40;

/// Letters of a target that are typed where a packet has no amount.
const LAST_LETTERS: usize = 4;

/// What has the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    Reason,
    Fact,
    Cancel,
    Commit,
}

/// How far it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Asking,
    /// The verdict is on its way.
    Sent(Ticket),
    /// It was not taken, and why. Nothing can be committed from here.
    Over(String),
}

/// Something to type that cannot be typed without looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub expected: String,
}

#[derive(Clone, Debug)]
pub struct VerdictDialog {
    pub verdict: Verdict,
    pub packet: Box<Packet>,
    pub bound: Bound,
    pub reason: Field,
    pub reason_needed: bool,
    pub fact: Option<Fact>,
    pub typed: Field,
    pub spot: Spot,
    pub stage: Stage,
    /// What changed in the packet since the dialog opened.
    pub changes: Vec<Line>,
    /// The answer, and when its `y` came.
    held: Option<(u64, VerdictRequest)>,
    /// What is still missing, said when the person tried to commit.
    pub missing: Option<&'static str>,
    pub deaf: Deaf,
}

impl VerdictDialog {
    pub fn open(verdict: Verdict, packet: &Packet, at_ms: u64) -> Self {
        let critical = packet.tier == Tier::Critical;
        let approves = verdict == Verdict::Approve;
        let dead_ms = if critical { DEAD_CRITICAL_MS } else { DEAD_MS };
        let reason_needed = !approves || packet.tier != Tier::Routine;
        Self {
            verdict,
            bound: Bound::of(packet),
            packet: Box::new(packet.clone()),
            reason: Field::default(),
            reason_needed,
            fact: (approves && critical).then(|| fact_of(packet)),
            typed: Field::default(),
            spot: if reason_needed {
                Spot::Reason
            } else {
                Spot::Cancel
            },
            stage: Stage::Asking,
            changes: Vec::new(),
            missing: None,
            held: None,
            deaf: Deaf::new(at_ms, dead_ms),
        }
    }

    /// The packet has another digest now: this dialog can no longer commit.
    pub fn became(&mut self, now: &Packet) {
        self.changes = changes::between(&self.packet, now);
        self.stage = Stage::Over(format!(
            "This packet changed while you looked (version {} is now {}). Nothing was sent.",
            self.bound.version, now.version
        ));
    }

    /// Something came that is no answer: the dead time begins anew.
    pub fn absorb(&mut self, at_ms: u64) {
        self.held = None;
        self.deaf.absorb(at_ms);
    }

    /// A `y` was pressed and stands alone so far.
    pub fn holds(&self) -> bool {
        self.held.is_some()
    }

    /// The answer, once its `y` stood alone long enough.
    pub fn due(&mut self, at_ms: u64) -> Option<VerdictRequest> {
        if self.stage != Stage::Asking {
            self.held = None;
        }
        let alone =
            |(held_at, _): &mut (u64, VerdictRequest)| at_ms.saturating_sub(*held_at) >= ALONE_MS;
        self.held.take_if(alone).map(|(_, verdict)| verdict)
    }

    /// What keeps the verdict from being given.
    pub fn lacks(&self) -> Option<&'static str> {
        if self.reason_needed && self.reason.text().trim().is_empty() {
            return Some(match self.verdict {
                Verdict::Return => "write what the agent should do differently",
                Verdict::Approve | Verdict::Reject => "write a reason",
            });
        }
        match &self.fact {
            Some(fact) if plain(self.typed.text()) != plain(&fact.expected) => {
                Some("what you typed is not what the packet says")
            }
            Some(_) | None => None,
        }
    }

    fn spots(&self) -> Vec<Spot> {
        let mut spots = Vec::with_capacity(4);
        if self.reason_needed {
            spots.push(Spot::Reason);
        }
        if self.fact.is_some() {
            spots.push(Spot::Fact);
        }
        spots.extend([Spot::Cancel, Spot::Commit]);
        spots
    }
}

/// The amount, or the end of what is acted on.
fn fact_of(packet: &Packet) -> Fact {
    if let Some(amount) = packet.amount {
        return Fact {
            name: "the amount",
            expected: amount.decimal(),
        };
    }
    let subject = match packet.effects.first() {
        Some(effect) => effect.operation.clone(),
        None => packet.packet.to_string(),
    };
    let letters: Vec<char> = subject.chars().collect();
    let last = letters.len().saturating_sub(LAST_LETTERS);
    Fact {
        name: "the last four characters of the operation",
        expected: letters.into_iter().skip(last).collect(),
    }
}

/// An amount may be typed with its thousands apart.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | ',' | '_'))
        .collect()
}
