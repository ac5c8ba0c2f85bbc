//! Writes effects' rows. No two effects hold one business identity: whoever commits its INTENT
//! second is refused.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::{BusinessIdentity, Digest, IdempotencyKey};
use crate::store::StoreError;
use crate::store::fault::Fault;
use crate::store::journal::run_id;
use crate::store::prepare::{EffectEntry, Prepared};

pub(super) fn write(conn: &Connection, seq: i64, command: &Prepared) -> Result<(), Fault> {
    // What gives an identity back comes before what takes it.
    let holds = |entry: &&EffectEntry| entry.row.identity.is_some();
    for entry in command.effects.iter().filter(|entry| !holds(entry)) {
        write_one(conn, seq, entry)?;
    }
    for entry in command.effects.iter().filter(holds) {
        if command.intends {
            refuse_duplicate(conn, entry)?;
        }
        write_one(conn, seq, entry)?;
    }
    Ok(())
}

/// Refuses an effect whose identity another one holds. An act that nobody named another operation
/// gives way to every number, until it holds its own: what was named another operation after that
/// stands beside it, and keeps nothing of it from being recorded or sent again.
fn refuse_duplicate(conn: &Connection, entry: &EffectEntry) -> Result<(), Fault> {
    let Some(identity @ BusinessIdentity { digest, number }) = entry.row.identity else {
        return Ok(());
    };
    let held = conn
        .prepare_cached(
            "SELECT run, key FROM effects WHERE identity = ?1 \
             AND (?2 OR identity_number = ?3) AND key <> ?4 \
             AND NOT EXISTS (SELECT 1 FROM effects own WHERE own.key = ?4 \
             AND own.identity = ?1 AND own.identity_number = ?3) LIMIT 1",
        )?
        .query_row(
            params![
                digest.0,
                identity.named().is_none(),
                number,
                entry.row.idempotency_key.0.0,
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    match held {
        None => Ok(()),
        Some((run, key)) => Err(Fault::Told(StoreError::DuplicateIdentity {
            identity: digest,
            run: run_id(run),
            key: IdempotencyKey(Digest(key)),
        })),
    }
}

/// Writes a row whose identity is as it was: most do, and then its index need not be written.
const KEEP_IDENTITY: &str = "INSERT INTO effects VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
     ON CONFLICT (key) DO UPDATE SET seq = excluded.seq, run = excluded.run, \
     step = excluded.step, tool = excluded.tool, state = excluded.state, \
     digest = excluded.digest, operation = excluded.operation, minor = excluded.minor, \
     currency = excluded.currency, attempt = excluded.attempt, \
     updated_at = excluded.updated_at, error = excluded.error, salt = excluded.salt, \
     undoes = excluded.undoes, undone_by = excluded.undone_by \
     WHERE identity IS excluded.identity AND identity_number IS excluded.identity_number";

/// Writes a row that gives its identity back, or takes one.
const SET_IDENTITY: &str = "UPDATE effects SET seq = ?2, run = ?3, step = ?4, tool = ?5, \
     state = ?6, digest = ?7, operation = ?8, minor = ?9, currency = ?10, attempt = ?11, \
     updated_at = ?12, error = ?13, salt = ?14, identity = ?15, identity_number = ?16, \
     undoes = ?17, undone_by = ?18 \
     WHERE key = ?1";

fn write_one(conn: &Connection, seq: i64, entry: &EffectEntry) -> Result<(), Fault> {
    // Replacing would take the row out and rebalance its neighbours; this writes it in place.
    let written = match execute(conn, KEEP_IDENTITY, seq, entry)? {
        0 => execute(conn, SET_IDENTITY, seq, entry)?,
        written => written,
    };
    if written == 1 {
        return Ok(());
    }
    Err(Fault::Told(StoreError::Integrity {
        what: format!("the row of effect {}", entry.row.idempotency_key),
        seq: seq.cast_unsigned(),
    }))
}

fn execute(conn: &Connection, sql: &str, seq: i64, entry: &EffectEntry) -> rusqlite::Result<usize> {
    let row = &entry.row;
    conn.prepare_cached(sql)?.execute(params![
        row.idempotency_key.0.0,
        seq,
        row.run.0.as_bytes(),
        row.step.as_str(),
        row.tool.as_str(),
        row.state.as_str(),
        row.digest.0,
        row.operation,
        row.amount.map(|amount| amount.minor),
        row.amount.map(|amount| amount.currency.to_string()),
        row.attempt,
        row.updated_at.0,
        row.error,
        entry.salt,
        row.identity.map(|identity| identity.digest.0),
        row.identity.map(|identity| identity.number),
        row.undoes.map(|key| key.0.0),
        row.undone_by.map(|key| key.0.0),
    ])
}
