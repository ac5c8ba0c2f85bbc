//! What the commands about calls share: which call is under way.

use crate::domain::StepId;
use crate::engine::advance::write::Sent;
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
    /// `unknown`: an earlier attempt may have happened.
    Write {
        sent: Sent,
        unknown: bool,
    },
    /// `looks`: answers before this one that found nothing.
    Probe {
        sent: Sent,
        looks: u32,
    },
}

/// The call that `attempt` names.
///
/// # Errors
/// The answer of an abandoned attempt is evidence, never an outcome.
pub(super) fn under_way(draft: &Draft<'_>, attempt: u32) -> Result<UnderWay, Rejection> {
    let found = match &draft.state.phase {
        Phase::Calling {
            step,
            attempt: now,
            retries,
            ..
        } => (
            *now,
            UnderWay::Read {
                step: step.clone(),
                retries: *retries,
            },
        ),
        Phase::Sending {
            step,
            attempt: now,
            retries,
            unknown,
            leave,
            effect,
            ..
        } => {
            let sent = Sent::new(step, (*now, *retries), *leave, effect);
            let unknown = *unknown;
            (*now, UnderWay::Write { sent, unknown })
        }
        Phase::Probing {
            step,
            attempt: now,
            retries,
            looks,
            leave,
            effect,
            ..
        } => {
            let sent = Sent::new(step, (*now, *retries), *leave, effect);
            (
                *now,
                UnderWay::Probe {
                    sent,
                    looks: *looks,
                },
            )
        }
        Phase::Ready { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Parked { .. }
        | Phase::Ended { .. } => return Err(late(draft)),
    };
    match found {
        (now, under_way) if now == attempt => Ok(under_way),
        (_, _) => Err(late(draft)),
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
        | Command::GiveUp { .. }
        | Command::FireTimer
        | Command::DeliverSignal { .. }
        | Command::GiveVerdict { .. }
        | Command::AmendPacket { .. }
        | Command::ResolveBudget { .. }
        | Command::PassDeadline { .. }
        | Command::EscalatePacket { .. }
        | Command::ExtendPacket { .. }
        | Command::PauseRun { .. }
        | Command::ResumeRun { .. }
        | Command::OverrideValue { .. }
        | Command::SettleEffect { .. }
        | Command::RedriveDeadLetter { .. }
        | Command::DiscardDeadLetter { .. }
        | Command::TerminateRun { .. }
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
