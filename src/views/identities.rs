//! Which effects hold their business identity.
//!
//! | effect | holds it |
//! |---|---|
//! | begun, confirmed, unknown | yes |
//! | certainly not done, and still to be sent | yes |
//! | certainly not done, and given up for something else | no |
//! | blocked, refused, undone | no |

use crate::domain::{BusinessIdentity, EffectState, PlannedEffect};
use crate::engine::carried::{Carried, carried};
use crate::engine::{Recorded, RunState};
use crate::views::rows::{EffectRow, effect_row};

/// Why an effect that was not done stands no longer for anything.
const GIVEN_UP: &str = "It was not done, and was given up.";

/// The identity that an effect in `state` holds.
pub(super) fn held(effect: &PlannedEffect, state: EffectState) -> Option<BusinessIdentity> {
    match state {
        EffectState::Planned
        | EffectState::Intent
        | EffectState::Unknown
        | EffectState::Confirmed => effect.identity,
        EffectState::Blocked | EffectState::Refused | EffectState::Compensated => None,
    }
}

/// Takes the identity from an effect that was not done and that the run carries no longer.
pub(super) fn release_given_up(
    before: Option<&RunState>,
    events: &[Recorded],
    after: &RunState,
    rows: &mut Vec<EffectRow>,
) {
    let still = carried(after).map(|carried| carried.effect.key);
    for row in rows.iter_mut() {
        if row.state == EffectState::Planned && Some(row.idempotency_key) != still {
            row.identity = None;
        }
    }
    let Some(Carried {
        effect,
        attempt,
        not_done: true,
    }) = before.and_then(carried)
    else {
        return;
    };
    let told = rows.iter().any(|row| row.idempotency_key == effect.key);
    let at = events.last();
    if told || still == Some(effect.key) || effect.identity.is_none() {
        return;
    }
    if let Some(recorded) = at {
        let state = (EffectState::Planned, attempt, Some(GIVEN_UP));
        let mut row = effect_row(effect, recorded, state);
        row.identity = None;
        rows.push(row);
    }
}
