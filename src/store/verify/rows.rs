//! Rows against the journal: what an event binds must stand, and nothing else may.

use std::cmp::Ordering;

use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use crate::domain::Digest;
use crate::store::alerts::{self, StoredAlert};
use crate::store::binding::{Binding, check_run, mismatch};
use crate::store::dead_letters::{self, StoredLetter};
use crate::store::definitions::{self, StoredDefinition};
use crate::store::effects::StoredEffect;
use crate::store::fault::Fault;
use crate::store::journal::{Line, run_id};
use crate::store::packets::StoredPacket;
use crate::store::runs::StoredRun;
use crate::store::values;
use crate::store::verify::chain::StoredValues;

/// What the events read so far bind.
#[derive(Debug, Default)]
pub(super) struct Attested {
    /// Run events, and the sum of their index entries' hashes.
    run_events: u64,
    index_sum: u64,
    /// Rows found as bound.
    runs: u64,
    packets: u64,
    effects: u64,
    dead_letters: u64,
    alerts: u64,
    definitions: u64,
    last_seq: u64,
}

/// Checks an event's values, where they still exist, against its commitments; false where some are
/// gone.
pub(super) fn check_values(line: &Line, values: StoredValues) -> Result<bool, Fault> {
    if values.is_none() && !line.body.contains("\"commitments\":") {
        return Ok(true);
    }
    let body = serde_json::from_str(&line.body).map_err(|error| {
        mismatch(
            &format!("the body of event {} ({error})", line.seq),
            line.seq,
        )
    })?;
    let Some((salts, members)) = values else {
        return Ok(values::complete(&body, None));
    };
    match values::problem(&body, &salts, &members) {
        None => Ok(values::complete(&body, Some(&members))),
        Some(problem) => {
            Err(mismatch(&format!("event {}: {problem}; it", line.seq), line.seq).into())
        }
    }
}

impl Attested {
    /// Takes one good event in and checks the packet and effect rows it was the last to bind.
    pub(super) fn note(&mut self, conn: &Connection, line: &Line) -> Result<(), Fault> {
        self.last_seq = line.seq;
        if line.run.is_none() {
            self.definitions += u64::from(line.kind == definitions::KIND);
            return self.note_rows(conn, line);
        }
        self.run_events += 1;
        self.runs += u64::from(line.run_seq == Some(1));
        self.index_sum = self.index_sum.wrapping_add(index_entry(line));
        self.note_rows(conn, line)
    }

    /// Checks the rows that one good event was the last to bind.
    fn note_rows(&mut self, conn: &Connection, line: &Line) -> Result<(), Fault> {
        let binding = Binding::unchecked(line)?;
        for name in binding.rows.keys() {
            if let Ok(packet) = Uuid::parse_str(name) {
                self.packets += u64::from(check_packet(conn, packet, &binding, line)?);
            } else if let Some(letter) = dead_letters::of_bound_name(name) {
                self.dead_letters += u64::from(check_letter(conn, letter, &binding, line)?);
            } else if let Some(alert) = alerts::of_bound_name(name) {
                self.alerts += u64::from(check_alert(conn, alert, &binding, line)?);
            } else {
                self.effects += u64::from(check_effect(conn, name, &binding, line)?);
            }
        }
        Ok(())
    }

    /// Checks the index of run events: each run's numbers go from 1 without a gap, and the
    /// entries are those of the table.
    pub(super) fn check_index(&self, conn: &Connection) -> Result<(), Fault> {
        let mut statement = conn.prepare(
            "SELECT run, run_seq, seq FROM events INDEXED BY events_of_run \
             WHERE run IS NOT NULL ORDER BY run, run_seq",
        )?;
        let mut rows = statement.query([])?;
        let (mut run, mut expected) = ([0; 16], 1);
        let (mut entries, mut sum) = (0, 0_u64);
        while let Some(row) = rows.next()? {
            let next: [u8; 16] = row.get(0)?;
            if next != run {
                (run, expected) = (next, 1);
            }
            let run_seq = row.get::<_, i64>(1)?.cast_unsigned();
            let seq = row.get::<_, i64>(2)?.cast_unsigned();
            if run_seq != expected {
                let what = format!("event {expected} of run {}", run_id(run));
                return Err(mismatch(&what, seq).into());
            }
            expected += 1;
            entries += 1;
            sum = sum.wrapping_add(mixed(&run, run_seq, seq));
        }
        if (entries, sum) == (self.run_events, self.index_sum) {
            Ok(())
        } else {
            Err(mismatch("the index of run events", self.last_seq).into())
        }
    }

