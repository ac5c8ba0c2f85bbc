//! Dead letters of runs that were parked before there were rows for them: read off the runs' own
//! states, which are verified. They come before all that have a row.

use rusqlite::Connection;

use crate::domain::DeadLetterId;
use crate::store::fault::Fault;
use crate::store::journal::run_id;
use crate::store::{DeadLetterFilter, runs};
use crate::views::DeadLetterRow;
use crate::views::dead_letters::letter_of;

/// Those that a list shows, and the filter for the rows after them.
pub(super) fn list(
    conn: &Connection,
    filter: &DeadLetterFilter,
) -> Result<(Vec<DeadLetterRow>, DeadLetterFilter), Fault> {
    let mut letters = all(conn)?;
    let mut rest = filter.clone();
    if let Some(after) = filter.after {
        let place = letters
            .iter()
            .position(|letter| letter.dead_letter == after);
        match place {
            Some(place) => {
                letters.drain(..=place);
                rest.after = None;
            }
            None => letters.clear(),
        }
    }
    letters.retain(|letter| passes(letter, filter));
    Ok((letters, rest))
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
