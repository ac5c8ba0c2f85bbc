//! What is done about an effect whose outcome nobody knows.

use serde::Serialize;

use crate::domain::{IdempotencyKey, PacketId, PlannedEffect, Timestamp};
use crate::engine::settling::{Settle, settle_by};
use crate::engine::{Leave, Phase, RetryCall, RunState, Then};
use crate::workflow::Definition;

/// The effect of a run that may have happened, and what is done to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pursuit {
    pub idempotency_key: IdempotencyKey,
    #[serde(flatten)]
    pub doing: Doing,
}

/// What is done to find out whether an effect happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "doing", rename_all = "snake_case")]
pub enum Doing {
    /// It was sent, again or at last, and has no answer yet.
    Sent,
    /// The target is being asked.
    Asked,
    /// The same request is sent then, under the same key.
    ResendDue { at: Timestamp },
    /// The target is asked then.
    AskDue { at: Timestamp },
    /// The run is held: nothing is sent or asked before it is resumed.
    Held,
    /// A person is asked.
    Person { packet: PacketId },
    /// Nothing more: its run is stuck, or was terminated. Somebody has to look after it.
    Nothing,
}

/// What is done about the effect that may have happened; none where there is none. Without a
/// `definition` a target is taken for one that can be asked.
pub fn pursuit_of(
    state: &RunState,
    definition: Option<&Definition>,
    now: Timestamp,
) -> Option<Pursuit> {
    let (effect, doing) = match &state.phase {
        Phase::Sending { effect, .. } => (effect.as_ref(), Doing::Sent),
        Phase::Probing { effect, .. } => (effect.as_ref(), Doing::Asked),
        Phase::Retrying {
            at,
            call:
                RetryCall::Write {
                    effect,
                    then: Then::Settle { looks },
                    leave,
                },
            ..
        } => {
            let doing = if state.paused.is_some() {
                Doing::Held
            } else if *looks == 0 && is_resent(state, effect, leave, (definition, now)) {
                Doing::ResendDue { at: *at }
            } else {
                Doing::AskDue { at: *at }
            };
            (effect.as_ref(), doing)
        }
        Phase::Unsettled { effect, .. } => {
            let packet = state.packet.as_ref().map(|packet| packet.packet);
            let doing = packet.map_or(Doing::Nothing, |packet| Doing::Person { packet });
            (effect.as_ref(), doing)
        }
        Phase::Parked { letter, .. } => (letter.stuck.unsettled()?, Doing::Nothing),
        Phase::Retrying { .. }
        | Phase::Ready { .. }
        | Phase::Calling { .. }
        | Phase::Asking { .. }
        | Phase::Sleeping { .. }
        | Phase::Listening { .. }
        | Phase::Ended { .. } => return None,
    };
    Some(Pursuit {
        idempotency_key: effect.key,
        doing,
    })
}

fn is_resent(
    state: &RunState,
    effect: &PlannedEffect,
    leave: &Leave,
    (definition, now): (Option<&Definition>, Timestamp),
) -> bool {
    let tool = definition.and_then(|definition| definition.tools.get(&effect.tool));
    let left = state.saga.closing.is_some() && effect.undoes.is_none();
    let age_ms = now.ms_since(leave.since);
    tool.is_some_and(|tool| settle_by(tool, age_ms, left) == Settle::Key)
}
