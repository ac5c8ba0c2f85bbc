//! The ledger: every effect performed, in the order of its commit.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};
use serde::Serialize;

use crate::domain::{Currency, Money};

/// How long a connection waits for another to finish; writer and reader never meet in WAL mode,
/// so only a person's own tool can hold the lock.
const BUSY: Duration = Duration::from_secs(5);

/// The tables of the sandbox itself; each service adds its own.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    service TEXT NOT NULL,
    operation TEXT NOT NULL,
    idempotency_key TEXT,
    subject TEXT NOT NULL,
    minor INTEGER,
    currency TEXT
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    service TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    body TEXT NOT NULL,
    declined INTEGER,
    PRIMARY KEY (service, idempotency_key)
) STRICT, WITHOUT ROWID;
";

/// One effect, as `GET /_ledger` shows it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    seq: i64,
    at: String,
    service: String,
    operation: String,
    idempotency_key: Option<String>,
    subject: String,
    minor: Option<i64>,
    currency: Option<String>,
}

/// What a performed act adds to the ledger.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: &'a str,
    pub(super) service: &'a str,
    pub(super) operation: &'a str,
    pub(super) key: Option<&'a str>,
    /// The order, charge or deal.
    pub(super) subject: &'a str,
    pub(super) amount: Option<Money>,
}

/// Opens the database for its one writer and makes the tables.
pub(super) fn open(path: &Path, service_schemas: &[&str]) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(SCHEMA)?;
    if !connection.column_exists(None, "answers", "declined")? {
        connection.execute_batch("ALTER TABLE answers ADD COLUMN declined INTEGER")?;
    }
    for schema in service_schemas {
        connection.execute_batch(schema)?;
    }
    Ok(connection)
}

/// Opens the database, which exists, for reading alone.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

pub(super) fn append(connection: &Connection, line: &Line<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO ledger (at, service, operation, idempotency_key, subject, minor, currency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        line.at,
        line.service,
        line.operation,
        line.key,
        line.subject,
        line.amount.map(|amount| amount.minor),
        line.amount
            .as_ref()
            .map(|amount| Currency::as_str(&amount.currency)),
    ])?;
    Ok(())
}

/// Every effect after `after`, oldest first.
pub(super) fn entries(connection: &Connection, after: i64) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, service, operation, idempotency_key, subject, minor, currency
         FROM ledger WHERE seq > ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([after], |row| {
        Ok(Entry {
            seq: row.get(0)?,
            at: row.get(1)?,
            service: row.get(2)?,
            operation: row.get(3)?,
            idempotency_key: row.get(4)?,
            subject: row.get(5)?,
            minor: row.get(6)?,
            currency: row.get(7)?,
        })
    })?;
    rows.collect()
}
