//! Registered definitions: each under its digest, bound by the event of its registration.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use crate::domain::{Digest, Timestamp, WorkflowName};
use crate::engine::Authority;
use crate::store::binding::mismatch;
use crate::store::decode::name;
use crate::store::fault::Fault;
use crate::store::journal::{Line, Tip};
use crate::store::prepare::store_entry;
use crate::store::{StoreError, written};

/// Kind of the event that registers one.
pub(super) const KIND: &str = "definition_registered";

/// A definition to be registered.
pub(super) struct Registration {
    pub(super) name: WorkflowName,
    pub(super) digest: Digest,
    /// Canonical JSON.
    pub(super) bundle: String,
    pub(super) at: Timestamp,
    pub(super) by: Authority,
}

/// A definition's row with the event that binds it.
pub(super) struct StoredDefinition {
    pub(super) digest: Digest,
    name: WorkflowName,
    at: Timestamp,
    bundle: String,
    pub(super) seq: u64,
}

impl StoredDefinition {
    pub(super) const COLUMNS: &'static str = "d.digest, d.name, d.at, d.bundle, d.seq";
    pub(super) const WIDTH: usize = 5;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            digest: Digest(row.get(0)?),
            name: name(row, 1)?,
            at: Timestamp(row.get(2)?),
            bundle: row.get(3)?,
            seq: row.get::<_, i64>(4)?.cast_unsigned(),
        })
    }

    /// Refuses a row that is not what the event at `line` registered.
    pub(super) fn check(&self, line: &Line) -> Result<(), StoreError> {
        line.check()?;
        let body: Value = serde_json::from_str(&line.body).unwrap_or_default();
        let says = |member: &str, expected: &str| {
            body.get(member).and_then(Value::as_str) == Some(expected)
        };
        let same = line.kind == KIND
            && line.at == self.at
            && says("name", self.name.as_str())
            && says("digest", &self.digest.to_string())
            && says(
                "bundle_digest",
                &Digest::of(self.bundle.as_bytes()).to_string(),
            );
        if same {
            Ok(())
        } else {
            let what = format!("definition {} of {}", self.digest, self.name);
            Err(mismatch(&what, line.seq))
        }
    }
}

/// Registers a definition unless its digest is known already.
pub(super) fn register(
    conn: &Connection,
    tip: &mut Tip,
    registration: &Registration,
) -> Result<(), Fault> {
    if is_known(conn, registration.digest)? {
        return Ok(());
    }
    let mut body = Map::new();
    let mut say = |member: &str, text: String| body.insert(member.to_owned(), text.into());
    say("name", registration.name.as_str().to_owned());
    say("digest", registration.digest.to_string());
    say(
        "bundle_digest",
        Digest::of(registration.bundle.as_bytes()).to_string(),
    );
    let entry = store_entry(KIND, registration.at, Some(&registration.by), body)?;
    tip.append(conn, &entry)?;
    let changed = conn
        .prepare_cached("INSERT INTO definitions VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            registration.digest.0,
            tip.seq.cast_signed(),
            registration.name.as_str(),
            registration.at.0,
            registration.bundle,
        ])?;
    written::one(changed, "the definition's row", tip.seq.cast_signed())
}

pub(super) fn is_known(conn: &Connection, digest: Digest) -> Result<bool, Fault> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM definitions WHERE digest = ?1")?
        .exists([digest.0])?)
}

/// Reads a definition's bundle and checks it against the journal.
pub(super) fn one(conn: &Connection, digest: Digest) -> Result<Option<Value>, Fault> {
    let sql = format!(
        "SELECT {}, {} FROM definitions d JOIN events e ON e.seq = d.seq WHERE d.digest = ?1",
        StoredDefinition::COLUMNS,
        Line::COLUMNS
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([digest.0], |row| {
            let line = Line::read(row, StoredDefinition::WIDTH)?;
            Ok((StoredDefinition::read(row)?, line))
        })
        .optional()?;
    let Some((stored, line)) = found else {
        return Ok(None);
    };
    stored.check(&line)?;
    let bundle = serde_json::from_str(&stored.bundle)
        .map_err(|error| mismatch(&format!("definition {digest} ({error})"), line.seq))?;
    Ok(Some(bundle))
}

/// Every definition, the latest registration last.
pub(super) fn list(conn: &Connection) -> Result<Vec<(WorkflowName, Digest, Timestamp)>, Fault> {
    let mut statement =
        conn.prepare_cached("SELECT name, digest, at FROM definitions ORDER BY seq")?;
    let rows = statement.query_map([], |row| {
        Ok((name(row, 0)?, Digest(row.get(1)?), Timestamp(row.get(2)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
