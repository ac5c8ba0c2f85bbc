//! A run's state as its row says it, whichever program wrote that row.
//!
//! The last event of a run binds its row, and its version is the row's too. A row of today's
//! version is read. One of an older version may have an older shape: the state is rebuilt from the
//! run's events, lifted to today's shapes, until the run's next command writes the row anew. A run
//! that a newer program wrote is left alone, and the others go on.

use rusqlite::{Connection, params};

use crate::engine::event::EVENT_VERSION;
use crate::engine::event::upcast::is_known;
use crate::engine::{Recorded, RunState, replay};
use crate::store::StoreError;
use crate::store::binding::{mismatch, read_state};
use crate::store::events::stored as event_of;
use crate::store::fault::Fault;
use crate::store::journal::Line;
use crate::store::runs::StoredRun;
use crate::store::values;
use crate::views::run_row;

/// The state of a row that was checked against `last`, the run's last event.
pub(super) fn state_of(
    conn: &Connection,
    stored: &StoredRun,
    last: &Line,
) -> Result<RunState, Fault> {
    if last.version > EVENT_VERSION || !is_known(&last.kind) {
        return Err(Fault::Told(StoreError::NewerRun {
            run: stored.row.run,
            seq: last.seq,
            kind: last.kind.clone(),
            version: last.version,
            known: EVENT_VERSION,
        }));
    }
    if last.version == EVENT_VERSION {
        return Ok(read_state(stored)?);
    }
    rebuilt(conn, stored, last)
}

/// Replays the run. What comes of it must be what its list row says.
fn rebuilt(conn: &Connection, stored: &StoredRun, last: &Line) -> Result<RunState, Fault> {
    let run = stored.row.run;
    let events = history(conn, stored, last)?;
    let state = replay(&events).map_err(|misfit| StoreError::Failed {
        why: format!(
            "the journal of run {run}, which an older program wrote, does not replay: {misfit}"
        ),
    })?;
    match state {
        Some(state) if run_row(&state) == stored.row => Ok(state),
        _ => {
            let what =
                format!("the state of run {run}, rebuilt from the journal of an older program,");
            Err(mismatch(&what, last.seq).into())
        }
    }
}

/// The run's events up to `last`, each verified, and its values against their commitments.
fn history(conn: &Connection, stored: &StoredRun, last: &Line) -> Result<Vec<Recorded>, Fault> {
    let sql = format!(
        "SELECT {}, v.salt, v.members FROM events e LEFT JOIN event_values v ON v.seq = e.seq \
         WHERE e.run = ?1 AND e.run_seq <= ?2 ORDER BY e.run_seq",
        Line::COLUMNS
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let until = last.run_seq.map(u64::cast_signed);
    let mut rows = statement.query(params![stored.row.run.0.as_bytes(), until])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let line = Line::read(row, 0)?;
        line.check()?;
        let seq = line.seq;
        let salt: Option<Vec<u8>> = row.get(Line::WIDTH)?;
        let members: Option<String> = row.get(Line::WIDTH + 1)?;
        let event = event_of(line, members.as_deref())?;
        let problem = salt
            .zip(members)
            .and_then(|(salt, members)| values::problem(&event.body, &salt, &members));
        if let Some(problem) = problem {
            return Err(mismatch(&format!("event {seq}: {problem}; it"), seq).into());
        }
        events.extend(event.recorded()?);
    }
    Ok(events)
}
