//! The status words that scripts read (one spelling each).

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::status::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::domain::status::UnknownWord {
                        word: text.to_owned(),
                        known: &[$($word),+],
                    }),
                }
            }
        }
    };
}
pub(crate) use words;

/// A word that is none of the known ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is none of: {}", known.join(", "))]
pub struct UnknownWord {
    pub word: String,
    pub known: &'static [&'static str],
}

words!(
    /// Where a run stands.
    RunStatus {
        Ready => "ready",
        Running => "running",
        /// For a person, a signal or a timer of the workflow.
        Waiting => "waiting",
        Paused => "paused",
        Isolated => "isolated",
        Compensating => "compensating",
        Succeeded => "succeeded",
        Rejected => "rejected",
        Failed => "failed",
        Terminated => "terminated",
        DeadLettered => "dead_lettered",
    }
);

impl RunStatus {
    /// Tells whether the run can never move again by itself.
    pub fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Rejected | Self::Failed | Self::Terminated => true,
            Self::Ready
            | Self::Running
            | Self::Waiting
            | Self::Paused
            | Self::Isolated
            | Self::Compensating
            | Self::DeadLettered => false,
        }
    }

    /// Tells whether an executor has something to do for the run now.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Ready | Self::Running | Self::Compensating)
    }
}

words!(
    /// Where a step stands.
    StepStatus {
        Pending => "pending",
        Running => "running",
        Success => "success",
        Failed => "failed",
        NeedsReview => "needs_review",
    }
);

words!(
    /// Where a packet stands.
    PacketStatus {
        Open => "open",
        Approved => "approved",
        Rejected => "rejected",
        Returned => "returned",
        /// Items with different verdicts, or resolved.
        Decided => "decided",
        Superseded => "superseded",
        Expired => "expired",
        /// Its run ended.
        Withdrawn => "withdrawn",
    }
);

words!(
    /// Where a dead letter stands.
    DeadLetterStatus {
        Open => "open",
        Redriven => "redriven",
        Discarded => "discarded",
    }
);

words!(
    /// Where an alert stands.
    AlertStatus {
        Open => "open",
        Acknowledged => "acknowledged",
    }
);

words!(
    /// What an alert is about.
    AlertKind {
        /// Wall clock and elapsed time disagree: no deadline passes until a person looked.
        ClockJump => "clock_jump",
        /// A target kept failing: calls to it are held back.
        BreakerOpen => "breaker_open",
        /// A run that cannot be read, or whose definition cannot be used: it is not driven.
        RunSetAside => "run_set_aside",
    }
);

words!(
    /// What a person is told without having asked.
    NotificationKind {
        DeadLetter => "dead_letter",
        OutcomeUnknown => "outcome_unknown",
        Escalation => "escalation",
        Alert => "alert",
    }
);

words!(
    /// Where an effect stands.
    EffectState {
        Planned => "planned",
        /// Denied or rejected; recorded, never sent.
        Blocked => "blocked",
        /// Durable before the first byte; without an outcome it counts as possibly sent.
        Intent => "intent",
        Confirmed => "confirmed",
        Refused => "refused",
        Unknown => "unknown",
        /// Undone by an effect of its own.
        Compensated => "compensated",
    }
);
