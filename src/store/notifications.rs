//! What people are told once: kept until it was shown, and for a while after.

use rusqlite::{Connection, Row, params};

use crate::domain::limits::NOTIFICATIONS_KEPT_MAX;
use crate::domain::{RunId, Timestamp};
use crate::store::StoredNotification;
use crate::store::decode::word;
use crate::store::fault::Fault;
use crate::store::journal::run_id;
use crate::views::Notification;

/// Writes one; the oldest ones beyond the limit go, shown or not.
pub(super) fn write(conn: &Connection, notification: &Notification) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO notifications (kind, subject, run, text, at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        notification.kind.as_str(),
        notification.subject,
        notification
            .run
            .as_ref()
            .map(|RunId(run)| run.as_bytes().as_slice()),
        notification.text,
        notification.at.0,
    ])?;
    let newest = conn.last_insert_rowid();
    conn.prepare_cached("DELETE FROM notifications WHERE id <= ?1")?
        .execute([newest.saturating_sub(NOTIFICATIONS_KEPT_MAX)])
        .map(|_| ())
}

/// Those not shown yet, oldest first.
pub(super) fn unshown(conn: &Connection, limit: u32) -> Result<Vec<StoredNotification>, Fault> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, subject, run, text, at FROM notifications \
         WHERE shown_at IS NULL ORDER BY id LIMIT ?1",
    )?;
    let rows = statement.query_map([limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes these as shown; answers those that nobody else had shown before.
pub(super) fn show(conn: &Connection, ids: &[u64], at: Timestamp) -> Result<Vec<u64>, Fault> {
    let mut shown = Vec::with_capacity(ids.len());
    let mut statement = conn.prepare_cached(
        "UPDATE notifications SET shown_at = ?2 WHERE id = ?1 AND shown_at IS NULL",
    )?;
    for id in ids {
        if statement.execute(params![id.cast_signed(), at.0])? > 0 {
            shown.push(*id);
        }
    }
    Ok(shown)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredNotification> {
    Ok(StoredNotification {
        id: row.get::<_, i64>(0)?.cast_unsigned(),
        notification: Notification {
            kind: word(row, 1)?,
            subject: row.get(2)?,
            run: row.get::<_, Option<[u8; 16]>>(3)?.map(run_id),
            text: row.get(4)?,
            at: Timestamp(row.get(5)?),
        },
    })
}
