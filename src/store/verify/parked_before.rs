//! The list of runs that were parked before dead letters had rows. No event binds it, and none
//! needs to: a run's state says whether it is parked, and the letters' rows are bound.

use rusqlite::{Connection, OptionalExtension as _};

use crate::store::binding::mismatch;
use crate::store::fault::Fault;
use crate::store::journal::run_id;

/// Checks that every parked run without an open letter's row is listed, and that the list names
/// nothing but runs that were parked. Runs, letters and events were checked before.
pub(super) fn check(conn: &Connection, last_seq: u64) -> Result<(), Fault> {
    let checks = [
        (LISTED_IN_VAIN, "was never parked, and is listed as such;"),
        (NOT_LISTED, "is parked, and no list shows its dead letter;"),
    ];
    for (sql, what) in checks {
        let found = conn.query_row(sql, [], |row| row.get(0)).optional()?;
        if let Some(run) = found.map(run_id) {
            return Err(mismatch(&format!("run {run} {what} it"), last_seq).into());
        }
    }
    Ok(())
}

const LISTED_IN_VAIN: &str = "SELECT p.run FROM parked_before p WHERE NOT EXISTS \
     (SELECT 1 FROM runs r WHERE r.id = p.id AND r.run = p.run) OR NOT EXISTS \
     (SELECT 1 FROM events e WHERE e.run = p.run AND e.kind = 'step_parked') LIMIT 1";

/// A run holds one letter at a time.
const NOT_LISTED: &str = "SELECT r.run FROM runs r \
     WHERE json_extract(r.state, '$.phase.is') = 'parked' \
     AND r.id NOT IN (SELECT id FROM parked_before) \
     AND r.run NOT IN (SELECT run FROM dead_letters WHERE status = 'open') LIMIT 1";
