//! Recomputes everything from the disk: the chain, the commitments of the values that still
//! exist, the run index, every row the journal binds, and the schema they stand in.
//!
//! Memory does not grow with the journal: events are read one by one, and rows are looked up
//! where the journal names them. That each row is named is found by counting.

mod chain;
mod parked_before;
mod rows;

use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::domain::Digest;
use crate::store::fault::Fault;
use crate::store::journal::{Tip, hash_at};
use crate::store::{MissingValues, StoreError, VerifyReport, schema};

pub(super) use chain::Chain;

/// Verifies the whole store; `progress` is told (done, total) in events.
pub(super) fn whole(
    conn: &Connection,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<VerifyReport, Fault> {
    let mut chain = Chain::from_start();
    let mut missing_values = MissingValues::default();
    let schema = schema::difference(conn)?;
    let found = walk(conn, &mut chain, &mut missing_values, progress);
    let tip = match &found {
        Ok(tip) => *tip,
        Err(_) => Tip {
            seq: chain.seq(),
            hash: chain.hash(),
        },
    };
    let broken = match found.map_err(|fault| broken(fault, chain.seq() + 1)) {
        Ok(_) => None,
        Err(Ok(broken)) => Some(broken),
        // What is missing may be what it was to be read from.
        Err(Err(_)) if schema.is_some() => None,
        Err(Err(fault)) => return Err(fault),
    };
    let first_bad_seq = broken.as_ref().map(|(seq, _)| *seq);
    let schema = schema.map(|what| format!("the store is not as this program made it: {what}"));
    let problems: Vec<String> = schema
        .into_iter()
        .chain(broken.map(|(_, problem)| problem))
        .collect();
    Ok(VerifyReport {
        ok: problems.is_empty(),
        events: chain.seq(),
        first_bad_seq,
        problem: (!problems.is_empty()).then(|| problems.join("; ")),
        head: tip.head(),
        missing_values,
    })
}

/// Verifies the chain since the last checkpoint, which itself must still stand.
pub(super) fn tail(conn: &Connection) -> Result<(), Fault> {
    let checkpoint = conn
        .prepare_cached("SELECT seq, hash FROM checkpoints ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| {
            Ok(Tip {
                seq: row.get::<_, i64>(0)?.cast_unsigned(),
                hash: Digest(row.get(1)?),
            })
        })
        .optional()?;
    let mut chain = match checkpoint {
        Some(checkpoint) => {
            check_checkpoint(conn, checkpoint)?;
            Chain::after(checkpoint)
        }
        None => Chain::from_start(),
    };
    chain.follow_all(conn)
}

/// Refuses a checkpoint whose event is gone or is another one.
fn check_checkpoint(conn: &Connection, checkpoint: Tip) -> Result<(), Fault> {
    let what = match hash_at(conn, checkpoint.seq)? {
        Some(hash) if hash == checkpoint.hash => return Ok(()),
        Some(_) => "a checkpoint",
        None => "a checkpoint past the journal's end, which was cut off,",
    };
    Err(Fault::Told(StoreError::Integrity {
        what: what.to_owned(),
        seq: checkpoint.seq,
    }))
}

fn walk(
    conn: &Connection,
    chain: &mut Chain,
    missing_values: &mut MissingValues,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Tip, Fault> {
    let tip = Tip::read(conn)?;
    let mut attested = rows::Attested::default();
    chain.follow_each(conn, &mut |line, values| {
        if !rows::check_values(line, values)? {
            missing_values.note(line.seq);
        }
        attested.note(conn, line)?;
        if line.seq % PROGRESS_EVENTS == 0 {
            progress(line.seq, tip.seq);
        }
        Ok(())
    })?;
    attested.check_index(conn)?;
    attested.check_runs(conn)?;
    attested.check_counts(conn)?;
    parked_before::check(conn, tip.seq)?;
    check_checkpoints(conn)?;
    progress(tip.seq, tip.seq);
    Ok(tip)
}

/// Events between two calls of `progress`.
const PROGRESS_EVENTS: u64 = 1_000;

fn check_checkpoints(conn: &Connection) -> Result<(), Fault> {
    let mut statement = conn.prepare("SELECT seq, hash FROM checkpoints ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let checkpoint = Tip {
            seq: row.get::<_, i64>(0)?.cast_unsigned(),
            hash: Digest(row.get(1)?),
        };
        check_checkpoint(conn, checkpoint)?;
    }
    Ok(())
}

/// The first bad event and what is wrong, where the fault says that something is.
fn broken(fault: Fault, next: u64) -> Result<(u64, String), Fault> {
    match fault {
        Fault::Told(StoreError::Integrity { what, seq }) => {
            let seq = if seq == 0 { next } else { seq };
            Ok((seq, format!("{what} does not match the journal")))
        }
        Fault::Sql(error) => {
            let damaged = match error.sqlite_error_code() {
                Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
                // A column that cannot be read as what it must be.
                None => true,
            };
            if damaged {
                Ok((next, format!("the file is damaged: {error}")))
            } else {
                Err(Fault::Sql(error))
            }
        }
        other @ Fault::Told(_) => Err(other),
    }
}