    /// Checks every run's row against the last event of its run.
    pub(super) fn check_runs(&self, conn: &Connection) -> Result<(), Fault> {
        let sql = format!(
            "SELECT {}, {} FROM runs r \
             LEFT JOIN events e ON e.run = r.run \
             AND e.run_seq = (SELECT max(run_seq) FROM events WHERE run = r.run) \
             AND EXISTS (SELECT 1 FROM events f WHERE f.seq = r.id \
             AND f.run = r.run AND f.run_seq = 1)",
            StoredRun::COLUMNS,
            Line::COLUMNS
        );
        let mut statement = conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = 0;
        while let Some(row) = rows.next()? {
            let stored = StoredRun::read(row)?;
            if row.get::<_, Option<i64>>(StoredRun::WIDTH)?.is_none() {
                let what = format!("the row of run {}", stored.row.run);
                return Err(mismatch(&what, self.last_seq).into());
            }
            check_run(&stored, &Line::read(row, StoredRun::WIDTH)?)?;
            found += 1;
        }
        self.compare("run", found, self.runs)
    }

    /// Checks that no row stands which no event binds, and the definitions.
    pub(super) fn check_counts(&self, conn: &Connection) -> Result<(), Fault> {
        let count = |table: &str| -> Result<u64, Fault> {
            let sql = format!("SELECT count(*) FROM {table}");
            let count: i64 = conn.query_row(&sql, [], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        };
        self.compare("packet", count("packets")?, self.packets)?;
        self.compare("effect", count("effects")?, self.effects)?;
        let held = count("effects NOT INDEXED WHERE identity IS NOT NULL")?;
        let listed = count("effects INDEXED BY effects_by_identity WHERE identity IS NOT NULL")?;
        self.compare("business identity", listed, held)?;
        self.compare("dead letter", count("dead_letters")?, self.dead_letters)?;
        self.compare("alert", count("alerts")?, self.alerts)?;
        self.compare("definition", count("definitions")?, self.definitions)?;
        let sql = format!(
            "SELECT {}, {} FROM definitions d LEFT JOIN events e ON e.seq = d.seq",
            StoredDefinition::COLUMNS,
            Line::COLUMNS
        );
        let mut statement = conn.prepare(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let stored = StoredDefinition::read(row)?;
            if row
                .get::<_, Option<i64>>(StoredDefinition::WIDTH)?
                .is_none()
            {
                let what = format!("definition {}", stored.digest);
                return Err(mismatch(&what, stored.seq).into());
            }
            stored.check(&Line::read(row, StoredDefinition::WIDTH)?)?;
        }
        Ok(())
    }

    fn compare(&self, what: &str, found: u64, bound: u64) -> Result<(), Fault> {
        if found == bound {
            return Ok(());
        }
        let what = format!("the number of {what} rows ({found}, while {bound} are bound)");
        Err(mismatch(&what, self.last_seq).into())
    }
}

/// Tells whether `line` is what binds this packet's row; a later event may.
fn check_packet(
    conn: &Connection,
    packet: Uuid,
    binding: &Binding<'_>,
    line: &Line,
) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT {} FROM packets p WHERE p.packet = ?1",
        StoredPacket::COLUMNS
    );
    let fields = (StoredPacket::read, |stored: &StoredPacket| stored.seq);
    let Some(stored) = bound(
        conn,
        line,
        &format!("packet {packet}"),
        (&sql, packet.as_bytes()),
        fields,
    )?
    else {
        return Ok(false);
    };
    stored.checked(binding, line)?;
    Ok(true)
}

