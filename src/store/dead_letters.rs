//! Dead letters as they stand.

use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use crate::domain::{DeadLetterId, DeadLetterStatus};
use crate::store::binding::{Binding, mismatch, refuse_outdated};
use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::Line;
use crate::store::prepare::DeadLetterEntry;
use crate::store::row_digest::dead_letter_digest;
use crate::store::salt::Salt;
use crate::store::{DeadLetterFilter, StoreError, unlisted, written};
use crate::views::DeadLetterRow;

/// What stands before a letter's id in the name an event binds its row under, so that it is not
/// taken for a packet's.
const PREFIX: &str = "dead_letter/";

/// The name under which an event binds a letter's row.
pub(super) fn bound_name(letter: DeadLetterId) -> String {
    format!("{PREFIX}{letter}")
}

/// The letter whose row is bound under `name`, if it is one's.
pub(super) fn of_bound_name(name: &str) -> Option<Uuid> {
    Uuid::parse_str(name.strip_prefix(PREFIX)?).ok()
}

pub(super) fn write(conn: &Connection, seq: i64, entry: &DeadLetterEntry) -> Result<(), Fault> {
    let row = &entry.row;
    let changed = conn
        .prepare_cached(
            "INSERT INTO dead_letters VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (dead_letter) DO UPDATE SET seq = excluded.seq, status = excluded.status, \
         salt = excluded.salt, document = excluded.document",
        )?
        .execute(params![
            seq,
            row.dead_letter.0.as_bytes(),
            row.run.0.as_bytes(),
            row.workflow.as_str(),
            row.code,
            row.status.as_str(),
            entry.salt,
            entry.document,
        ])?;
    written::one(changed, "the dead letter's row", seq)
}

/// A letter's row with what binds it.
pub(super) struct StoredLetter {
    letter: DeadLetterId,
    pub(super) seq: u64,
    status: String,
    code: String,
    salt: Salt,
    document: String,
}

impl StoredLetter {
    pub(super) const COLUMNS: &'static str =
        "d.dead_letter, d.seq, d.status, d.code, d.salt, d.document";
    pub(super) const WIDTH: usize = 6;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            letter: row.get(0).map(|id| DeadLetterId(Uuid::from_bytes(id)))?,
            seq: row.get::<_, i64>(1)?.cast_unsigned(),
            status: row.get(2)?,
            code: row.get(3)?,
            salt: row.get(4)?,
            document: row.get(5)?,
        })
    }

    /// The letter, if its row says what the event at `line` bound.
    pub(super) fn checked(
        &self,
        binding: &Binding<'_>,
        line: &Line,
    ) -> Result<DeadLetterRow, StoreError> {
        let what = format!("dead letter {}", self.letter);
        let digest = dead_letter_digest(&self.salt, &self.document);
        binding.check(&bound_name(self.letter), digest, &what, line)?;
        let row = parse(self.letter, &self.document)?;
        let same = row.dead_letter == self.letter
            && Some(row.run) == line.run
            && row.status.as_str() == self.status
            && row.code == self.code;
        if same {
            Ok(row)
        } else {
            Err(mismatch(&what, line.seq))
        }
    }
}

/// Reads one letter and checks it against the journal.
pub(super) fn one(conn: &Connection, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, Fault> {
    let sql = format!(
        "SELECT {}, {} FROM dead_letters d LEFT JOIN events e ON e.seq = d.seq \
         WHERE d.dead_letter = ?1",
        StoredLetter::COLUMNS,
        Line::COLUMNS
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([letter.0.as_bytes()], |row| {
            let stored = StoredLetter::read(row)?;
            let bound = row.get::<_, Option<i64>>(StoredLetter::WIDTH)?.is_some();
            let line = bound.then(|| Line::read(row, StoredLetter::WIDTH));
            Ok((stored, line.transpose()?))
        })
        .optional()?;
    let Some((stored, line)) = found else {
        return unlisted::one(conn, letter);
    };
    let what = format!("dead letter {letter}");
    let line = line.ok_or_else(|| mismatch(&what, stored.seq))?;
    let row = stored.checked(&Binding::of(&line)?, &line)?;
    refuse_outdated(conn, row.run, &line, &bound_name(letter), &what)?;
    Ok(Some(row))
}

/// Letters, the one parked first first unless the filter says otherwise.
pub(super) fn list(
    conn: &Connection,
    filter: &DeadLetterFilter,
) -> Result<Vec<DeadLetterRow>, Fault> {
    unlisted::beside(conn, filter, |rest| rows(conn, rest))
}

/// Those that have a row.
fn rows(conn: &Connection, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterRow>, Fault> {
    let (conditions, order) = conditions(filter);
    let sql = conditions.select(
        "SELECT d.dead_letter, d.document FROM dead_letters d",
        order,
        filter.limit,
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&conditions.params))?;
    let mut letters = Vec::new();
    while let Some(row) = rows.next()? {
        let letter = row.get(0).map(|id| DeadLetterId(Uuid::from_bytes(id)))?;
        let document = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        letters.push(parse(letter, document)?);
    }
    Ok(letters)
}

/// Which rows a list shows, and in which order.
fn conditions(filter: &DeadLetterFilter) -> (Conditions, &'static str) {
    let mut conditions = Conditions::new();
    match filter.status {
        // The literal lets the index of open letters serve this.
        Some(DeadLetterStatus::Open) => conditions.fixed("d.status = 'open'"),
        other => conditions.and(
            "d.status = ?",
            other.map(|status| status.as_str().to_owned()),
        ),
    }
    let workflow = filter.workflow.as_ref();
    conditions.and(
        "d.workflow = ?",
        workflow.map(|name| name.as_str().to_owned()),
    );
    conditions.and("d.code = ?", filter.code.clone());
    conditions.and("d.run = ?", filter.run.map(|run| run.0.as_bytes().to_vec()));
    let (behind, order) = if filter.newest_first {
        (
            "d.id < (SELECT id FROM dead_letters WHERE dead_letter = ?)",
            "d.id DESC",
        )
    } else {
        (
            "d.id > (SELECT id FROM dead_letters WHERE dead_letter = ?)",
            "d.id",
        )
    };
    conditions.and(
        behind,
        filter.after.map(|letter| letter.0.as_bytes().to_vec()),
    );
    (conditions, order)
}

fn parse(letter: DeadLetterId, document: &str) -> Result<DeadLetterRow, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::Integrity {
        what: format!("dead letter {letter} ({error})"),
        seq: 0,
    })
}
