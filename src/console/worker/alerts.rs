//! Reads alerts.

use crate::console::message::AlertsNews;
use crate::domain::{AlertId, AlertStatus};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{AlertFilter, StoredEvent};

/// Acknowledged alerts that are listed.
const ACKNOWLEDGED: u32 = 500;

/// Every open alert, as far as a list goes, and those raised last of the acknowledged ones.
pub(super) fn all(handle: &Handle) -> Result<AlertsNews, RuntimeError> {
    let of = |status, newest_first, limit| {
        handle.alerts(&AlertFilter {
            status: Some(status),
            newest_first,
            limit,
            ..AlertFilter::default()
        })
    };
    let mut rows = of(AlertStatus::Open, false, None)?;
    rows.extend(of(AlertStatus::Acknowledged, true, Some(ACKNOWLEDGED))?);
    Ok(AlertsNews { whole: true, rows })
}

/// These alerts, each verified against the journal.
pub(super) fn some(
    handle: &Handle,
    alerts: impl Iterator<Item = AlertId>,
) -> Result<AlertsNews, RuntimeError> {
    let rows = alerts.map(|alert| handle.alert(alert));
    Ok(AlertsNews {
        whole: false,
        rows: rows.collect::<Result<_, _>>()?,
    })
}

/// The alert that an event raises or acknowledges.
pub(super) fn of_event(event: &StoredEvent) -> Option<AlertId> {
    event.body.get("alert")?.as_str()?.parse().ok()
}
