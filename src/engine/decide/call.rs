//! What the commands about calls share: which call is under way.

use crate::domain::{PlannedEffect, StepId};
use crate::engine::command::Command;
use crate::engine::draft::Draft;
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

/// The call under way, by what it is for.
#[derive(Clone, Debug)]
pub(super) enum UnderWay {
    Read {
        step: StepId,
        retries: u32,
    },
    Write {
        step: StepId,
        retries: u32,
        unknown: bool,
        effect: Box<PlannedEffect>,
    },
    Probe {
        step: StepId,
        retries: u32,
        effect: Box<PlannedEffect>,
    },
}

/// The call that `attempt` names.
///
/// # Errors
/// The answer of an abandoned attempt is evidence, never an outcome.
pub(super) fn under_way(draft: &Draft<'_>, attempt: u32) -> Result<UnderWay, Rejection> {
    match &draft.state.phase {
        Phase::Calling {
            step,
            attempt: now,
            retries,
            ..
        } if *now == attempt => Ok(UnderWay::Read {
            step: step.clone(),
            retries: *retries,
        }),
        Phase::Sending {
            step,
            attempt: now,
            retries,
            unknown,
            effect,
        } if *now == attempt => Ok(UnderWay::Write {
            step: step.clone(),
            retries: *retries,
            unknown: *unknown,
            effect: effect.clone(),
        }),
        Phase::Probing {
            step,
            attempt: now,
            retries,
            effect,
            ..
        } if *now == attempt => Ok(UnderWay::Probe {
            step: step.clone(),
            retries: *retries,
            effect: effect.clone(),
        }),
        Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Ready { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => Err(late(draft)),
    }
}

/// Refuses an answer that came too late.
pub(super) fn late(draft: &Draft<'_>) -> Rejection {
    let (attempt, what) = match &draft.envelope.command {
        Command::CompleteCall {
            attempt, status, ..
        } => (*attempt, format!("an answer {status}")),
        Command::FailCall { attempt, failure } => (*attempt, format!("a failure {}", failure.code)),
        other @ (Command::StartRun { .. }
        | Command::Proceed
        | Command::Recover
        | Command::FireTimer
        | Command::DeliverSignal { .. }
        | Command::GiveVerdict { .. }
        | Command::AmendPacket { .. }
        | Command::PauseRun { .. }
        | Command::ResumeRun { .. }
        | Command::OverrideValue { .. }
        | Command::RecordRefusal { .. }) => (0, other.name().to_owned()),
    };
    Rejection::LateAnswer {
        what,
        step: draft
            .state
            .step()
            .map_or_else(|| "-".to_owned(), ToString::to_string),
        attempt,
    }
}
