//! What the last event of a command says about the rows it wrote, and whether they still say so.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Deserialize;

use crate::domain::{Digest, RunId};
use crate::engine::RunState;
use crate::store::StoreError;
use crate::store::apply::wake_of;
use crate::store::journal::Line;
use crate::store::row_digest::state_digest;
use crate::store::runs::StoredRun;

/// The binding members of an event's body.
#[derive(Debug, Deserialize)]
pub(super) struct Binding<'a> {
    state_digest: Option<Digest>,
    #[serde(borrow, default)]
    pub(super) rows: BTreeMap<Cow<'a, str>, Digest>,
}

impl<'a> Binding<'a> {
    /// Reads the binding of `line`, whose own hash is checked first.
    pub(super) fn of(line: &'a Line) -> Result<Self, StoreError> {
        line.check()?;
        Self::unchecked(line)
    }

    /// Reads the binding of a line whose hash was checked already.
    pub(super) fn unchecked(line: &'a Line) -> Result<Self, StoreError> {
        serde_json::from_str(&line.body).map_err(|error| StoreError::Integrity {
            what: format!("the body of event {} ({error})", line.seq),
            seq: line.seq,
        })
    }

    /// Refuses a row named `name` whose digest is not the one bound here.
    pub(super) fn check(
        &self,
        name: &str,
        found: Digest,
        what: &str,
        line: &Line,
    ) -> Result<(), StoreError> {
        if self.rows.get(name) == Some(&found) {
            Ok(())
        } else {
            Err(mismatch(what, line.seq))
        }
    }
}

/// A row does not say what the event at `seq` bound.
pub(super) fn mismatch(what: &str, seq: u64) -> StoreError {
    StoreError::Integrity {
        what: what.to_owned(),
        seq,
    }
}

/// Checks a run's row against `last`, the run's last event.
pub(super) fn check_run(stored: &StoredRun, last: &Line) -> Result<(), StoreError> {
    let binding = Binding::of(last)?;
    let what = format!("the state of run {}", stored.row.run);
    let salted: Salted<'_> =
        serde_json::from_str(&stored.state).map_err(|_unreadable| mismatch(&what, last.seq))?;
    let same = binding.state_digest == Some(state_digest(&salted.salt, &stored.state, &stored.row))
        && Some(salted.seq) == last.run_seq
        && salted.run == stored.row.run
        && last.run == Some(stored.row.run)
        && stored.wake == wake_of(&stored.row);
    if same {
        Ok(())
    } else {
        Err(mismatch(&what, last.seq))
    }
}

/// The state of a row that was checked.
pub(super) fn read_state(stored: &StoredRun) -> Result<RunState, StoreError> {
    serde_json::from_str(&stored.state).map_err(|error| StoreError::Failed {
        why: format!(
            "the state of run {} cannot be read, although it is whole: {error}; \
             it may be a newer program's",
            stored.row.run
        ),
    })
}

/// Refuses a row that stands as it did before a later event of its run wrote it anew.
pub(super) fn refuse_outdated(
    conn: &Connection,
    run: RunId,
    line: &Line,
    name: &str,
    what: &str,
) -> Result<(), crate::store::fault::Fault> {
    let member = format!("\"{name}\":\"");
    let outdated = conn
        .prepare_cached(
            "SELECT 1 FROM events WHERE run = ?1 AND run_seq > ?2 AND instr(body, ?3) > 0 LIMIT 1",
        )?
        .exists(rusqlite::params![
            run.0.as_bytes(),
            line.run_seq.map(u64::cast_signed),
            member
        ])?;
    if outdated {
        return Err(mismatch(what, line.seq).into());
    }
    Ok(())
}

/// The members of a state that its check needs.
#[derive(Deserialize)]
struct Salted<'a> {
    run: RunId,
    seq: u64,
    #[serde(borrow)]
    salt: Cow<'a, str>,
}
