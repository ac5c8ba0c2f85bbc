//! Dead letters of runs that were parked before there were rows for them: read off the runs' own
//! states, which are verified. They are older than all that have a row.

use rusqlite::Connection;

use crate::domain::DeadLetterId;
use crate::domain::limits::LIST_ROWS_MAX;
use crate::store::fault::Fault;
use crate::store::journal::run_id;
use crate::store::{DeadLetterFilter, runs};
use crate::views::DeadLetterRow;
use crate::views::dead_letters::letter_of;

/// A list of letters: those without a row, which are the older ones, beside those that `rows`
/// finds for the rest of the filter.
pub(super) fn beside(
    conn: &Connection,
    filter: &DeadLetterFilter,
    rows: impl FnOnce(&DeadLetterFilter) -> Result<Vec<DeadLetterRow>, Fault>,
) -> Result<Vec<DeadLetterRow>, Fault> {
    let mut older = all(conn)?;
    if filter.newest_first {
        older.reverse();
    }
    let place = filter
        .after
        .and_then(|after| older.iter().position(|letter| letter.dead_letter == after));
    let mut rest = filter.clone();
    if let Some(place) = place {
        older.drain(..=place);
        rest.after = None;
    }
    // A list that goes on behind one kind has left the other behind it, or has it still to come.
    if rest.after.is_some() && !filter.newest_first {
        older.clear();
    }
    older.retain(|letter| passes(letter, filter));
    let found = if place.is_some() && filter.newest_first {
        Vec::new()
    } else {
        rows(&rest)?
    };
    let (mut letters, then) = if filter.newest_first {
        (found, older)
    } else {
        (older, found)
    };
    letters.extend(then);
    let limit = filter.limit.unwrap_or(LIST_ROWS_MAX).min(LIST_ROWS_MAX);
    letters.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(letters)
}

pub(super) fn one(conn: &Connection, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, Fault> {
    let found = all(conn)?.into_iter();
    Ok(found.filter(|row| row.dead_letter == letter).last())
}

fn all(conn: &Connection) -> Result<Vec<DeadLetterRow>, Fault> {
    let mut statement = conn.prepare_cached("SELECT run FROM parked_before ORDER BY id")?;
    let parked = statement.query_map([], |row| row.get(0).map(run_id))?;
    let mut letters = Vec::new();
    for run in parked.collect::<rusqlite::Result<Vec<_>>>()? {
        let state = runs::load(conn, run)?;
        let Some(letter) = state.as_ref().and_then(letter_of) else {
            continue;
        };
        // Parked again since: that letter has its row.
        let listed = conn
            .prepare_cached("SELECT 1 FROM dead_letters WHERE dead_letter = ?1")?
            .exists([letter.dead_letter.0.as_bytes()])?;
        if !listed {
            letters.push(letter);
        }
    }
    Ok(letters)
}

fn passes(letter: &DeadLetterRow, filter: &DeadLetterFilter) -> bool {
    filter.status.is_none_or(|status| status == letter.status)
        && filter.run.is_none_or(|run| run == letter.run)
        && filter.code.as_ref().is_none_or(|code| *code == letter.code)
        && filter
            .workflow
            .as_ref()
            .is_none_or(|workflow| *workflow == letter.workflow)
}
