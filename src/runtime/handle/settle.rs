//! A person settles an effect of unknown outcome.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{Actor, EffectState, IdempotencyKey, RunId, RunStatus, ToolName};
use crate::engine::{Command, Event, Rejection, Settled};
use crate::runtime::{Handle, RuntimeError};
use crate::store::EventFilter;

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
        let state = self.command(effect.run, by, command).await;
        let state = state.map_err(|error| self.name_who_settled(key, error))?;
        self.effect_moved(key, state.status())
    }

    /// Tells who comes too late how the outcome was settled, by whom and when.
    fn name_who_settled(&self, key: IdempotencyKey, error: RuntimeError) -> RuntimeError {
        let RuntimeError::Rejected(
            Rejection::NotUnsettled { run, status, .. } | Rejection::RunEnded { run, status },
        ) = &error
        else {
            return error;
        };
        let (run, status) = (*run, *status);
        match self.settled_how(run, key) {
            Ok(Some(how)) => Rejection::AlreadySettled {
                key,
                run,
                status,
                how,
            }
            .into(),
            Ok(None) | Err(_) => error,
        }
    }

    fn settled_how(&self, run: RunId, key: IdempotencyKey) -> Result<Option<String>, RuntimeError> {
        let filter = EventFilter {
            run: Some(run),
            kind: Some("effect_settled".to_owned()),
            newest_first: true,
            ..EventFilter::default()
        };
        for stored in self.shared.store.events(&filter)? {
            let Some(recorded) = stored.recorded()? else {
                continue;
            };
            let Event::EffectSettled {
                key: of, settled, ..
            } = recorded.event
            else {
                continue;
            };
            if of == key {
                let (who, at) = (recorded.actor.name, recorded.at);
                return Ok(Some(match settled {
                    Settled::Happened => format!("{who} said at {at} that it happened"),
                    Settled::NotHappened => format!("{who} said at {at} that it did not happen"),
                    Settled::AskAgain => format!("{who} had it asked about again at {at}"),
                }));
            }
        }
        let effect = self.effect(key)?;
        let known = match effect.state {
            EffectState::Confirmed | EffectState::Refused | EffectState::Compensated => true,
            EffectState::Planned
            | EffectState::Blocked
            | EffectState::Intent
            | EffectState::Unknown => false,
        };
        Ok(known.then(|| format!("it is {} since {}", effect.state, effect.updated_at)))
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
