//! A person has a parked step go on, or gives it up.
//!
//! redrive, stuck planning → `DeadLetterRedriven`, and the step begins anew
//! stuck reading → `DeadLetterRedriven`, `CallStarted` with a request made anew
//! stuck, a write not done → `DeadLetterRedriven`, `EffectIntended` under its key while its
//! approval binds, else `GrantVoided` and judged anew
//! stuck, refused by the target → `DeadLetterRedriven`, judged anew under a new key
//! stuck finishing → `DeadLetterRedriven`, `StepCompleted` with what was answered, or with what a
//! person says was answered; nothing is sent
//! stuck with a write that may have happened (of an older program) → `DeadLetterRedriven`,
//! `EffectUnknown`, `PacketOpened`; after an edit refused, `EffectInFlight`
//! stuck, and not recorded where (of an older program) → refused, `CannotRedrive`
//! discard → `DeadLetterDiscarded`, `EffectBlocked` for a write not done, and the run fails: `RunEnded`,
//! or `CompensationStarted` where it did what can be undone
//! discard, stuck with a write that may have happened (of an older program) → refused,
//! `CannotDiscard`: a redrive asks a person first
//! discard, stuck undoing → `DeadLetterDiscarded`; that effect stays, and the one before it is next
//! no such letter open → refused, `LetterClosed`

use serde_json::Value;

use crate::domain::{DeadLetterId, RunStatus, StepId};
use crate::engine::advance::closing::never_sent;
use crate::engine::advance::write::{self, Sent};
use crate::engine::advance::{advance, complete_wait, read};
use crate::engine::dead_letter::Stuck;
use crate::engine::decide::complete_call::go_on;
use crate::engine::decide::override_value::set_value;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{CallFailure, Event, FailureClass, Next, ReasonValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::{Phase, RunError};
use crate::workflow::StepKind;

/// What a person changes before the step goes on.
#[derive(Debug)]
pub(super) struct Edits<'a> {
    pub(super) set: &'a [(String, Value)],
    /// What the target answered.
    pub(super) output: Option<&'a Value>,
    pub(super) reason: Option<&'a str>,
}

pub(super) fn redrive(
    draft: &mut Draft<'_>,
    dead_letter: DeadLetterId,
    edits: &Edits<'_>,
) -> Result<(), Rejection> {
    let (step, stuck) = parked(draft, dead_letter)?;
    let stuck = answered_by(draft, &step, stuck, edits.output)?;
    let said = match edits.reason {
        Some(reason) => bounded(reason)?,
        None => ReasonValues { reason: None },
    };
    if matches!(stuck, Stuck::Unrecorded { .. }) {
        return Err(Rejection::CannotRedrive { dead_letter });
    }
    if !edits.set.is_empty() && stuck.unsettled().is_some() {
        return Err(Rejection::EffectInFlight {
            run: draft.state.run,
        });
    }
    for (path, value) in edits.set {
        set_value(draft, path, value, edits.reason.unwrap_or_default())?;
    }
    draft.emit(Event::DeadLetterRedriven {
        dead_letter,
        step: step.clone(),
        values: said,
    })?;
    go_on_from(draft, &step, stuck)
}

/// Puts what a person says was answered in the place of what was recorded.
fn answered_by(
    draft: &Draft<'_>,
    step: &StepId,
    stuck: Stuck,
    output: Option<&Value>,
) -> Result<Stuck, Rejection> {
    let Some(output) = output else {
        return Ok(stuck);
    };
    let (StepKind::Tool(call), Stuck::Finishing { attempt, .. }) =
        (&draft.step(step)?.kind, &stuck)
    else {
        let stuck = stuck.at();
        let why = format!(
            "an answer is of use only where a call was answered; this one is stuck at {stuck}"
        );
        return Err(Rejection::InvalidEdit {
            problems: vec![why],
        });
    };
    let tool = draft.definition().tools.get(&call.tool);
    let problems = tool.map_or_else(Vec::new, |tool| tool.output.problems(output));
    if problems.is_empty() {
        return Ok(Stuck::Finishing {
            attempt: *attempt,
            output: Some(output.clone()),
        });
    }
    Err(Rejection::InvalidEdit {
        problems: problems.iter().map(ToString::to_string).collect(),
    })
}