/// Tells whether `line` is what binds this letter's row; a later event may.
fn check_letter(
    conn: &Connection,
    letter: Uuid,
    binding: &Binding<'_>,
    line: &Line,
) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT {} FROM dead_letters d WHERE d.dead_letter = ?1",
        StoredLetter::COLUMNS
    );
    let fields = (StoredLetter::read, |stored: &StoredLetter| stored.seq);
    let Some(stored) = bound(
        conn,
        line,
        &format!("dead letter {letter}"),
        (&sql, letter.as_bytes()),
        fields,
    )?
    else {
        return Ok(false);
    };
    stored.checked(binding, line)?;
    Ok(true)
}

/// Tells whether `line` is what binds this alert's row; a later event may.
fn check_alert(
    conn: &Connection,
    alert: Uuid,
    binding: &Binding<'_>,
    line: &Line,
) -> Result<bool, Fault> {
    let sql = format!(
        "SELECT {} FROM alerts a WHERE a.alert = ?1",
        StoredAlert::COLUMNS
    );
    let fields = (StoredAlert::read, |stored: &StoredAlert| stored.seq);
    let Some(stored) = bound(
        conn,
        line,
        &format!("alert {alert}"),
        (&sql, alert.as_bytes()),
        fields,
    )?
    else {
        return Ok(false);
    };
    stored.checked(binding, line)?;
    Ok(true)
}

/// Tells whether `line` is what binds this effect's row; a later event may.
fn check_effect(
    conn: &Connection,
    key: &str,
    binding: &Binding<'_>,
    line: &Line,
) -> Result<bool, Fault> {
    let what = format!("effect {key}");
    let digest: Digest = key
        .parse()
        .map_err(|_no_digest| mismatch(&what, line.seq))?;
    let sql = format!(
        "SELECT {} FROM effects f WHERE f.key = ?1",
        StoredEffect::COLUMNS
    );
    let fields = (StoredEffect::read, |stored: &StoredEffect| stored.seq);
    let Some(stored) = bound(conn, line, &what, (&sql, &digest.0), fields)? else {
        return Ok(false);
    };
    stored.check(binding, line)?;
    Ok(true)
}

/// The row `what` that `line` binds; none where a later event does.
///
/// # Errors
/// Where there is no such row, or it says that an earlier event binds it.
fn bound<T>(
    conn: &Connection,
    line: &Line,
    what: &str,
    (sql, id): (&str, &[u8]),
    (read, seq): (
        impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
        impl FnOnce(&T) -> u64,
    ),
) -> Result<Option<T>, Fault> {
    let stored = conn
        .prepare_cached(sql)?
        .query_row([id], read)
        .optional()?
        .ok_or_else(|| mismatch(what, line.seq))?;
    match seq(&stored).cmp(&line.seq) {
        Ordering::Greater => Ok(None),
        Ordering::Equal => Ok(Some(stored)),
        Ordering::Less => Err(mismatch(what, line.seq).into()),
    }
}

fn index_entry(line: &Line) -> u64 {
    match (line.run, line.run_seq) {
        (Some(run), Some(run_seq)) => mixed(run.0.as_bytes(), run_seq, line.seq),
        _ => 0,
    }
}

/// Spreads an index entry over 64 bits (the finaliser of `SplitMix64`), so that sums of entries
/// differ where the entries do.
fn mixed(run: &[u8; 16], run_seq: u64, seq: u64) -> u64 {
    let (high, low) = Uuid::from_bytes(*run).as_u64_pair();
    [high, low, run_seq, seq].iter().fold(0, |sum: u64, part| {
        let mut x = sum.wrapping_add(*part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    })
}
