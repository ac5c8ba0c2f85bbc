//! A run that no longer goes on: what it did is undone, the effect confirmed last first, and then it
//! ends.
//!
//! undoes, an effect is left to undo → judged like any write: `EffectIntended`, `PacketOpened`, or
//! denied, `EffectBlocked` and on with the one before it
//! nothing is left, or nothing is undone → `RunEnded`
//! an effect that was on its way and certainly was not done → `EffectBlocked`: it is not sent any
//! more

use std::sync::Arc;

use crate::domain::{PlannedEffect, RunStatus};
use crate::engine::advance::write::{self, Sent};
use crate::engine::draft::Draft;
use crate::engine::event::{EffectValues, Event, Next};
use crate::engine::rejection::Rejection;

/// Takes the next step to the run's end; false where this process may not take it.
pub(super) fn go_on(draft: &mut Draft<'_>) -> Result<bool, Rejection> {
    let Some(closing) = draft.state.saga.closing.clone() else {
        return Err(draft.broken("it still goes on"));
    };
    let Some(step) = draft.state.saga.next().map(|done| done.step.clone()) else {
        let saga = &draft.state.saga;
        // Why a run failed was told with it when it began to undo.
        let terminated = closing.undo && closing.end == RunStatus::Terminated;
        let error = if terminated {
            closing.error.map(|error| saga.told(error))
        } else {
            closing.error
        };
        draft.end(closing.end, error)?;
        return Ok(true);
    };
    if !draft.cx.executes {
        return Ok(false);
    }
    let step = draft.step(&step)?;
    write::reach(draft, step, true)?;
    Ok(true)
}

/// Whether an effect that certainly was not done is left so: the run no longer goes on, and it is
/// not one of the undoings that are still wanted.
pub(in crate::engine) fn gives_up(draft: &Draft<'_>, sent: &Sent) -> bool {
    let saga = &draft.state.saga;
    saga.stopped() || (saga.closing.is_some() && sent.effect.undoes.is_none())
}

/// Records an effect that certainly was not done as never to be sent.
pub(in crate::engine) fn give_up(draft: &mut Draft<'_>, sent: &Sent) -> Result<(), Rejection> {
    let effect = Arc::clone(&sent.effect);
    never_sent(draft, effect, "its run no longer goes on", Next::Stay)
}

/// Records that an effect will not be sent any more.
pub(in crate::engine) fn never_sent(
    draft: &mut Draft<'_>,
    effect: Arc<PlannedEffect>,
    reason: &str,
    next: Next,
) -> Result<(), Rejection> {
    let visit = draft.state.visits.get(&effect.step).copied().unwrap_or(0);
    draft.emit(Event::EffectBlocked {
        step: effect.step.clone(),
        at_step: effect.step.clone(),
        visit,
        tool: effect.tool.clone(),
        key: effect.key,
        digest: effect.digest,
        reason: reason.to_owned(),
        next,
        values: EffectValues { effect },
    })
}
