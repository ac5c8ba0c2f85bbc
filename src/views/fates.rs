//! What became of each effect of a run, and whether it can be undone.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{EffectState, IdempotencyKey, Money, PlannedEffect, ToolName};
use crate::engine::{RunState, Undo, undo_tool};
use crate::views::rows::EffectRow;
use crate::workflow::Definition;

/// One effect of a run and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EffectFate {
    pub tool: ToolName,
    /// `not_sent`, `confirmed`, `refused` or `unknown`.
    pub fate: &'static str,
    pub state: EffectState,
    pub idempotency_key: IdempotencyKey,
    /// It is confirmed, and the run knows how to undo it.
    pub can_be_undone: bool,
    pub operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    pub undoing: Undoing,
    /// What would undo it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<UndoCall>,
    /// The effect that this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<IdempotencyKey>,
    /// The effect that undid this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<IdempotencyKey>,
}

/// Whether what an effect did can be taken back; of one that may have happened, whether it could
/// be if it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undoing {
    /// It did nothing, or it is itself what undoes another.
    NothingToUndo,
    CanBeUndone,
    CannotBeUndone,
    Undone,
}

/// The call that would undo an effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UndoCall {
    pub tool: ToolName,
    /// None as long as nobody knows what the target answered, and where they cannot be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arguments: Option<Value>,
    /// Why they cannot be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// The fates of a run's effects, in the order of their rows.
pub fn fates(rows: Vec<EffectRow>, state: &RunState, definition: &Definition) -> Vec<EffectFate> {
    let rows = rows.into_iter();
    rows.map(|row| fate(row, state, definition)).collect()
}

/// The fate of an effect that was planned, and of which nothing was sent.
pub fn planned(effect: &PlannedEffect) -> EffectFate {
    EffectFate {
        tool: effect.tool.clone(),
        fate: fate_of(EffectState::Planned),
        state: EffectState::Planned,
        idempotency_key: effect.key,
        can_be_undone: false,
        operation: effect.operation.clone(),
        amount: effect.amount,
        undoing: Undoing::NothingToUndo,
        undo: None,
        undoes: effect.undoes,
        undone_by: None,
    }
}

impl EffectFate {
    /// What became of it, as people read it.
    pub fn words(&self) -> String {
        let fate = self.fate.replace('_', " ");
        match (self.state, self.undoing) {
            (EffectState::Confirmed, Undoing::CanBeUndone) => format!("{fate}, can be undone"),
            (EffectState::Confirmed, Undoing::CannotBeUndone) => {
                format!("{fate}, cannot be undone")
            }
            (_, Undoing::Undone) => format!("{fate}, and undone"),
            (_, Undoing::NothingToUndo | Undoing::CanBeUndone | Undoing::CannotBeUndone) => fate,
        }
    }

    /// It counts as possibly sent, and nobody knows yet what came of it.
    pub fn is_unknown(&self) -> bool {
        matches!(self.state, EffectState::Intent | EffectState::Unknown)
    }
}

fn fate(row: EffectRow, state: &RunState, definition: &Definition) -> EffectFate {
    let undo = match row.state {
        EffectState::Confirmed => state
            .saga
            .of_key(row.idempotency_key)
            .map(|done| call_of(&done.undo)),
        EffectState::Intent | EffectState::Unknown => {
            let tool = undo_tool(definition, &row.tool).filter(|_| row.undoes.is_none());
            tool.map(|tool| UndoCall {
                tool: tool.clone(),
                arguments: None,
                problem: None,
            })
        }
        EffectState::Planned
        | EffectState::Blocked
        | EffectState::Refused
        | EffectState::Compensated => None,
    };
    let undoing = undoing(&row, undo.as_ref());
    EffectFate {
        fate: fate_of(row.state),
        can_be_undone: row.state == EffectState::Confirmed && undoing == Undoing::CanBeUndone,
        state: row.state,
        idempotency_key: row.idempotency_key,
        tool: row.tool,
        operation: row.operation,
        amount: row.amount,
        undoing,
        undo,
        undoes: row.undoes,
        undone_by: row.undone_by,
    }
}

fn undoing(row: &EffectRow, undo: Option<&UndoCall>) -> Undoing {
    let possible = undo.is_some_and(|undo| undo.problem.is_none());
    match row.state {
        EffectState::Compensated => Undoing::Undone,
        EffectState::Planned | EffectState::Blocked | EffectState::Refused => {
            Undoing::NothingToUndo
        }
        EffectState::Confirmed | EffectState::Intent | EffectState::Unknown => {
            if row.undoes.is_some() {
                Undoing::NothingToUndo
            } else if possible {
                Undoing::CanBeUndone
            } else {
                Undoing::CannotBeUndone
            }
        }
    }
}

fn call_of(undo: &Undo) -> UndoCall {
    UndoCall {
        tool: undo.tool.clone(),
        arguments: (undo.problem.is_none()).then(|| undo.arguments.clone()),
        problem: undo.problem.clone(),
    }
}

fn fate_of(state: EffectState) -> &'static str {
    match state {
        EffectState::Planned | EffectState::Blocked => "not_sent",
        // Without an outcome an INTENT counts as possibly sent.
        EffectState::Intent | EffectState::Unknown => "unknown",
        EffectState::Confirmed | EffectState::Compensated => "confirmed",
        EffectState::Refused => "refused",
    }
}
