//! Salted digests of view rows. The last event of the command that writes a row carries its
//! digest under `rows`, so that an altered row is found when it is read.

use crate::domain::{Digest, DigestBuilder};
use crate::store::salt::Salt;
use crate::views::{EffectRow, RunRow};

/// Digest of a run's state, as the text that is stored, and of its list row.
pub(super) fn state_digest(salt: &str, state: &str, row: &RunRow) -> Digest {
    let step = row.step.as_ref().map(|step| step.as_str().as_bytes());
    let timer = row.timer.map(|timer| timer.0.to_be_bytes());
    DigestBuilder::new("countersign/state/v1")
        .text(salt)
        .text(state)
        .bytes(row.run.0.as_bytes())
        .text(row.workflow.as_str())
        .optional(row.key.as_deref().map(str::as_bytes))
        .text(row.status.as_str())
        .optional(step)
        .bytes(&row.started_at.0.to_be_bytes())
        .bytes(&row.updated_at.0.to_be_bytes())
        .bytes(&row.cost_micro_usd.to_be_bytes())
        .bytes(&row.tokens.to_be_bytes())
        .optional(
            row.packet
                .as_ref()
                .map(|packet| packet.0.as_bytes().as_slice()),
        )
        .optional(timer.as_ref().map(<[u8; 8]>::as_slice))
        .finish()
}

/// `document` is the packet as stored.
pub(super) fn packet_digest(salt: &Salt, document: &str) -> Digest {
    DigestBuilder::new("countersign/row/packet/v1")
        .bytes(salt)
        .text(document)
        .finish()
}

/// `document` is the dead letter as stored.
pub(super) fn dead_letter_digest(salt: &Salt, document: &str) -> Digest {
    DigestBuilder::new("countersign/row/dead-letter/v1")
        .bytes(salt)
        .text(document)
        .finish()
}

/// `document` is the alert as stored.
pub(super) fn alert_digest(salt: &Salt, document: &str) -> Digest {
    DigestBuilder::new("countersign/row/alert/v1")
        .bytes(salt)
        .text(document)
        .finish()
}

pub(super) fn effect_digest(salt: &Salt, row: &EffectRow) -> Digest {
    let amount = row.amount.map(|amount| amount.to_string());
    let digest = DigestBuilder::new("countersign/row/effect/v1")
        .bytes(salt)
        .digest(&row.idempotency_key.0)
        .bytes(row.run.0.as_bytes())
        .text(row.step.as_str())
        .text(row.tool.as_str())
        .text(row.state.as_str())
        .digest(&row.digest)
        .text(&row.operation)
        .optional(amount.as_deref().map(str::as_bytes))
        .number(row.attempt.into())
        .bytes(&row.updated_at.0.to_be_bytes())
        .optional(row.error.as_deref().map(str::as_bytes));
    let digest = match row.identity {
        Some(identity) => digest
            .digest(&identity.digest)
            .number(identity.number.into()),
        None => digest,
    };
    // Written only where it stands, so that rows from before it was keep their digest.
    let digest = match &row.undoes {
        Some(key) => digest.text("undoes").digest(&key.0),
        None => digest,
    };
    match &row.undone_by {
        Some(key) => digest.text("undone_by").digest(&key.0).finish(),
        None => digest.finish(),
    }
}
