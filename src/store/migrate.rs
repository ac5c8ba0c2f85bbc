//! Brings an older store up to date. `PRAGMA user_version` counts the scripts that ran.

use std::path::Path;

use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::fault::Fault;

/// The scripts in order; the n-th makes version n.
const SCRIPTS: [&str; 9] = [
    include_str!("../../assets/migrations/0001_journal.sql"),
    include_str!("../../assets/migrations/0002_dead_letters.sql"),
    include_str!("../../assets/migrations/0003_alerts.sql"),
    include_str!("../../assets/migrations/0004_identities.sql"),
    include_str!("../../assets/migrations/0005_parked_before.sql"),
    include_str!("../../assets/migrations/0006_deadlines.sql"),
    include_str!("../../assets/migrations/0007_undoings.sql"),
    include_str!("../../assets/migrations/0008_opened_before.sql"),
    include_str!("../../assets/migrations/0009_accepted.sql"),
];

/// Runs what is missing in one transaction; refuses a store of a newer program.
pub(super) fn up(conn: &Connection, path: &Path) -> Result<(), Fault> {
    if missing(conn, path)?.is_empty() {
        return Ok(());
    }
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = run(conn, path).and_then(|()| Ok(conn.execute_batch("COMMIT")?));
    if done.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK")?;
    }
    done
}

fn run(conn: &Connection, path: &Path) -> Result<(), Fault> {
    // Another process may have been faster; inside the transaction the version stands still.
    for script in missing(conn, path)? {
        conn.execute_batch(script)?;
    }
    conn.pragma_update(None, "user_version", known())?;
    Ok(())
}

fn missing(conn: &Connection, path: &Path) -> Result<&'static [&'static str], Fault> {
    let found: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(found)
        .ok()
        .and_then(|found| SCRIPTS.get(found..))
        .ok_or_else(|| {
            Fault::Told(StoreError::Newer {
                path: path.to_owned(),
                found: u32::try_from(found).unwrap_or(u32::MAX),
                known: known(),
            })
        })
}

fn known() -> u32 {
    u32::try_from(SCRIPTS.len()).unwrap_or(u32::MAX)
}
