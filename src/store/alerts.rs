//! Alerts as they stand, and the two facts of the journal that write them: raised, acknowledged.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::{AlertId, AlertStatus, Digest, Timestamp};
use crate::engine::Authority;
use crate::store::binding::{Binding, mismatch};
use crate::store::canonical::unwritable;
use crate::store::fault::Fault;
use crate::store::filter::Conditions;
use crate::store::journal::{Line, Tip};
use crate::store::notifications;
use crate::store::prepare::store_entry;
use crate::store::row_digest::alert_digest;
use crate::store::salt::{self, Salt};
use crate::store::{AlertFilter, StoreError, written};
use crate::views::{AlertRow, Notification};

const RAISED: &str = "alert_raised";
const ACKNOWLEDGED: &str = "alert_acknowledged";

/// What stands before an alert's id in the name an event binds its row under.
const PREFIX: &str = "alert/";

/// The alert whose row is bound under `name`, if it is one's.
pub(super) fn of_bound_name(name: &str) -> Option<Uuid> {
    Uuid::parse_str(name.strip_prefix(PREFIX)?).ok()
}

/// Raises an alert, unless one of its kind is open on its subject: then answers that one's id.
pub(super) fn raise(conn: &Connection, tip: &mut Tip, row: &AlertRow) -> Result<AlertId, Fault> {
    let open = conn
        .prepare_cached(
            "SELECT alert FROM alerts WHERE kind = ?1 AND subject = ?2 AND status = 'open'",
        )?
        .query_row([row.kind.as_str(), &row.subject], |row| row.get(0))
        .optional()?;
    if let Some(open) = open {
        return Ok(AlertId(Uuid::from_bytes(open)));
    }
    record(conn, tip, (RAISED, row.at, None), row)?;
    notifications::write(conn, &Notification::of_alert(row))?;
    Ok(row.alert)
}

/// Acknowledges an alert; none where there is no such alert, false where somebody had before.
pub(super) fn acknowledge(
    conn: &Connection,
    tip: &mut Tip,
    alert: AlertId,
    (at, by, reason): (Timestamp, &Authority, Option<&str>),
) -> Result<Option<(AlertRow, bool)>, Fault> {
    let Some(mut row) = one(conn, alert)? else {
        return Ok(None);
    };
    if row.status == AlertStatus::Acknowledged {
        return Ok(Some((row, false)));
    }
    row.status = AlertStatus::Acknowledged;
    row.acknowledged_by = Some(by.name.clone());
    row.acknowledged_at = Some(at);
    row.reason = reason.map(str::to_owned);
    record(conn, tip, (ACKNOWLEDGED, at, Some(by)), &row)?;
    Ok(Some((row, true)))
}

/// Writes the event and the row it binds.
fn record(
    conn: &Connection,
    tip: &mut Tip,
    (fact, at, by): (&str, Timestamp, Option<&Authority>),
    row: &AlertRow,
) -> Result<(), Fault> {
    let document = serde_json::to_string(row).map_err(|error| unwritable(&error))?;
    let salt = salt::draw(1)?.into_iter().next().unwrap_or_default();
    let digest = alert_digest(&salt, &document);
    let mut body = Map::new();
    let mut say = |member: &str, text: String| body.insert(member.to_owned(), text.into());
    say("alert", row.alert.to_string());
    say("about", row.kind.to_string());
    if !row.subject.is_empty() {
        say("subject", row.subject.clone());
    }
    if let Some(run) = row.run {
        say("of_run", run.to_string());
    }
    body.insert("rows".to_owned(), bound(row.alert, digest));
    tip.append(conn, &store_entry(fact, at, by, body)?)?;
    let changed = conn
        .prepare_cached(
            "INSERT INTO alerts VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8) \
         ON CONFLICT (alert) DO UPDATE SET seq = excluded.seq, status = excluded.status, \
         salt = excluded.salt, document = excluded.document",
        )?
        .execute(params![
            tip.seq.cast_signed(),
            row.alert.0.as_bytes(),
            row.kind.as_str(),
            row.subject,
            row.run.as_ref().map(|run| run.0.as_bytes().as_slice()),
            row.status.as_str(),
            salt,
            document,
        ])?;
    written::one(changed, "the alert's row", tip.seq.cast_signed())
}

fn bound(alert: AlertId, digest: Digest) -> Value {
    let mut rows = Map::new();
    rows.insert(format!("{PREFIX}{alert}"), digest.to_string().into());
    Value::Object(rows)
}

/// An alert's row with what binds it.
pub(super) struct StoredAlert {
    alert: AlertId,
    pub(super) seq: u64,
    kind: String,
    subject: String,
    status: String,
    salt: Salt,
    document: String,
}

