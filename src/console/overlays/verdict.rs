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

use std::borrow::Cow;

use crate::console::model::packet::Bound;
use crate::console::overlays::walk::{Dialog, Stage, Walk};
use crate::console::panes::changes;
use crate::console::text::Line;
use crate::domain::{Packet, Tier, Verdict};
use crate::runtime::VerdictRequest;

/// Deaf for so long after it opened, in milliseconds.
const DEAD_MS: u64 = 350;
const DEAD_CRITICAL_MS: u64 = 1_000;

/// Letters of a target that are typed where a packet has no amount.
const LAST_LETTERS: usize = 4;

/// Index of the field for the reason, where one is needed.
pub const REASON: usize = 0;
/// Index of the field for the fact, where one is to be typed.
pub const FACT: usize = 1;

/// Something to type that cannot be typed without looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub name: &'static str,
    pub expected: String,
    /// Its thousands may be typed apart.
    is_amount: bool,
}

impl Fact {
    /// Tells whether this is what was typed.
    pub fn is(&self, typed: &str) -> bool {
        if self.is_amount {
            plain(typed) == self.expected
        } else {
            typed == self.expected
        }
    }
}

#[derive(Clone, Debug)]
pub struct VerdictDialog {
    pub verdict: Verdict,
    pub packet: Box<Packet>,
    pub bound: Bound,
    pub reason_needed: bool,
    pub fact: Option<Fact>,
    pub walk: Walk,
    /// What changed in the packet since the dialog opened.
    pub changes: Vec<Line>,
}

impl VerdictDialog {
    pub fn open(verdict: Verdict, packet: &Packet, at_ms: u64) -> Self {
        let critical = packet.tier == Tier::Critical;
        let approves = verdict == Verdict::Approve;
        let dead_ms = if critical { DEAD_CRITICAL_MS } else { DEAD_MS };
        let reason_needed = !approves || packet.tier != Tier::Routine;
        let fact = (approves && critical).then(|| fact_of(packet));
        let fields = usize::from(reason_needed).saturating_add(usize::from(fact.is_some()));
        Self {
            verdict,
            bound: Bound::of(packet),
            packet: Box::new(packet.clone()),
            reason_needed,
            fact,
            walk: Walk::new(fields, at_ms, dead_ms),
            changes: Vec::new(),
        }
    }

    /// The packet has another digest now: this dialog can no longer commit.
    pub fn became(&mut self, now: &Packet) {
        self.changes = changes::between(&self.packet, now);
        self.walk.stage = Stage::Over(format!(
            "This packet changed while you looked (version {} is now {}). Nothing was sent.",
            self.bound.version, now.version
        ));
    }

    /// What is sent once it is answered.
    pub fn request(&self) -> VerdictRequest {
        let reason = self
            .reason_needed
            .then(|| self.walk.text(REASON).to_owned());
        VerdictRequest {
            packet: self.bound.packet,
            digest: self.bound.digest.to_string(),
            verdict: self.verdict,
            item: None,
            reason: reason.filter(|reason| !reason.is_empty()),
        }
    }
}

impl Dialog for VerdictDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        if self.reason_needed && self.walk.text(REASON).is_empty() {
            return Some(Cow::Borrowed(match self.verdict {
                Verdict::Return => "write what the agent should do differently",
                Verdict::Approve | Verdict::Reject => "write a reason",
            }));
        }
        let fact = self.fact.as_ref()?;
        let typed = self.walk.text(FACT);
        (!fact.is(typed)).then_some(Cow::Borrowed("what you typed is not what the packet says"))
    }
}

/// The amount, or the end of what is acted on.
pub fn fact_of(packet: &Packet) -> Fact {
    if let Some(amount) = packet.amount {
        return Fact {
            name: "the amount",
            expected: amount.decimal(),
            is_amount: true,
        };
    }
    let last = |text: &str| {
        let letters: Vec<char> = text.chars().collect();
        let first = letters.len().saturating_sub(LAST_LETTERS);
        letters.into_iter().skip(first).collect::<String>()
    };
    let operation = packet.effects.first().map(|effect| last(&effect.operation));
    // What nobody can type, or what is typed by nothing, is no fact to type.
    let typable = |text: &String| {
        text.chars().count() == LAST_LETTERS && text.chars().all(|c| c.is_ascii_alphanumeric())
    };
    match operation.filter(typable) {
        Some(expected) => Fact {
            name: "the last four characters of the operation",
            expected,
            is_amount: false,
        },
        None => Fact {
            name: "the first four characters of the digest",
            expected: packet
                .digest
                .to_string()
                .chars()
                .take(LAST_LETTERS)
                .collect(),
            is_amount: false,
        },
    }
}

/// An amount may be typed with its thousands apart.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, ' ' | ',' | '_'))
        .collect()
}
