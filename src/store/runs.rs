//! Runs: their states and list rows, and which of them want to be looked at.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{RunId, RunStatus, Timestamp, WorkflowName};
use crate::engine::RunState;
use crate::store::apply::WAKE_NOW;
use crate::store::binding::{check_run, mismatch};
use crate::store::decode::{name, optional_name, packet_id, word};
use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::{Line, run_id};
use crate::store::lift::state_of;
use crate::store::{RunFilter, StoreError};
use crate::views::RunRow;

/// A run as its one row holds it.
#[derive(Debug)]
pub(super) struct StoredRun {
    pub(super) row: RunRow,
    pub(super) wake: Option<i64>,
    pub(super) state: String,
}

impl StoredRun {
    /// The list row's columns, then what only its check needs.
    pub(super) const COLUMNS: &'static str = "r.run, r.workflow, r.key, r.status, r.step, \
         r.started_at, r.updated_at, r.cost_micro_usd, r.tokens, r.packet, r.timer, \
         r.wake, r.state";
    pub(super) const WIDTH: usize = 13;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: read_row(row)?,
            wake: row.get(11)?,
            state: row.get(12)?,
        })
    }
}

/// The list row's columns, without those that only its check needs.
const LISTED: &str = "SELECT r.run, r.workflow, r.key, r.status, r.step, r.started_at, \
     r.updated_at, r.cost_micro_usd, r.tokens, r.packet, r.timer FROM runs r";

/// Reads a run's state with three look-ups, whatever its history: its first event's place, its
/// row, its last event.
pub(super) fn load(conn: &Connection, run: RunId) -> Result<Option<RunState>, Fault> {
    let found = conn
        .prepare_cached(&load_sql())?
        .query_row([run.0.as_bytes()], |row| {
            let has_row = !matches!(row.get_ref(0)?, rusqlite::types::ValueRef::Null);
            let stored = has_row.then(|| StoredRun::read(row)).transpose()?;
            Ok((stored, Line::read(row, StoredRun::WIDTH)?))
        })
        .optional()?;
    match found {
        None => Ok(None),
        Some((None, last)) => {
            Err(mismatch(&format!("the missing row of run {run}"), last.seq).into())
        }
        Some((Some(stored), last)) => {
            check_run(&stored, &last)?;
            Ok(Some(state_of(conn, &stored, &last)?))
        }
    }
}

/// The statement behind [`load`].
fn load_sql() -> String {
    format!(
        "SELECT {}, {} FROM events f LEFT JOIN runs r ON r.id = f.seq \
         JOIN events e ON e.run = ?1 \
         AND e.run_seq = (SELECT max(run_seq) FROM events WHERE run = ?1) \
         WHERE f.run = ?1 AND f.run_seq = 1",
        StoredRun::COLUMNS,
        Line::COLUMNS
    )
}

pub(super) fn by_key(
    conn: &Connection,
    workflow: &WorkflowName,
    key: &str,
) -> Result<Option<RunId>, Fault> {
    Ok(conn
        .prepare_cached("SELECT run FROM runs WHERE workflow = ?1 AND key = ?2")?
        .query_row([workflow.as_str(), key], |row| row.get(0).map(run_id))
        .optional()?)
}

