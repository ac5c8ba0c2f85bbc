//! What a run has spent and done, for whoever decides whether it goes on.

use serde::Serialize;

use crate::domain::{EffectState, IdempotencyKey, Money, RunId, ToolName};
use crate::engine::{Done, RunState};
use crate::runtime::{Handle, RuntimeError};
use crate::store::EffectFilter;
use crate::views::EffectRow;

/// What a run spent of its budget, and what it did that is not undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stake {
    pub spent_micro_usd: i64,
    /// The call under way.
    pub reserved_micro_usd: i64,
    pub steps_taken: u32,
    /// What people allowed beyond the budget.
    pub more_micro_usd: i64,
    pub more_steps: u32,
    /// What can be undone in the order in which it would be, the effect confirmed last first; then
    /// what cannot.
    pub done: Vec<StakeEffect>,
}

/// A confirmed effect that is not undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StakeEffect {
    pub idempotency_key: IdempotencyKey,
    pub tool: ToolName,
    pub operation: String,
    pub amount: Option<Money>,
    /// The tool that undoes it; none where nothing does.
    pub undone_by: Option<ToolName>,
    /// Why the call that undoes it could not be made: it would wait as a dead letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Stake {
    /// Effects that can be undone.
    pub fn undoable(&self) -> usize {
        let undone = self.done.iter().filter(|done| done.undone_by.is_some());
        undone.count()
    }
}

impl Handle {
    /// What a run spent and did, its state verified against the journal.
    ///
    /// # Errors
    /// There is no such run, or its row does not match the journal.
    pub fn stake(&self, run: RunId) -> Result<Stake, RuntimeError> {
        let state = self.shared.load(run)?;
        let confirmed = self.effects(&EffectFilter {
            run: Some(run),
            state: Some(EffectState::Confirmed),
            ..EffectFilter::default()
        })?;
        Ok(stake_of(&state, confirmed))
    }
}

pub(super) fn stake_of(state: &RunState, confirmed: Vec<EffectRow>) -> Stake {
    let ledger = &state.ledger;
    let saga = &state.saga;
    let undone = saga.done.iter().rev().map(undone);
    let stays = confirmed.into_iter();
    let stays = stays
        .filter(|effect| effect.undoes.is_none() && saga.of_key(effect.idempotency_key).is_none());
    Stake {
        spent_micro_usd: ledger.spent_micro_usd,
        reserved_micro_usd: ledger.reserved_micro_usd,
        steps_taken: state.steps_taken,
        more_micro_usd: ledger.more_micro_usd,
        more_steps: ledger.more_steps,
        done: undone.chain(stays.map(stays_done)).collect(),
    }
}

fn undone(done: &Done) -> StakeEffect {
    StakeEffect {
        idempotency_key: done.key,
        tool: done.tool.clone(),
        operation: done.operation.clone(),
        amount: done.amount,
        undone_by: Some(done.undo.tool.clone()),
        problem: done.undo.problem.clone(),
    }
}

fn stays_done(effect: EffectRow) -> StakeEffect {
    StakeEffect {
        idempotency_key: effect.idempotency_key,
        tool: effect.tool,
        operation: effect.operation,
        amount: effect.amount,
        undone_by: None,
        problem: None,
    }
}
