//! Writes one prepared command inside the open transaction, or refuses it and leaves no trace.

use rusqlite::{Connection, OptionalExtension, params};

use crate::domain::limits::CHECKPOINT_EVENTS;
use crate::domain::{RunId, StepId};
use crate::store::fault::Fault;
use crate::store::journal::{Tip, run_id};
use crate::store::lease::fence_stands;
use crate::store::prepare::{PacketEntry, Prepared};
use crate::store::{Committed, StoreError, dead_letters, notifications, write_effects, written};
use crate::views::RunRow;

/// `wake` of a run that an executor has something to do for now.
pub(super) const WAKE_NOW: i64 = i64::MIN;

/// Writes `command` after `tip`. A refusal leaves transaction and tip as they were.
pub(super) fn apply(
    conn: &Connection,
    tip: &mut Tip,
    command: &Prepared,
) -> Result<Committed, Fault> {
    run_cached(conn, "SAVEPOINT command")?;
    let before = *tip;
    match write(conn, tip, command) {
        Ok(()) => {
            run_cached(conn, "RELEASE command")?;
            Ok(Committed { seq: tip.seq })
        }
        Err(fault) => {
            *tip = before;
            // SQLite may have ended the whole transaction itself, and the savepoint with it.
            if !conn.is_autocommit() {
                run_cached(conn, "ROLLBACK TO command")?;
                run_cached(conn, "RELEASE command")?;
            }
            Err(fault)
        }
    }
}

/// When the run of `row` wants to be looked at: now, at a time, or not by itself.
pub(super) fn wake_of(row: &RunRow) -> Option<i64> {
    match row.timer {
        Some(timer) => Some(timer.0),
        None => row.status.is_active().then_some(WAKE_NOW),
    }
}

/// Runs a statement without parameters or rows.
pub(super) fn run_cached(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// Keeps the tip as a place where the chain is known to be whole.
pub(super) fn write_checkpoint(conn: &Connection, tip: Tip, at: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3)")?
        .execute(params![tip.seq.cast_signed(), tip.hash.0, at])
        .map(|_| ())
}

fn write(conn: &Connection, tip: &mut Tip, command: &Prepared) -> Result<(), Fault> {
    check(conn, command)?;
    let first = tip.seq + 1;
    for entry in &command.entries {
        tip.append(conn, entry)?;
    }
    let seq = tip.seq.cast_signed();
    write_run(conn, first.cast_signed(), command)?;
    for packet in &command.packets {
        write_packet(conn, seq, command.run, packet)?;
    }
    write_effects::write(conn, seq, command)?;
    for letter in &command.dead_letters {
        dead_letters::write(conn, seq, letter)?;
    }
    for notification in &command.notifications {
        notifications::write(conn, notification)?;
    }
    if first / CHECKPOINT_EVENTS != (tip.seq + 1) / CHECKPOINT_EVENTS {
        write_checkpoint(conn, *tip, command.at.0)?;
    }
    Ok(())
}

/// Refuses a command that was decided on something else than what stands.
fn check(conn: &Connection, command: &Prepared) -> Result<(), Fault> {
    let found = conn
        .prepare_cached("SELECT run_seq FROM events WHERE run = ?1 ORDER BY run_seq DESC LIMIT 1")?
        .query_row([command.run.0.as_bytes()], |row| row.get::<_, i64>(0))
        .optional()?
        .map_or(0, i64::cast_unsigned);
    if found != command.expected_seq {
        return Err(Fault::Told(StoreError::Conflict {
            run: command.run,
            expected: command.expected_seq,
            found,
        }));
    }
    if let (0, Some(key)) = (found, &command.row.key) {
        let taken = conn
            .prepare_cached("SELECT run FROM runs WHERE workflow = ?1 AND key = ?2")?
            .query_row([command.row.workflow.as_str(), key], |row| row.get(0))
            .optional()?;
        if let Some(run) = taken {
            return Err(Fault::Told(StoreError::DuplicateKey { run: run_id(run) }));
        }
    }
    match command.fence {
        None if !command.intends => Ok(()),
        Some(fence) if fence_stands(conn, fence)? => Ok(()),
        None | Some(_) => Err(Fault::Told(StoreError::Fenced)),
    }
}

fn write_run(conn: &Connection, first: i64, command: &Prepared) -> Result<(), Fault> {
    let written = if command.expected_seq == 0 {
        insert_run(conn, first, command)?
    } else {
        // Most commands leave status and timer alone, and then the index need not be written.
        match update_run(conn, command, KEEP_STATUS)? {
            0 => update_run(conn, command, SET_STATUS)?,
            written => written,
        }
    };
    if written == 1 {
        return Ok(());
    }
    Err(Fault::Told(StoreError::Integrity {
        what: format!("the missing row of run {}", command.run),
        seq: first.cast_unsigned(),
    }))
}

fn insert_run(conn: &Connection, first: i64, command: &Prepared) -> rusqlite::Result<usize> {
    let row = &command.row;
    conn.prepare_cached(
        "INSERT INTO runs VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        first,
        row.run.0.as_bytes(),
        row.workflow.as_str(),
        row.key,
        row.status.as_str(),
        row.step.as_ref().map(StepId::as_str),
        row.started_at.0,
        row.updated_at.0,
        row.cost_micro_usd,
        row.tokens,
        row.packet
            .as_ref()
            .map(|packet| packet.0.as_bytes().as_slice()),
        row.timer.map(|timer| timer.0),
        wake_of(row),
        command.state,
    ])
}

/// Updates a run where status and wake are as they were.
const KEEP_STATUS: &str = "UPDATE runs SET step = ?4, updated_at = ?5, cost_micro_usd = ?6, \
     tokens = ?7, packet = ?8, timer = ?9, state = ?10 \
     WHERE id = (SELECT seq FROM events WHERE run = ?1 AND run_seq = 1) \
     AND status = ?2 AND wake IS ?3";

/// Updates a run whatever changed.
const SET_STATUS: &str = "UPDATE runs SET status = ?2, wake = ?3, step = ?4, updated_at = ?5, \
     cost_micro_usd = ?6, tokens = ?7, packet = ?8, timer = ?9, state = ?10 \
     WHERE id = (SELECT seq FROM events WHERE run = ?1 AND run_seq = 1)";

fn update_run(conn: &Connection, command: &Prepared, sql: &str) -> rusqlite::Result<usize> {
    let row = &command.row;
    conn.prepare_cached(sql)?.execute(params![
        row.run.0.as_bytes(),
        row.status.as_str(),
        wake_of(row),
        row.step.as_ref().map(StepId::as_str),
        row.updated_at.0,
        row.cost_micro_usd,
        row.tokens,
        row.packet
            .as_ref()
            .map(|packet| packet.0.as_bytes().as_slice()),
        row.timer.map(|timer| timer.0),
        command.state,
    ])
}

fn write_packet(conn: &Connection, seq: i64, run: RunId, entry: &PacketEntry) -> Result<(), Fault> {
    let changed = conn
        .prepare_cached(
            "INSERT INTO packets VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
         ON CONFLICT (packet) DO UPDATE SET seq = excluded.seq, status = excluded.status, \
         due_at = excluded.due_at, flags = excluded.flags, salt = excluded.salt, \
         document = excluded.document, deadline = excluded.deadline",
        )?
        .execute(params![
            seq,
            entry.packet.0.as_bytes(),
            run.0.as_bytes(),
            entry.workflow,
            entry.status,
            entry.due_at.0,
            entry.flags,
            entry.salt,
            entry.document,
            entry.deadline.map(|deadline| deadline.0),
        ])?;
    written::one(changed, "the packet's row", seq)
}
