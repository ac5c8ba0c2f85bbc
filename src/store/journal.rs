//! One line of the journal and the hash that chains it to the line before.

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::domain::{Digest, DigestBuilder, RunId, Timestamp};
use crate::store::fault::Fault;
use crate::store::prepare::Entry;
use crate::store::{Head, StoreError, written};

/// Every column of one event, in the order of [`Line::COLUMNS`].
#[derive(Debug)]
pub(super) struct Line {
    pub(super) seq: u64,
    pub(super) run: Option<RunId>,
    pub(super) run_seq: Option<u64>,
    pub(super) at: Timestamp,
    pub(super) actor: String,
    pub(super) kind: String,
    pub(super) version: u32,
    pub(super) body: String,
    pub(super) prev_hash: Digest,
    pub(super) hash: Digest,
}

impl Line {
    pub(super) const COLUMNS: &'static str = "e.seq, e.run, e.run_seq, e.at, e.actor, e.kind, \
         e.version, e.body, e.prev_hash, e.hash";
    pub(super) const WIDTH: usize = 10;

    /// Reads the columns that begin at index `first` of a row.
    pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get::<_, i64>(first)?.cast_unsigned(),
            run: row.get::<_, Option<[u8; 16]>>(first + 1)?.map(run_id),
            run_seq: row
                .get::<_, Option<i64>>(first + 2)?
                .map(i64::cast_unsigned),
            at: Timestamp(row.get(first + 3)?),
            actor: row.get(first + 4)?,
            kind: row.get(first + 5)?,
            version: row.get(first + 6)?,
            body: row.get(first + 7)?,
            prev_hash: Digest(row.get(first + 8)?),
            hash: Digest(row.get(first + 9)?),
        })
    }

    /// Recomputes the hash and refuses a line whose own does not equal it.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let place = Place {
            seq: self.seq,
            run: self.run,
            run_seq: self.run_seq,
            at: self.at,
            prev_hash: &self.prev_hash,
        };
        if place.hash(&self.actor, &self.kind, self.version, &self.body) == self.hash {
            Ok(())
        } else {
            Err(StoreError::Integrity {
                what: format!("event {}", self.seq),
                seq: self.seq,
            })
        }
    }
}

/// Where an event stands.
struct Place<'a> {
    seq: u64,
    run: Option<RunId>,
    run_seq: Option<u64>,
    at: Timestamp,
    prev_hash: &'a Digest,
}

impl Place<'_> {
    /// Hashes every column of the event and the hash before it.
    fn hash(&self, actor: &str, kind: &str, version: u32, body: &str) -> Digest {
        let digest = DigestBuilder::new("countersign/event/v1")
            .digest(self.prev_hash)
            .number(self.seq);
        let digest = match (self.run, self.run_seq) {
            (Some(run), Some(run_seq)) => digest.bytes(run.0.as_bytes()).number(run_seq),
            _ => digest.bytes(b"").number(0),
        };
        digest
            .bytes(&self.at.0.to_be_bytes())
            .text(actor)
            .text(kind)
            .number(version.into())
            .text(body)
            .finish()
    }
}

/// The end of the chain inside one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    pub(super) seq: u64,
    pub(super) hash: Digest,
}

impl Tip {
    /// Reads the newest event; an empty journal ends at 0.
    pub(super) fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let tip = conn
            .prepare_cached("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| {
                Ok(Self {
                    seq: row.get::<_, i64>(0)?.cast_unsigned(),
                    hash: Digest(row.get(1)?),
                })
            })
            .optional()?;
        Ok(tip.unwrap_or(Self {
            seq: 0,
            hash: Digest::ZERO,
        }))
    }

    pub(super) fn head(self) -> Head {
        Head {
            size: self.seq,
            hash: self.hash,
        }
    }

    /// Tells whether the journal still holds exactly this event.
    pub(super) fn stands(self, conn: &Connection) -> rusqlite::Result<bool> {
        let found = hash_at(conn, self.seq)?;
        Ok(found == Some(self.hash) || (self.seq == 0 && found.is_none()))
    }

    /// Writes `entry` after this tip and moves the tip to it.
    pub(super) fn append(&mut self, conn: &Connection, entry: &Entry) -> Result<(), Fault> {
        let place = Place {
            seq: self.seq + 1,
            run: entry.run,
            run_seq: entry.run_seq,
            at: entry.at,
            prev_hash: &self.hash,
        };
        let hash = place.hash(&entry.actor, &entry.kind, entry.version, &entry.body);
        let seq = place.seq.cast_signed();
        let changed = conn
            .prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
            .execute(params![
                seq,
                entry.run.as_ref().map(|run| run.0.as_bytes().as_slice()),
                entry.run_seq.map(u64::cast_signed),
                entry.at.0,
                entry.actor,
                entry.kind,
                entry.version,
                entry.body,
                self.hash.0,
                hash.0,
            ])?;
        written::one(changed, "the event", seq)?;
        if let Some(values) = &entry.values {
            let changed = conn
                .prepare_cached("INSERT OR REPLACE INTO event_values VALUES (?1, ?2, ?3)")?
                .execute(params![seq, values.salt, values.members])?;
            written::one(changed, "the event's values", seq)?;
        }
        *self = Self {
            seq: place.seq,
            hash,
        };
        Ok(())
    }
}

/// The stored hash of one event.
pub(super) fn hash_at(conn: &Connection, seq: u64) -> rusqlite::Result<Option<Digest>> {
    conn.prepare_cached("SELECT hash FROM events WHERE seq = ?1")?
        .query_row([seq.cast_signed()], |row| row.get(0).map(Digest))
        .optional()
}

/// A run's identity from its column.
pub(super) fn run_id(bytes: [u8; 16]) -> RunId {
    RunId(Uuid::from_bytes(bytes))
}
