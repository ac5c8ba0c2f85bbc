//! A person sets a value of the state of a held run.
//!
//! paused or dead-lettered → `StateOverridden`; every grant → `GrantVoided`; an open packet →
//! `PacketAmended`, so that nobody decides on what is no longer so
//! moving or waiting → refused, `NotHeld`
//! a call under way, an effect in flight or unknown → refused, `EffectInFlight`
//! not valid, or so already → refused, `InvalidEdit`

use serde_json::Value;

use crate::domain::RunStatus;
use crate::engine::decide::amend_packet::reopen;
use crate::engine::decide::pause_run::bounded;
use crate::engine::draft::Draft;
use crate::engine::event::{Event, OverrideValues};
use crate::engine::rejection::Rejection;
use crate::engine::state::Phase;

pub(super) fn override_value(
    draft: &mut Draft<'_>,
    path: &str,
    value: &Value,
    reason: &str,
) -> Result<(), Rejection> {
    let status = draft.state.status();
    if !matches!(
        status,
        RunStatus::Paused | RunStatus::Isolated | RunStatus::DeadLettered
    ) {
        return Err(Rejection::NotHeld {
            run: draft.state.run,
            status,
        });
    }
    let asked = matches!(draft.state.phase, Phase::Calling { .. });
    if asked || draft.state.live_effect().is_some() {
        return Err(Rejection::EffectInFlight {
            run: draft.state.run,
        });
    }
    bounded(reason)?;
    set_value(draft, path, value, reason)
}

/// Sets one value, voids every grant, and makes an open packet anew.
pub(super) fn set_value(
    draft: &mut Draft<'_>,
    path: &str,
    value: &Value,
    reason: &str,
) -> Result<(), Rejection> {
    let set = edited(draft, &[(path.to_owned(), value.clone())])?;
    if set.is_empty() {
        return Err(Rejection::InvalidEdit {
            problems: vec!["it changes nothing".to_owned()],
        });
    }
    let version = draft.state.state_version.saturating_add(1);
    draft.emit(Event::StateOverridden {
        path: path.to_owned(),
        version,
        values: OverrideValues {
            reason: reason.to_owned(),
            set,
        },
    })?;
    void_grants(draft, path)?;
    if draft.state.packet.is_some() {
        reopen(draft, crate::domain::Fields::new(), (path, reason))?;
    }
    Ok(())
}

/// The state fields that an edit changes, checked against the state's schema.
pub(super) fn edited(
    draft: &Draft<'_>,
    edits: &[(String, Value)],
) -> Result<crate::domain::Fields, Rejection> {
    let schema = &draft.definition().meaning.state;
    let mut state = draft.state.state.as_ref().clone();
    for (path, value) in edits {
        state = schema
            .edit(&state, path, value)
            .map_err(|problems| Rejection::InvalidEdit {
                problems: problems.iter().map(ToString::to_string).collect(),
            })?;
    }
    Ok(state
        .into_iter()
        .filter(|(name, value)| draft.state.state.get(name) != Some(value))
        .collect())
}

/// What was granted was granted for the state as it was.
fn void_grants(draft: &mut Draft<'_>, path: &str) -> Result<(), Rejection> {
    let by = draft.envelope.actor.name.clone();
    let granted: Vec<_> = draft
        .state
        .grants
        .values()
        .filter(|grant| grant.void.is_none() && !grant.refused)
        .map(|grant| (grant.step.clone(), grant.packet))
        .collect();
    for (step, packet) in granted {
        let reason = format!("{by} changed {path} after it was granted.");
        draft.emit(Event::GrantVoided {
            step,
            packet,
            reason,
        })?;
    }
    Ok(())
}
