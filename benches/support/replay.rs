//! The rows of a store, written again into a fresh file: the same bytes in the same commands,
//! without anything an engine does before.
//!
//! Where one command ends and the next begins is read from the journal: only the last event of a
//! command binds the state. A row that several commands wrote is written as often, each time as it
//! stood at the end.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use serde_json::Value;

use crate::support::Outcome;
use crate::support::figures::count;
use crate::support::machine::Stopwatch;

/// Frames the log grows by before it is copied, as in the engine.
const LOG_FRAMES: u32 = 8_000;

type Cells = Vec<Cell>;

/// One statement of a command.
#[derive(Debug)]
enum Write {
    Event(Cells),
    Values(Cells),
    NewRun(Cells),
    Run(Cells),
    Packet(Cells),
    Effect(Cells),
}

/// Everything the runs of one store wrote, by command.
#[derive(Debug)]
pub(crate) struct Recording {
    page_bytes: u32,
    schema: Vec<String>,
    commands: Vec<Vec<Write>>,
}

impl Recording {
    pub(crate) fn read(store: &Path) -> Outcome<Self> {
        let conn = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let schema =
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL";
        let mut schema = conn.prepare(schema)?;
        Ok(Self {
            page_bytes: conn.pragma_query_value(None, "page_size", |row| row.get(0))?,
            schema: schema
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?,
            commands: commands(&conn)?,
        })
    }

    pub(crate) fn commands(&self) -> usize {
        self.commands.len()
    }

    /// Writes everything into a fresh file, `group` commands a commit on average; seconds.
    pub(crate) fn replay(&self, file: &Path, group: f64) -> Outcome<f64> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let conn = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.pragma_update(None, "page_size", self.page_bytes)?;
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "wal_autocheckpoint", LOG_FRAMES)?;
        conn.execute_batch(&self.schema.join(";"))?;
        let watch = Stopwatch::start();
        let (mut written, mut due) = (0.0, 0.0);
        let mut open = false;
        for command in &self.commands {
            if !open {
                conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                due += group;
                open = true;
            }
            command.iter().try_for_each(|write| write.replay(&conn))?;
            written += 1.0;
            if written + 0.5 >= due {
                conn.prepare_cached("COMMIT")?.execute([])?;
                open = false;
            }
        }
        if open {
            conn.prepare_cached("COMMIT")?.execute([])?;
        }
        Ok(watch.seconds())
    }

    /// Commands a commit, where `commits` commits were counted.
    pub(crate) fn group(&self, commits: usize) -> f64 {
        count(self.commands()) / count(commits.max(1))
    }
}

impl Write {
    fn replay(&self, conn: &Connection) -> Outcome<()> {
        let (sql, cells) = match self {
            Self::Event(cells) => ("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?)", cells),
            Self::Values(cells) => ("INSERT INTO event_values VALUES (?,?,?)", cells),
            Self::NewRun(cells) => (
                "INSERT INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                cells,
            ),
            Self::Run(cells) => (
                "UPDATE runs SET status = ?5, step = ?6, updated_at = ?8, cost_micro_usd = ?9, \
                 tokens = ?10, packet = ?11, timer = ?12, wake = ?13, state = ?14 \
                 WHERE id = ?1 AND run = ?2 AND workflow = ?3 AND key IS ?4 AND started_at = ?7",
                cells,
            ),
            Self::Packet(cells) => (
                "INSERT OR REPLACE INTO packets VALUES (?,?,?,?,?,?,?,?,?,?)",
                cells,
            ),
            Self::Effect(cells) => (
                "INSERT OR REPLACE INTO effects VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                cells,
            ),
        };
        match conn.prepare_cached(sql)?.execute(params_from_iter(cells))? {
            1 => Ok(()),
            rows => Err(format!("{rows} rows were written by: {sql}").into()),
        }
    }
}

fn commands(conn: &Connection) -> Outcome<Vec<Vec<Write>>> {
    let values = keyed(conn, "SELECT * FROM event_values", |cells| number(cells, 0))?;
    let runs = keyed(conn, "SELECT * FROM runs", |cells| blob(cells, 1))?;
    let packets = keyed(conn, "SELECT * FROM packets", |cells| {
        Ok(uuid::Uuid::from_slice(&blob(cells, 1)?)?.to_string())
    })?;
    let effects = keyed(conn, "SELECT * FROM effects", |cells| {
        Ok(hex::encode(blob(cells, 0)?))
    })?;
    let (mut commands, mut command, mut first) = (Vec::new(), Vec::new(), false);
    for event in rows(
        conn,
        "SELECT * FROM events WHERE run IS NOT NULL ORDER BY seq",
    )? {
        let run = runs
            .get(&blob(&event, 1)?)
            .ok_or("an event without its run")?;
        let beside = values.get(&number(&event, 0)?);
        first |= number(&event, 2)? == 1;
        let binding = bound(&event)?;
        command.push(Write::Event(event));
        command.extend(beside.cloned().map(Write::Values));
        let Some(names) = binding else { continue };
        command.push(if std::mem::take(&mut first) {
            Write::NewRun(run.clone())
        } else {
            Write::Run(run.clone())
        });
        for name in names {
            command.extend(packets.get(&name).cloned().map(Write::Packet));
            command.extend(effects.get(&name).cloned().map(Write::Effect));
        }
        commands.push(std::mem::take(&mut command));
    }
    Ok(commands)
}

/// The names of the rows that a command's last event binds; none for any other event.
fn bound(event: &Cells) -> Outcome<Option<Vec<String>>> {
    let Some(Cell::Text(body)) = event.get(7) else {
        return Err("an event without a body".into());
    };
    let body: Value = serde_json::from_str(body)?;
    if body.get("state_digest").is_none() {
        return Ok(None);
    }
    let rows = body.get("rows").and_then(Value::as_object);
    Ok(Some(rows.map_or_else(Vec::new, |rows| {
        rows.keys().cloned().collect()
    })))
}

fn keyed<K: Ord>(
    conn: &Connection,
    sql: &str,
    key: impl Fn(&Cells) -> Outcome<K>,
) -> Outcome<BTreeMap<K, Cells>> {
    let rows = rows(conn, sql)?.into_iter();
    rows.map(|cells| Ok((key(&cells)?, cells))).collect()
}

fn rows(conn: &Connection, sql: &str) -> Outcome<Vec<Cells>> {
    let mut statement = conn.prepare(sql)?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|index| row.get(index)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn number(cells: &Cells, index: usize) -> Outcome<i64> {
    match cells.get(index) {
        Some(Cell::Integer(number)) => Ok(*number),
        other => Err(format!("column {index} holds {other:?}").into()),
    }
}

fn blob(cells: &Cells, index: usize) -> Outcome<Vec<u8>> {
    match cells.get(index) {
        Some(Cell::Blob(bytes)) => Ok(bytes.clone()),
        other => Err(format!("column {index} holds {other:?}").into()),
    }
}
