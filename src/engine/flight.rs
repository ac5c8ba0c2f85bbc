//! The write that a run carries, wherever it stands: what every question about it is answered from.

use std::sync::Arc;

use crate::domain::{PlannedEffect, StepId};
use crate::engine::dead_letter::Stuck;
use crate::engine::state::{Leave, Phase, RetryCall, Then};

/// A write that was begun, and has neither left for good nor been given up.
#[derive(Debug)]
pub(super) struct Flight<'a> {
    pub(super) step: &'a StepId,
    pub(super) attempt: u32,
    pub(super) retries: u32,
    pub(super) leave: Leave,
    pub(super) effect: &'a Arc<PlannedEffect>,
    pub(super) stands: Stands,
}

/// Where such a write stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// Its INTENT is durable. `unknown`: an earlier attempt may have happened.
    Sent { unknown: bool },
    /// The target is asked; `looks` answers before found nothing.
    Probed { looks: u32 },
    /// A person says whether it happened.
    Asked,
    /// It waits for its time.
    Waits(Then),
    /// It is a dead letter. `unknown`: of an older program, and may have happened.
    Parked { unknown: bool },
}

impl Flight<'_> {
    /// Whether an attempt before the one under way may have happened. What a probe says settles
    /// that.
    pub(super) fn is_unknown(&self) -> bool {
        match self.stands {
            Stands::Sent { unknown } | Stands::Parked { unknown } => unknown,
            Stands::Asked | Stands::Waits(Then::Settle { .. }) => true,
            Stands::Probed { .. } | Stands::Waits(Then::Send | Then::Judge) => false,
        }
    }

    /// Probes that found nothing.
    pub(super) fn looks(&self) -> u32 {
        match self.stands {
            Stands::Probed { looks } | Stands::Waits(Then::Settle { looks }) => looks,
            Stands::Sent { .. }
            | Stands::Asked
            | Stands::Waits(Then::Send | Then::Judge)
            | Stands::Parked { .. } => 0,
        }
    }

    /// It certainly did not happen.
    pub(super) fn is_not_done(&self) -> bool {
        match self.stands {
            Stands::Waits(Then::Send | Then::Judge) | Stands::Parked { unknown: false } => true,
            Stands::Sent { .. }
            | Stands::Probed { .. }
            | Stands::Asked
            | Stands::Waits(Then::Settle { .. })
            | Stands::Parked { unknown: true } => false,
        }
    }

    /// The same, waiting for a person who says whether it happened.
    pub(super) fn unsettled(&self) -> Phase {
        Phase::Unsettled {
            step: self.step.clone(),
            attempt: self.attempt,
            retries: self.retries,
            leave: self.leave,
            effect: Arc::clone(self.effect),
        }
    }
}

/// The write that a run in this phase carries, if it does.
pub(super) fn flight_of(phase: &Phase) -> Option<Flight<'_>> {
    let (step, retries, leave, effect, stands) = match phase {
        Phase::Sending {
            step,
            retries,
            unknown,
            leave,
            effect,
            ..
        } => {
            let stands = Stands::Sent { unknown: *unknown };
            (step, retries, leave, effect, stands)
        }
        Phase::Probing {
            step,
            retries,
            looks,
            leave,
            effect,
            ..
        } => {
            let stands = Stands::Probed { looks: *looks };
            (step, retries, leave, effect, stands)
        }
        Phase::Unsettled {
            step,
            retries,
            leave,
            effect,
            ..
        } => (step, retries, leave, effect, Stands::Asked),
        Phase::Retrying { .. } | Phase::Parked { .. } => return set_aside(phase),
        Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => return None,
    };
    Some(Flight {
        step,
        attempt: phase.attempt(),
        retries: *retries,
        leave: *leave,
        effect,
        stands,
    })
}

/// A write that waits for its time, or is parked.
fn set_aside(phase: &Phase) -> Option<Flight<'_>> {
    let (step, retries, leave, effect, stands) = if let Phase::Retrying {
        step,
        retries,
        call: RetryCall::Write {
            effect,
            then,
            leave,
        },
        ..
    } = phase
    {
        (step, *retries, leave, effect, Stands::Waits(*then))
    } else if let Phase::Parked { step, letter } = phase {
        let (leave, effect, unknown) = parked(&letter.stuck)?;
        (step, 0, leave, effect, Stands::Parked { unknown })
    } else {
        return None;
    };
    Some(Flight {
        step,
        attempt: phase.attempt(),
        retries,
        leave: *leave,
        effect,
        stands,
    })
}

/// The write of a dead letter, and whether it may have happened.
fn parked(stuck: &Stuck) -> Option<(&Leave, &Arc<PlannedEffect>, bool)> {
    match stuck {
        Stuck::NotDone { leave, effect, .. } => Some((leave, effect, false)),
        Stuck::Unsettled { leave, effect, .. } => Some((leave, effect, true)),
        Stuck::Planning { .. }
        | Stuck::Reading { .. }
        | Stuck::Refused { .. }
        | Stuck::Finishing { .. }
        | Stuck::Unrecorded { .. } => None,
    }
}
