//! Effects as they stand.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::domain::{BusinessIdentity, Digest, EffectState, Holder, IdempotencyKey, Timestamp};
use crate::store::binding::{Binding, mismatch, refuse_outdated};
use crate::store::decode::{amount, name, word};
use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::{Line, run_id};
use crate::store::row_digest::effect_digest;
use crate::store::salt::Salt;
use crate::store::{EffectFilter, StoreError};
use crate::views::EffectRow;

/// An effect's row with what binds it.
pub(super) struct StoredEffect {
    row: EffectRow,
    pub(super) seq: u64,
    salt: Salt,
}

impl StoredEffect {
    pub(super) const COLUMNS: &'static str = "f.key, f.run, f.step, f.tool, f.state, f.digest, \
         f.operation, f.minor, f.currency, f.attempt, f.updated_at, f.error, f.seq, f.salt, \
         f.identity, f.identity_number, f.undoes, f.undone_by";
    pub(super) const WIDTH: usize = 18;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: read_row(row)?,
            seq: row.get::<_, i64>(12)?.cast_unsigned(),
            salt: row.get(13)?,
        })
    }

    /// Refuses a row that does not say what the event at `line` bound.
    pub(super) fn check(&self, binding: &Binding<'_>, line: &Line) -> Result<(), StoreError> {
        let key = self.row.idempotency_key.to_string();
        let what = format!("effect {key}");
        let digest = effect_digest(&self.salt, &self.row);
        binding.check(&key, digest, &what, line)?;
        if line.run == Some(self.row.run) {
            Ok(())
        } else {
            Err(mismatch(&what, line.seq))
        }
    }
}

/// Reads one effect and checks it against the journal.
pub(super) fn one(conn: &Connection, key: IdempotencyKey) -> Result<Option<EffectRow>, Fault> {
    let sql = format!(
        "SELECT {}, {} FROM effects f LEFT JOIN events e ON e.seq = f.seq WHERE f.key = ?1",
        StoredEffect::COLUMNS,
        Line::COLUMNS
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([key.0.0], |row| {
            let stored = StoredEffect::read(row)?;
            let bound = row.get::<_, Option<i64>>(StoredEffect::WIDTH)?.is_some();
            let line = bound.then(|| Line::read(row, StoredEffect::WIDTH));
            Ok((stored, line.transpose()?))
        })
        .optional()?;
    let Some((stored, line)) = found else {
        return Ok(None);
    };
    let what = format!("effect {key}");
    let line = line.ok_or_else(|| mismatch(&what, stored.seq))?;
    stored.check(&Binding::of(&line)?, &line)?;
    refuse_outdated(conn, stored.row.run, &line, &key.to_string(), &what)?;
    Ok(Some(stored.row))
}

/// The effects that hold an identity of this digest, under any number, each checked against the
/// journal.
pub(super) fn holders(conn: &Connection, identity: Digest) -> Result<Vec<Holder>, Fault> {
    let sql = "SELECT key FROM effects WHERE identity = ?1 ORDER BY identity_number";
    let mut statement = conn.prepare_cached(sql)?;
    let keys = statement.query_map([identity.0], |row| row.get(0))?;
    let mut holders = Vec::new();
    for key in keys {
        let row = one(conn, IdempotencyKey(Digest(key?)))?;
        holders.extend(row.as_ref().and_then(holder_of));
    }
    Ok(holders)
}

fn holder_of(row: &EffectRow) -> Option<Holder> {
    Some(Holder {
        identity: row.identity?,
        run: row.run,
        key: row.idempotency_key,
        state: row.state,
        at: row.updated_at,
    })
}

/// Effects in the order they last changed in.
pub(super) fn list(conn: &Connection, filter: &EffectFilter) -> Result<Vec<EffectRow>, Fault> {
    let mut conditions = Conditions::new();
    match filter.state {
        // The literal lets the index of unknown effects serve this.
        Some(EffectState::Unknown) => conditions.fixed("f.state = 'unknown'"),
        other => conditions.and("f.state = ?", other.map(|state| state.as_str().to_owned())),
    }
    let of_run = "f.key IN (SELECT unhex(b.key) FROM events e, json_each(e.body, '$.rows') b \
         WHERE e.run = ? AND length(b.key) = 64)";
    conditions.and(of_run, filter.run.map(|run| run.0.as_bytes().to_vec()));
    let what = format!("SELECT {} FROM effects f", StoredEffect::COLUMNS);
    let sql = conditions.select(&what, "f.seq", filter.limit);
    let mut statement = conn.prepare_cached(&sql)?;
    let params = rusqlite::params_from_iter(&conditions.params);
    let rows = statement.query_map(params, read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<EffectRow> {
    Ok(EffectRow {
        idempotency_key: IdempotencyKey(Digest(row.get(0)?)),
        run: row.get(1).map(run_id)?,
        step: name(row, 2)?,
        tool: name(row, 3)?,
        state: word(row, 4)?,
        digest: Digest(row.get(5)?),
        operation: row.get(6)?,
        amount: amount(row, 7)?,
        attempt: row.get(9)?,
        updated_at: Timestamp(row.get(10)?),
        error: row.get(11)?,
        identity: identity(row, 14)?,
        undoes: key(row, 16)?,
        undone_by: key(row, 17)?,
    })
}

fn key(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<IdempotencyKey>> {
    let digest: Option<[u8; 32]> = row.get(index)?;
    Ok(digest.map(|digest| IdempotencyKey(Digest(digest))))
}

/// The identity that an effect holds, from its two columns at `index`.
fn identity(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<BusinessIdentity>> {
    let digest: Option<[u8; 32]> = row.get(index)?;
    let Some(digest) = digest.map(Digest) else {
        return Ok(None);
    };
    Ok(Some(BusinessIdentity {
        digest,
        number: row.get(index + 1)?,
    }))
}
