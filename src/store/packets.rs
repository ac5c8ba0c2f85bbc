//! Packets as they stand.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::{Packet, PacketId, PacketStatus, Timestamp};
use crate::store::binding::{Binding, mismatch, refuse_outdated};
use crate::store::decode::packet_id;
use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::{Line, run_id};
use crate::store::row_digest::packet_digest;
use crate::store::salt::Salt;
use crate::store::{DuePacket, PacketFilter, StoreError};

/// A packet's row: what its digest covers, and the columns that repeat it for lists.
pub(super) struct StoredPacket {
    pub(super) packet: PacketId,
    pub(super) seq: u64,
    status: String,
    due_at: i64,
    deadline: Option<i64>,
    flags: String,
    workflow: String,
    salt: Salt,
    document: String,
}

impl StoredPacket {
    pub(super) const COLUMNS: &'static str =
        "p.packet, p.seq, p.status, p.due_at, p.flags, p.workflow, p.salt, p.document, p.deadline";
    pub(super) const WIDTH: usize = 9;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            packet: row.get(0).map(packet_id)?,
            seq: row.get::<_, i64>(1)?.cast_unsigned(),
            status: row.get(2)?,
            due_at: row.get(3)?,
            flags: row.get(4)?,
            workflow: row.get(5)?,
            salt: row.get(6)?,
            document: row.get(7)?,
            deadline: row.get(8)?,
        })
    }

    /// The packet, if its row says what the event at `line` bound.
    pub(super) fn checked(&self, binding: &Binding<'_>, line: &Line) -> Result<Packet, StoreError> {
        let what = format!("packet {}", self.packet);
        let digest = packet_digest(&self.salt, &self.document);
        binding.check(&self.packet.to_string(), digest, &what, line)?;
        let packet = parse(self.packet, &self.document)?;
        let codes: Option<Vec<String>> = serde_json::from_str(&self.flags).ok();
        let same = packet.packet == self.packet
            && Some(packet.run) == line.run
            && packet.status.as_str() == self.status
            && packet.due_at.0 == self.due_at
            && packet.deadline().map(|deadline| deadline.0) == self.deadline
            && packet.workflow.as_str() == self.workflow
            && codes
                .is_some_and(|codes| codes.iter().eq(packet.flags.iter().map(|flag| &flag.code)));
        if same {
            Ok(packet)
        } else {
            Err(mismatch(&what, line.seq))
        }
    }
}

