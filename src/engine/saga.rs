//! What a run did that can be undone, and the undoing of it.
//!
//! | run | closing | what follows |
//! |---|---|---|
//! | goes on | none | each confirmed effect whose undo the contract lists is remembered |
//! | fails | `undo` | the effects are undone, the one confirmed last first; then it ends |
//! | terminated, to be undone | `undo` | what is unknown is settled first, then the same |
//! | terminated | no `undo` | nothing is sent; it ends once nothing of it is unknown |

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{
    Digest, IdempotencyKey, Money, PlannedEffect, RunStatus, StepId, ToolName, limits,
};
use crate::engine::state::RunError;

/// The part of a run's state that undoing needs. Bounded by the limits of `domain::limits`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saga {
    /// Confirmed effects that can be undone and are not, in the order they were confirmed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<Done>,
    /// Confirmed effects that could be undone, were there room for them here: they stay.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub beyond: u32,
    /// Set once the run no longer goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Closing>,
    /// The highest attempt of a call that was abandoned: what is sent later counts on from it, so
    /// that a late answer is never taken for a newer one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub abandoned: u32,
}

/// How a run that no longer goes on will end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub end: RunStatus,
    /// Its effects are undone first.
    pub undo: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RunError>,
}

/// A confirmed effect that can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    pub key: IdempotencyKey,
    pub step: StepId,
    pub tool: ToolName,
    pub digest: Digest,
    pub operation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The attempt that was confirmed.
    pub attempt: u32,
    /// What undoes it.
    pub undo: Undo,
    /// Undoings of it that the target refused: the next one's ordinal is one more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
}

/// The call that undoes an effect, made when the effect was confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    pub tool: ToolName,
    /// `null` where they could not be made.
    pub arguments: Value,
    /// Why they could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Saga {
    /// The effect that is undone next, while the run undoes.
    pub fn next(&self) -> Option<&Done> {
        let undoes = self.closing.as_ref().is_some_and(|closing| closing.undo);
        self.done.last().filter(|_| undoes)
    }

    /// The run no longer goes on, and undoes what it did.
    pub fn undoes(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.undo)
    }

    /// The run no longer goes on, and undoes nothing.
    pub fn stopped(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| !closing.undo)
    }

    /// The end of a run that undoes nothing.
    pub fn stopped_as(&self) -> Option<RunStatus> {
        let closing = self.closing.as_ref().filter(|closing| !closing.undo);
        closing.map(|closing| closing.end)
    }

    /// The status of a run that moves.
    pub fn moving(&self) -> RunStatus {
        if self.undoes() {
            RunStatus::Compensating
        } else {
            RunStatus::Running
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Why the run failed, with what stays although its tool says how it is undone.
    pub fn told(&self, mut error: RunError) -> RunError {
        if self.beyond > 0 {
            error.message = format!(
                "{} {} of its effects cannot be undone and stay: a run remembers how to undo {} \
                 of them, in {} bytes.",
                error.message,
                self.beyond,
                limits::SAGA_EFFECTS_MAX,
                limits::SAGA_BYTES_MAX
            );
        }
        error
    }

    pub fn of_key(&self, key: IdempotencyKey) -> Option<&Done> {
        self.done.iter().find(|done| done.key == key)
    }

    /// The attempt under which the next effect is first sent.
    pub fn first_attempt(&self) -> u32 {
        self.abandoned.saturating_add(1)
    }
}

impl Done {
    /// What was confirmed, with what undoes it.
    pub fn of(effect: &PlannedEffect, attempt: u32, undo: Undo) -> Self {
        Self {
            key: effect.key,
            step: effect.step.clone(),
            tool: effect.tool.clone(),
            digest: effect.digest,
            operation: effect.operation.clone(),
            amount: effect.amount,
            attempt,
            undo,
            refusals: 0,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}
