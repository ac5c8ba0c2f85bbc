//! The journal as lists and exports show it.

use rusqlite::Connection;
use serde_json::Value;

use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::Line;
use crate::store::{EventFilter, StoreError, StoredEvent};

/// Events in the order they were recorded in.
pub(super) fn list(conn: &Connection, filter: &EventFilter) -> Result<Vec<StoredEvent>, Fault> {
    let mut conditions = Conditions::new();
    conditions.and("e.run = ?", filter.run.map(|run| run.0.as_bytes().to_vec()));
    conditions.and("e.actor = ?", filter.actor.clone());
    conditions.and("e.kind = ?", filter.kind.clone());
    conditions.and("e.at >= ?", filter.since.map(|since| since.0));
    conditions.and("e.seq > ?", filter.after_seq.map(u64::cast_signed));
    conditions.and("e.seq < ?", filter.before_seq.map(u64::cast_signed));
    let what = format!(
        "SELECT {}, v.members FROM events e LEFT JOIN event_values v ON v.seq = e.seq",
        Line::COLUMNS
    );
    // A run's events stand in one range of the index, in the same order as in the journal.
    let order = match (filter.run.is_some(), filter.newest_first) {
        (true, false) => "e.run_seq",
        (true, true) => "e.run_seq DESC",
        (false, false) => "e.seq",
        (false, true) => "e.seq DESC",
    };
    let sql = conditions.select(&what, order, filter.limit);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&conditions.params))?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let members: Option<String> = row.get(Line::WIDTH)?;
        events.push(stored(Line::read(row, 0)?, members.as_deref())?);
    }
    Ok(events)
}

/// An event as lists and exports show it, with the values that still exist.
pub(super) fn stored(line: Line, members: Option<&str>) -> Result<StoredEvent, StoreError> {
    let seq = line.seq;
    let parse = |text: &str| -> Result<Value, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Integrity {
            what: format!("event {seq} ({error})"),
            seq,
        })
    };
    Ok(StoredEvent {
        seq,
        run: line.run,
        run_seq: line.run_seq,
        at: line.at,
        actor: line.actor,
        kind: line.kind,
        version: line.version,
        body: parse(&line.body)?,
        values: members.map(parse).transpose()?,
        prev_hash: line.prev_hash,
        hash: line.hash,
    })
}
