//! Effects whose outcome nobody knows, and since when.

use std::collections::BTreeMap;

use super::letters;
use crate::console::message::DoubtsNews;
use crate::console::model::runs::in_doubt_since;
use crate::domain::{EffectState, IdempotencyKey, RunId, Timestamp};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{EffectFilter, StoredEvent};
use crate::views::EffectRow;

/// Effects in doubt that are looked at; of more it is said that they are more.
const DOUBTS: u32 = 500;
/// Of so many that are new at once the journal is asked since when; of others their last change
/// stands for it.
const LOOKED_UP: usize = 32;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    since: BTreeMap<IdempotencyKey, (RunId, Timestamp)>,
}

impl Doubts {
    /// Tells whether events may have changed anything of them.
    pub(super) fn touched(events: &[StoredEvent]) -> bool {
        events.iter().any(|event| event.kind.starts_with("effect_"))
    }

    /// Reads them anew: an index of them alone makes that cheap.
    pub(super) fn look(&mut self, handle: &Handle) -> Result<DoubtsNews, RuntimeError> {
        let rows = handle.effects(&EffectFilter {
            state: Some(EffectState::Unknown),
            limit: Some(DOUBTS),
            ..EffectFilter::default()
        })?;
        let before = std::mem::take(&mut self.since);
        let more = rows.len() >= DOUBTS as usize;
        let mut looked_up = 0;
        for row in rows {
            let key = row.idempotency_key;
            let known = before.get(&key).map(|(_, since)| *since);
            let since = match known {
                Some(since) => since,
                None if looked_up < LOOKED_UP => {
                    looked_up += 1;
                    since(handle, &row)?
                }
                None => row.updated_at,
            };
            self.since.insert(key, (row.run, since));
        }
        for (key, (run, since)) in before {
            // It is on its way again: that settles nothing yet.
            if !self.since.contains_key(&key) && handle.effect(key)?.state == EffectState::Intent {
                self.since.insert(key, (run, since));
            }
        }
        Ok(DoubtsNews {
            effects: self.since.len(),
            more,
            since: self.since.values().copied().collect(),
        })
    }
}

/// Since when nobody knows of an effect.
fn since(handle: &Handle, row: &EffectRow) -> Result<Timestamp, RuntimeError> {
    let told = letters::history(handle, row.run)?;
    Ok(in_doubt_since(&told, row.idempotency_key).unwrap_or(row.updated_at))
}