/// What cannot be done now is left to the run's timer, which is due: the run is held, this process
/// calls no tools, or the target has no room.
fn go_on_from(draft: &mut Draft<'_>, step: &StepId, stuck: Stuck) -> Result<(), Rejection> {
    let may_call = draft.state.paused.is_none() && draft.may_call_at(draft.step(step)?);
    match stuck {
        Stuck::Planning { .. } | Stuck::Refused { .. } => advance(draft),
        Stuck::Finishing { attempt, output } => match output {
            Some(output) if calls_tool(draft, step)? => go_on(draft, step, attempt, &output),
            output => {
                complete_wait(draft, step, output.as_ref())?;
                advance(draft)
            }
        },
        Stuck::Reading { attempt, .. } if may_call => read::ask_anew(draft, step, attempt),
        Stuck::NotDone {
            attempt,
            leave,
            effect,
        } if may_call => {
            let sent = Sent::new(step, (attempt, 0), leave, &effect);
            write::redrive(draft, &sent)
        }
        Stuck::Unsettled {
            attempt,
            leave,
            effect,
        } => {
            let sent = Sent::new(step, (attempt, 0), leave, &effect);
            write::ask_person(draft, &sent, &never_settled())
        }
        // The last was refused before.
        Stuck::Reading { .. } | Stuck::NotDone { .. } | Stuck::Unrecorded { .. } => Ok(()),
    }
}

/// Why a person must say what happened.
fn never_settled() -> CallFailure {
    CallFailure {
        class: FailureClass::Unknown,
        code: "never_settled".to_owned(),
        message: "It was parked before anybody found out whether it happened.".to_owned(),
        retry_after_ms: None,
    }
}

fn calls_tool(draft: &Draft<'_>, step: &StepId) -> Result<bool, Rejection> {
    Ok(matches!(draft.step(step)?.kind, StepKind::Tool(_)))
}

pub(super) fn discard(
    draft: &mut Draft<'_>,
    dead_letter: DeadLetterId,
    reason: &str,
) -> Result<(), Rejection> {
    let (step, stuck) = parked(draft, dead_letter)?;
    let said = bounded(reason)?;
    if stuck.unsettled().is_some() {
        return Err(Rejection::CannotDiscard { dead_letter });
    }
    draft.emit(Event::DeadLetterDiscarded {
        dead_letter,
        step: step.clone(),
        values: said,
    })?;
    if let Stuck::NotDone { effect, .. } = stuck {
        let by = draft.envelope.actor.name.clone();
        never_sent(draft, effect, &format!("given up by {by}"), Next::Stay)?;
    }
    if draft.state.saga.undoes() {
        return advance(draft);
    }
    draft.end(
        RunStatus::Failed,
        Some(RunError {
            code: "discarded".to_owned(),
            message: reason.to_owned(),
        }),
    )
}

/// The parked step that this letter is about.
fn parked(draft: &Draft<'_>, dead_letter: DeadLetterId) -> Result<(StepId, Stuck), Rejection> {
    match &draft.state.phase {
        Phase::Parked { step, letter } if letter.dead_letter == dead_letter => {
            Ok((step.clone(), letter.stuck.clone()))
        }
        Phase::Parked { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Sending { .. }
        | Phase::Probing { .. }
        | Phase::Retrying { .. }
        | Phase::Asking { .. }
        | Phase::Unsettled { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => Err(not_open(draft, dead_letter)),
    }
}

pub(super) fn not_open(draft: &Draft<'_>, dead_letter: DeadLetterId) -> Rejection {
    Rejection::LetterClosed {
        dead_letter,
        run: draft.state.run,
        status: draft.state.status(),
        // The run keeps no word of it; the journal does.
        closed_by: None,
    }
}
