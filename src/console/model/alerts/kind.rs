//! What is said of each kind of alert: everything that differs between them stands here.

use crate::domain::{AlertKind, Severity};

/// The words on one kind.
#[derive(Debug)]
pub struct Words {
    pub name: &'static str,
    /// What stops people's decisions comes before what slows something down.
    pub severity: Severity,
    /// Every review window stands still while it is open. To acknowledge it one has to say how one
    /// knows that the clock is right.
    pub holds_windows: bool,
    /// What is held while it is open, sentence by sentence.
    pub held: &'static [&'static str],
    /// The same once it was acknowledged.
    pub held_after: &'static str,
    /// What a person does first.
    pub first: &'static str,
    /// What acknowledging does: behind its key, in the dialog, and in what is told then.
    pub does: &'static str,
    pub asks: &'static str,
    pub done: &'static str,
}

impl Words {
    pub fn of(kind: AlertKind) -> &'static Self {
        match kind {
            AlertKind::ClockJump => &CLOCK_JUMP,
            AlertKind::BreakerOpen => &BREAKER_OPEN,
            AlertKind::RunSetAside => &RUN_SET_ASIDE,
        }
    }
}

static CLOCK_JUMP: Words = Words {
    name: "clock jumped",
    severity: Severity::Danger,
    holds_windows: true,
    held: &[
        "Every review window stands still: no packet is escalated, none is rejected by silence. Verdicts count as ever.",
        "What runs goes on by elapsed time.",
    ],
    held_after: "Nothing any more: windows pass again.",
    first: "Compare the machine's clock with another one, and set it right if it is wrong.",
    does: "says that the clock is right as it stands then: windows pass again by it",
    asks: "They pass again by it. What is past is escalated or gets a new window; nothing is approved, nothing rejected at once.",
    done: "review windows pass again by this clock",
};

static BREAKER_OPEN: Words = Words {
    name: "target fails",
    severity: Severity::Warning,
    holds_windows: false,
    held: &[
        "Calls to this target are held back while it fails: it is tried now and then. What waits for it goes on by itself once it answers; what has waited for too long becomes a dead letter (3).",
        "This alert stays until it is acknowledged, also where the target answers again.",
    ],
    held_after: "Calls may be held back still: that ends by itself once the target answers.",
    first: "Look at the target: is it up, reachable, and does it take this program's calls?",
    does: "takes note of it; it lets nothing through and sends nothing",
    asks: "You take note of it. Nothing is let through and nothing is sent by this: the target is tried again by itself.",
    done: "the target is tried again by itself",
};

static RUN_SET_ASIDE: Words = Words {
    name: "run set aside",
    severity: Severity::Danger,
    holds_windows: false,
    held: &[
        "This run is not driven: nothing of it is sent, and its windows do not pass. All other runs go on.",
    ],
    held_after: "The run may be set aside still: it goes on by itself once it can be read and its workflow can be used.",
    first: "Look at what the message says of it; 5 then C checks the whole journal.",
    does: "takes note of it; the run stays as it is",
    asks: "You take note of it. The run stays as it is: nothing of it is sent by this.",
    done: "the run stays as it is",
};