/// Runs in the order they were started in, or the other way round.
pub(super) fn list(conn: &Connection, filter: &RunFilter) -> Result<Vec<RunRow>, Fault> {
    let mut conditions = Conditions::new();
    conditions.and("r.status = ?", filter.status.map(text));
    let workflow = filter.workflow.as_ref();
    conditions.and(
        "r.workflow = ?",
        workflow.map(|name| name.as_str().to_owned()),
    );
    conditions.and("r.key = ?", filter.key.clone());
    let after = filter.after.map(|run| place(conn, run)).transpose()?;
    let (beyond, order) = if filter.newest_first {
        ("r.id < ?", "r.id DESC")
    } else {
        ("r.id > ?", "r.id")
    };
    conditions.and(beyond, after);
    let sql = conditions.select(LISTED, order, filter.limit);
    let mut statement = conn.prepare_cached(&sql)?;
    let params = rusqlite::params_from_iter(&conditions.params);
    let rows = statement.query_map(params, read_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn one(conn: &Connection, run: RunId) -> Result<Option<RunRow>, Fault> {
    let sql =
        format!("{LISTED} WHERE r.id = (SELECT seq FROM events WHERE run = ?1 AND run_seq = 1)");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row([run.0.as_bytes()], read_row)
        .optional()?)
}

/// Whether no event of the run follows the one numbered `seq`.
pub(super) fn stands_at(conn: &Connection, run: RunId, seq: u64) -> rusqlite::Result<bool> {
    let moved = conn
        .prepare_cached("SELECT 1 FROM events WHERE run = ?1 AND run_seq > ?2 LIMIT 1")?
        .exists(params![run.0.as_bytes(), seq.cast_signed()])?;
    Ok(!moved)
}

pub(super) fn counts(conn: &Connection) -> Result<BTreeMap<String, u64>, Fault> {
    let mut statement = conn.prepare_cached("SELECT status, count(*) FROM runs GROUP BY status")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn active(
    conn: &Connection,
    after: Option<RunId>,
    limit: u32,
) -> Result<Vec<RunId>, Fault> {
    let after = match after {
        Some(run) => place(conn, run)?,
        None => 0,
    };
    let statuses = RunStatus::ALL.iter().filter(|status| status.is_active());
    let sql = merged(statuses, "wake = ?1 AND id > ?2", "id");
    woken(conn, &sql, params![WAKE_NOW, after, capped(limit)])
}

/// Runs that are active, now or at a retry's time, and terminated ones that still ask the target.
pub(super) fn under_way(
    conn: &Connection,
    limit: u32,
) -> Result<Vec<(RunId, Option<Timestamp>)>, Fault> {
    let active = RunStatus::ALL.iter().filter(|status| status.is_active());
    let active = merged(active, "wake >= ?1 AND wake <= ?2", "wake, id");
    let asking = [RunStatus::Terminated];
    let asking = merged(asking.iter(), "wake > ?1 AND wake <= ?2", "wake, id");
    let mut found = Vec::new();
    for sql in [active, asking] {
        let mut statement = conn.prepare_cached(&sql)?;
        let rows = statement.query_map(params![WAKE_NOW, i64::MAX, capped(limit)], |row| {
            let wake: i64 = row.get(2)?;
            let due = (wake > WAKE_NOW).then_some(Timestamp(wake));
            Ok((row.get(1).map(run_id)?, due))
        })?;
        found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(found)
}

pub(super) fn due(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<RunId>, Fault> {
    let sql = merged(may_wait(), "wake > ?1 AND wake <= ?2", "wake, id");
    woken(conn, &sql, params![WAKE_NOW, now.0, capped(limit)])
}

pub(super) fn next_timer(conn: &Connection) -> Result<Option<Timestamp>, Fault> {
    let sql = merged(may_wait(), "wake > ?1 AND wake <= ?2", "wake, id");
    Ok(conn
        .prepare_cached(&sql)?
        .query_row(params![WAKE_NOW, i64::MAX, 1], |row| {
            row.get(2).map(Timestamp)
        })
        .optional()?)
}

/// Runs with a timer whose last event lies after `now`.
pub(super) fn set_back(conn: &Connection, now: Timestamp, limit: u32) -> Result<Vec<RunId>, Fault> {
    let sql = merged(
        may_wait(),
        "wake > ?1 AND wake > ?2 AND updated_at > ?2",
        "wake, id",
    );
    woken(conn, &sql, params![WAKE_NOW, now.0, capped(limit)])
}

/// Statuses in which a run may have a timer. A terminated one has, where a person has an effect of
/// unknown outcome asked about.
fn may_wait() -> impl Iterator<Item = &'static RunStatus> {
    let statuses = RunStatus::ALL.iter();
    statuses.filter(|status| !status.is_final() || **status == RunStatus::Terminated)
}

/// One ordered range of the index for each status, merged, so that nothing is sorted and a
/// short answer reads few rows. Selects id, run and wake.
fn merged<'a>(statuses: impl Iterator<Item = &'a RunStatus>, clause: &str, order: &str) -> String {
    let ranges: Vec<String> = statuses
        .map(|status| {
            format!("SELECT id, run, wake FROM runs WHERE status = '{status}' AND {clause}")
        })
        .collect();
    format!("{} ORDER BY {order} LIMIT ?3", ranges.join(" UNION ALL "))
}

fn woken(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<RunId>, Fault> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| row.get(1).map(run_id))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The id of the row of `run`, from which a list goes on.
fn place(conn: &Connection, run: RunId) -> Result<i64, Fault> {
    conn.prepare_cached("SELECT seq FROM events WHERE run = ?1 AND run_seq = 1")?
        .query_row([run.0.as_bytes()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| {
            let what = format!("run {run}");
            Fault::Told(StoreError::NoSuchRow { what })
        })
}

fn capped(limit: u32) -> u32 {
    limit.min(LIST_ROWS_MAX)
}

fn text(status: RunStatus) -> String {
    status.as_str().to_owned()
}

fn read_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        run: row.get(0).map(run_id)?,
        workflow: name(row, 1)?,
        key: row.get(2)?,
        status: word(row, 3)?,
        step: optional_name(row, 4)?,
        started_at: Timestamp(row.get(5)?),
        updated_at: Timestamp(row.get(6)?),
        cost_micro_usd: row.get(7)?,
        tokens: row.get(8)?,
        packet: row.get::<_, Option<[u8; 16]>>(9)?.map(packet_id),
        timer: row.get::<_, Option<i64>>(10)?.map(Timestamp),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    /// A journal without hashes: run 1 has one event, run 2 has ten thousand.
    const GIVEN: &str = "
        INSERT INTO events VALUES (1, CAST(zeroblob(15) || x'01' AS BLOB), 1, 0, 'a', 'k', 1, '{}', x'', x'');
        INSERT INTO events
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
          SELECT i + 1, CAST(zeroblob(15) || x'02' AS BLOB), i, 0, 'a', 'k', 1, '{}', x'', x'' FROM n;
        INSERT INTO runs SELECT seq, run, 'w', NULL, 'ready', NULL, 0, 0, 0, 0, NULL, NULL, NULL,
          '{}' FROM events WHERE run_seq = 1;";

    fn given() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("../../assets/migrations/0001_journal.sql"))
            .unwrap();
        conn.execute_batch("DROP TRIGGER events_only_extend")
            .unwrap();
        conn.execute_batch(GIVEN).unwrap();
        conn
    }

    fn run(last: u8) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[15] = last;
        bytes
    }

    #[test]
    fn a_load_costs_the_same_for_a_long_history() {
        let conn = given();
        let cost = |last: u8| {
            let mut statement = conn.prepare(&load_sql()).unwrap();
            let row = statement.query_row([run(last)], |row| row.get::<_, i64>(15));
            let steps = statement.get_status(StatementStatus::VmStep);
            (row.unwrap(), steps)
        };
        let ((short, steps), (long, more)) = (cost(1), cost(2));
        assert_eq!((short, long), (1, 10_000));
        assert!(steps > 0);
        assert_eq!(steps, more);
    }

    #[test]
    fn no_look_up_scans_a_table() {
        let conn = given();
        let due = merged(may_wait(), "wake > ?1 AND wake <= ?2", "wake, id");
        for sql in [load_sql(), due] {
            let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plan: Vec<String> = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                plan.push(row.get(3).unwrap());
            }
            assert!(plan.iter().any(|step| step.contains("SEARCH")), "{plan:?}");
            for slow in ["SCAN", "TEMP B-TREE"] {
                assert!(!plan.iter().any(|step| step.contains(slow)), "{plan:?}");
            }
        }
    }
}