impl StoredAlert {
    pub(super) const COLUMNS: &'static str =
        "a.alert, a.seq, a.kind, a.subject, a.status, a.salt, a.document";
    pub(super) const WIDTH: usize = 7;

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            alert: row.get(0).map(|id| AlertId(Uuid::from_bytes(id)))?,
            seq: row.get::<_, i64>(1)?.cast_unsigned(),
            kind: row.get(2)?,
            subject: row.get(3)?,
            status: row.get(4)?,
            salt: row.get(5)?,
            document: row.get(6)?,
        })
    }

    /// The alert, if its row says what the event at `line` bound.
    pub(super) fn checked(
        &self,
        binding: &Binding<'_>,
        line: &Line,
    ) -> Result<AlertRow, StoreError> {
        let what = format!("alert {}", self.alert);
        let digest = alert_digest(&self.salt, &self.document);
        binding.check(&format!("{PREFIX}{}", self.alert), digest, &what, line)?;
        let row = parse(self.alert, &self.document)?;
        let same = row.alert == self.alert
            && row.kind.as_str() == self.kind
            && row.subject == self.subject
            && row.status.as_str() == self.status;
        if same {
            Ok(row)
        } else {
            Err(mismatch(&what, line.seq))
        }
    }
}

/// Reads one alert and checks it against the journal.
pub(super) fn one(conn: &Connection, alert: AlertId) -> Result<Option<AlertRow>, Fault> {
    let sql = format!(
        "SELECT {}, {} FROM alerts a LEFT JOIN events e ON e.seq = a.seq WHERE a.alert = ?1",
        StoredAlert::COLUMNS,
        Line::COLUMNS
    );
    let found = conn
        .prepare_cached(&sql)?
        .query_row([alert.0.as_bytes()], |row| {
            let stored = StoredAlert::read(row)?;
            let bound = row.get::<_, Option<i64>>(StoredAlert::WIDTH)?.is_some();
            let line = bound.then(|| Line::read(row, StoredAlert::WIDTH));
            Ok((stored, line.transpose()?))
        })
        .optional()?;
    let Some((stored, line)) = found else {
        return Ok(None);
    };
    let what = format!("alert {alert}");
    let line = line.ok_or_else(|| mismatch(&what, stored.seq))?;
    let row = stored.checked(&Binding::of(&line)?, &line)?;
    let outdated = conn
        .prepare_cached(
            "SELECT 1 FROM events WHERE run IS NULL AND seq > ?1 AND instr(body, ?2) > 0 LIMIT 1",
        )?
        .exists(params![
            line.seq.cast_signed(),
            format!("\"{PREFIX}{alert}\":\"")
        ])?;
    if outdated {
        return Err(mismatch(&what, line.seq).into());
    }
    Ok(Some(row))
}

/// Alerts, in the order that the filter asks for.
pub(super) fn list(conn: &Connection, filter: &AlertFilter) -> Result<Vec<AlertRow>, Fault> {
    let mut conditions = Conditions::new();
    match filter.status {
        // The literal lets the index of open alerts serve this.
        Some(AlertStatus::Open) => conditions.fixed("a.status = 'open'"),
        other => conditions.and(
            "a.status = ?",
            other.map(|status| status.as_str().to_owned()),
        ),
    }
    conditions.and(
        "a.kind = ?",
        filter.kind.map(|kind| kind.as_str().to_owned()),
    );
    conditions.and("a.run = ?", filter.run.map(|run| run.0.as_bytes().to_vec()));
    let (behind, order) = if filter.newest_first {
        (
            "a.id < (SELECT id FROM alerts WHERE alert = ?)",
            "a.id DESC",
        )
    } else {
        ("a.id > (SELECT id FROM alerts WHERE alert = ?)", "a.id")
    };
    conditions.and(
        behind,
        filter.after.map(|alert| alert.0.as_bytes().to_vec()),
    );
    let sql = conditions.select(
        "SELECT a.alert, a.document FROM alerts a",
        order,
        filter.limit,
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&conditions.params))?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        let alert = row.get(0).map(|id| AlertId(Uuid::from_bytes(id)))?;
        let document = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        alerts.push(parse(alert, document)?);
    }
    Ok(alerts)
}

/// Number of open alerts.
pub(super) fn open(conn: &Connection) -> Result<u64, Fault> {
    Ok(conn
        .prepare_cached("SELECT count(*) FROM alerts WHERE status = 'open'")?
        .query_row([], |row| row.get::<_, i64>(0))?
        .cast_unsigned())
}

fn parse(alert: AlertId, document: &str) -> Result<AlertRow, StoreError> {
    serde_json::from_str(document).map_err(|error| StoreError::Integrity {
        what: format!("alert {alert} ({error})"),
        seq: 0,
    })
}
