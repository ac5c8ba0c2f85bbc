//! A person settles an effect of unknown outcome.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{Actor, EffectState, IdempotencyKey, RunId, RunStatus, ToolName};
use crate::engine::{Command, Settled};
use crate::runtime::{Handle, RuntimeError};

/// What a person says of an effect.
#[derive(Clone, Debug)]
pub struct Settlement {
    pub key: IdempotencyKey,
    pub settled: Settled,
    /// What the target answered, where it is known that it did it.
    pub output: Option<Value>,
    pub reason: Option<String>,
}

/// An effect that was settled or asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EffectMoved {
    pub idempotency_key: IdempotencyKey,
    pub run: RunId,
    pub tool: ToolName,
    pub state: EffectState,
    pub run_status: RunStatus,
}

impl Handle {
    /// Says whether an effect happened, or has it asked about again.
    ///
    /// # Errors
    /// A rejection: nobody asks about this effect, it is not this actor's to say, or nothing can
    /// be asked.
    pub async fn settle(
        &self,
        settlement: Settlement,
        by: &Actor,
    ) -> Result<EffectMoved, RuntimeError> {
        let key = settlement.key;
        let effect = self.effect(key)?;
        let command = Command::SettleEffect {
            key,
            settled: settlement.settled,
            output: settlement.output,
            reason: settlement.reason,
        };
        let state = self.command(effect.run, by, command).await?;
        self.effect_moved(key, state.status())
    }

    /// An effect as it stands now.
    ///
    /// # Errors
    /// There is none under this key.
    pub fn effect_moved(
        &self,
        key: IdempotencyKey,
        run_status: RunStatus,
    ) -> Result<EffectMoved, RuntimeError> {
        let effect = self.effect(key)?;
        Ok(EffectMoved {
            idempotency_key: key,
            run: effect.run,
            tool: effect.tool,
            state: effect.state,
            run_status,
        })
    }
}
