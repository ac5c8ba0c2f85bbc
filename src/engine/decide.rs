//! `decide(state, command) -> (events, effect)` or a typed rejection. One file per command.

mod amend_packet;
mod call;
mod complete_call;
mod dead_letter;
mod deadline;
mod deliver_signal;
mod fail_call;
mod fire_timer;
mod give_up;
mod give_verdict;
mod override_value;
mod pause_run;
mod recover;
mod resolve_budget;
mod resume_run;
mod settle_effect;
mod start_run;
mod terminate_run;

use crate::domain::RunStatus;
use crate::engine::advance::advance;
use crate::engine::command::{Command, Context, Envelope};
use crate::engine::draft::Draft;
use crate::engine::effect::{Effect, effect_of};
use crate::engine::event::{Event, MessageValues, Recorded};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RunState};

/// What a command causes.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// To be committed as one unit, before anything is done.
    pub events: Vec<Recorded>,
    /// The state after them: what folding the events gives.
    pub state: RunState,
}

impl Decision {
    /// What to do once the events are durable.
    pub fn effect(&self) -> Option<Effect<'_>> {
        effect_of(&self.state)
    }
}

/// Decides a command on a run, or on none for `StartRun`.
///
/// # Errors
/// A [`Rejection`] says why the command is refused; nothing changes then.
pub fn decide(
    cx: &Context<'_>,
    state: Option<&RunState>,
    envelope: &Envelope,
) -> Result<Decision, Rejection> {
    let Some(state) = state else {
        return start_run::start_run(cx, envelope).map(Draft::into_decision);
    };
    let mut draft = Draft::of(cx, envelope, state);
    refuse_if_ended(&draft)?;
    dispatch(&mut draft)?;
    Ok(draft.into_decision())
}

impl Draft<'_> {
    fn into_decision(self) -> Decision {
        Decision {
            events: self.events,
            state: self.state,
        }
    }
}

/// Nothing but the record of a refusal may follow a run's end. What a terminated run left unknown
/// is still settled.
fn refuse_if_ended(draft: &Draft<'_>) -> Result<(), Rejection> {
    let over = matches!(draft.state.phase, Phase::Ended { .. });
    if !over && !draft.state.saga.stopped() {
        return Ok(());
    }
    // A question about an outcome stays open, and its window passes.
    let goes_on = matches!(
        draft.envelope.command,
        Command::CompleteCall { .. }
            | Command::FailCall { .. }
            | Command::PassDeadline { .. }
            | Command::EscalatePacket { .. }
            | Command::ExtendPacket { .. }
    );
    if goes_on && !over {
        return Ok(());
    }
    let status = draft.state.status();
    match &draft.envelope.command {
        Command::RecordRefusal { .. } => Ok(()),
        Command::GiveVerdict { packet, .. }
        | Command::AmendPacket { packet, .. }
        | Command::ResolveBudget { packet, .. }
        | Command::PassDeadline { packet }
        | Command::EscalatePacket { packet, .. }
        | Command::ExtendPacket { packet, .. } => Err(give_verdict::not_open(draft, *packet)),
        Command::CompleteCall { .. } | Command::FailCall { .. } => Err(call::late(draft)),
        Command::RedriveDeadLetter { dead_letter, .. }
        | Command::DiscardDeadLetter { dead_letter, .. } => {
            Err(dead_letter::not_open(draft, *dead_letter))
        }
        // What was terminated may be undone later.
        Command::TerminateRun { .. } if status == RunStatus::Terminated => Ok(()),
        Command::SettleEffect { .. } | Command::Proceed | Command::Recover | Command::FireTimer
            if !over =>
        {
            Ok(())
        }
        Command::StartRun { .. }
        | Command::Proceed
        | Command::Recover
        | Command::GiveUp { .. }
        | Command::FireTimer
        | Command::DeliverSignal { .. }
        | Command::PauseRun { .. }
        | Command::ResumeRun { .. }
        | Command::SettleEffect { .. }
        | Command::TerminateRun { .. }
        | Command::OverrideValue { .. } => Err(Rejection::RunEnded {
            run: draft.state.run,
            status,
        }),
    }
}

fn dispatch(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let envelope = draft.envelope;
    match &envelope.command {
        Command::StartRun { .. } => Err(draft.broken("it has started already")),
        Command::Proceed => advance(draft),
        Command::Recover => recover::recover(draft),
        Command::CompleteCall {
            attempt,
            status,
            output,
        } => complete_call::complete_call(draft, *attempt, *status, output),
        Command::FailCall { attempt, failure } => fail_call::fail_call(draft, *attempt, failure),
        Command::FireTimer => fire_timer::fire_timer(draft),
        Command::GiveUp { code, message } => give_up::give_up(draft, code, message),
        Command::DeliverSignal { name, payload } => {
            deliver_signal::deliver_signal(draft, name, payload)
        }
        Command::GiveVerdict { .. } => verdict(draft),
        Command::AmendPacket {
            packet,
            digest,
            set,
            reason,
        } => amend_packet::amend_packet(draft, *packet, digest, set, reason),
        Command::ResolveBudget { .. } => resolve_budget::resolve_budget(draft),
        Command::TerminateRun { reason, compensate } => {
            terminate_run::terminate_run(draft, reason, *compensate)
        }
        Command::PassDeadline { packet } => deadline::pass(draft, *packet),
        Command::EscalatePacket { packet, reason } => deadline::escalate(draft, *packet, reason),
        Command::ExtendPacket { packet, reason } => deadline::extend(draft, *packet, reason),
        Command::PauseRun { reason } => pause_run::pause_run(draft, reason),
        Command::ResumeRun { reason } => resume_run::resume_run(draft, reason),
        Command::OverrideValue {
            path,
            value,
            reason,
        } => override_value::override_value(draft, path, value, reason),
        Command::SettleEffect { .. }
        | Command::RedriveDeadLetter { .. }
        | Command::DiscardDeadLetter { .. } => what_is_stuck(draft),
        Command::RecordRefusal {
            command,
            code,
            message,
        } => draft.emit(Event::CommandRefused {
            command: command.clone(),
            code: code.clone(),
            values: MessageValues {
                message: message.clone(),
            },
        }),
    }
}

fn verdict(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let envelope = draft.envelope;
    let Command::GiveVerdict {
        packet,
        digest,
        verdict,
        item,
        reason,
    } = &envelope.command
    else {
        return Err(draft.broken("a command went astray"));
    };
    let answer = give_verdict::Answer {
        packet: *packet,
        digest,
        verdict: *verdict,
        item: *item,
        reason: reason.as_deref(),
    };
    give_verdict::give_verdict(draft, &answer)
}

/// What a person says of something that cannot go on by itself.
fn what_is_stuck(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let envelope = draft.envelope;
    if let Command::SettleEffect {
        key,
        settled,
        output,
        reason,
    } = &envelope.command
    {
        let said = settle_effect::Said {
            settled: *settled,
            output: output.as_ref(),
            reason: reason.as_deref(),
        };
        settle_effect::settle_effect(draft, *key, &said)
    } else if let Command::RedriveDeadLetter {
        dead_letter,
        set,
        output,
        reason,
    } = &envelope.command
    {
        let edits = dead_letter::Edits {
            set,
            output: output.as_ref(),
            reason: reason.as_deref(),
        };
        dead_letter::redrive(draft, *dead_letter, &edits)
    } else if let Command::DiscardDeadLetter {
        dead_letter,
        reason,
    } = &envelope.command
    {
        dead_letter::discard(draft, *dead_letter, reason)
    } else {
        Err(draft.broken("a command went astray"))
    }
}