/// Reads one packet and checks it against the journal.
pub(super) fn one(conn: &Connection, packet: PacketId) -> Result<Option<Packet>, Fault> {
    let sql = format!(
        "SELECT {}, {} FROM packets p LEFT JOIN events e ON e.seq = p.seq WHERE p.packet = ?1",
        StoredPacket::COLUMNS,
        Line::COLUMNS
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([packet.0.as_bytes()], |row| {
            let stored = StoredPacket::read(row)?;
            let bound = row.get::<_, Option<i64>>(StoredPacket::WIDTH)?.is_some();
            let line = bound.then(|| Line::read(row, StoredPacket::WIDTH));
            Ok((stored, line.transpose()?))
        })
        .optional()?;
    let Some((stored, line)) = found else {
        return Ok(None);
    };
    let what = format!("packet {packet}");
    let line = line.ok_or_else(|| mismatch(&what, stored.seq))?;
    let checked = stored.checked(&Binding::of(&line)?, &line)?;
    refuse_outdated(conn, checked.run, &line, &packet.to_string(), &what)?;
    Ok(Some(checked))
}

pub(super) fn open(conn: &Connection) -> Result<u64, Fault> {
    // The literal lets the index of open packets serve this.
    Ok(conn
        .prepare_cached("SELECT count(*) FROM packets WHERE status = 'open'")?
        .query_row([], |row| row.get::<_, i64>(0))?
        .cast_unsigned())
}

/// Packets whose window has passed by `now`, in due order.
pub(super) fn due(
    conn: &Connection,
    now: Timestamp,
    after: Option<PacketId>,
    limit: u32,
) -> Result<Vec<DuePacket>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT p.run, p.packet, b.id IS NOT NULL FROM packets p \
         LEFT JOIN opened_before b ON b.id = p.id AND b.due_at = p.due_at \
         WHERE p.deadline IS NOT NULL AND p.deadline <= ?1 AND (?2 IS NULL OR \
           (p.deadline, p.id) > (SELECT deadline, id FROM packets WHERE packet = ?2)) \
         ORDER BY p.deadline, p.id LIMIT ?3",
    )?;
    let after = after.map(|packet| packet.0.as_bytes().to_vec());
    let rows = statement.query_map(params![now.0, after, limit], |row| {
        Ok(DuePacket {
            run: row.get(0).map(run_id)?,
            packet: row.get(1).map(packet_id)?,
            opened_before: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When the next window passes.
pub(super) fn next_deadline(conn: &Connection) -> Result<Option<Timestamp>, Fault> {
    let next: Option<i64> = conn
        .prepare_cached("SELECT min(deadline) FROM packets WHERE deadline IS NOT NULL")?
        .query_row([], |row| row.get(0))?;
    Ok(next.map(Timestamp))
}

/// Open packets first, oldest deadline first.
pub(super) fn list(conn: &Connection, filter: &PacketFilter) -> Result<Vec<Packet>, Fault> {
    let mut conditions = Conditions::new();
    match filter.status {
        // The literal lets the index of open packets serve this.
        Some(PacketStatus::Open) => conditions.fixed("p.status = 'open'"),
        other => conditions.and(
            "p.status = ?",
            other.map(|status| status.as_str().to_owned()),
        ),
    }
    let workflow = filter.workflow.as_ref();
    conditions.and(
        "p.workflow = ?",
        workflow.map(|name| name.as_str().to_owned()),
    );
    let has_flag = "EXISTS (SELECT 1 FROM json_each(p.flags) f WHERE f.value = ?)";
    conditions.and(has_flag, filter.flag.clone());
    let of_run = "p.packet IN (SELECT unhex(replace(b.key, '-', '')) \
         FROM events e, json_each(e.body, '$.rows') b WHERE e.run = ? AND length(b.key) = 36)";
    conditions.and(of_run, filter.run.map(|run| run.0.as_bytes().to_vec()));
    if let Some(after) = filter.after {
        go_on_after(conn, &mut conditions, after, filter.status.is_some())?;
    }
    let order = match filter.status {
        Some(_) => "p.due_at, p.id",
        None => "p.status <> 'open', p.due_at, p.id",
    };
    let sql = conditions.select(
        "SELECT p.packet, p.document FROM packets p",
        order,
        filter.limit,
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&conditions.params))?;
    let mut packets = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0).map(packet_id)?;
        packets.push(parse(
            id,
            row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
        )?);
    }
    Ok(packets)
}

/// Goes on behind `after` in the order of the list, whatever became of it since.
fn go_on_after(
    conn: &Connection,
    conditions: &mut Conditions,
    after: PacketId,
    one_status: bool,
) -> Result<(), Fault> {
    let place = conn
        .prepare_cached("SELECT status <> 'open', due_at, id FROM packets WHERE packet = ?1")?
        .query_row(params![after.0.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((closed, due_at, id)): Option<(i64, i64, i64)> = place else {
        let what = format!("packet {after}");
        return Err(Fault::Told(StoreError::NoSuchRow { what }));
    };
    if one_status {
        conditions.fixed("(p.due_at, p.id) > (?, ?)");
    } else {
        conditions.fixed("(p.status <> 'open', p.due_at, p.id) > (?, ?, ?)");
        conditions.params.push(closed.into());
    }
    conditions.params.extend([due_at.into(), id.into()]);
    Ok(())
}

fn parse(packet: PacketId, document: &str) -> Result<Packet, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::Integrity {
        what: format!("packet {packet} ({error})"),
        seq: 0,
    })
}
