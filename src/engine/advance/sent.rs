//! An effect on its way.

use std::sync::Arc;

use crate::domain::{PlannedEffect, StepId};
use crate::engine::state::Leave;

/// An attempt of an effect that was made, and how many retries came before it.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Sent {
    pub(in crate::engine) step: StepId,
    pub(in crate::engine) attempt: u32,
    pub(in crate::engine) retries: u32,
    pub(in crate::engine) leave: Leave,
    pub(in crate::engine) effect: Arc<PlannedEffect>,
}

impl Sent {
    pub(in crate::engine) fn new(
        step: &StepId,
        (attempt, retries): (u32, u32),
        leave: Leave,
        effect: &PlannedEffect,
    ) -> Self {
        Self {
            step: step.clone(),
            attempt,
            retries,
            leave,
            effect: Arc::new(effect.clone()),
        }
    }
}
