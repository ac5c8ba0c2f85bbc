//! Alerts, and what people are told without having asked.

use std::sync::Arc;

use crate::domain::{Actor, AlertId};
use crate::engine::{Authority, Rejection};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{AlertFilter, StoredNotification};
use crate::views::AlertRow;

impl Handle {
    /// Alerts, the one raised first first.
    pub fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, RuntimeError> {
        Ok(self.shared.store.alerts(filter)?)
    }

    /// Number of open alerts.
    pub fn open_alerts(&self) -> Result<u64, RuntimeError> {
        Ok(self.shared.store.open_alerts()?)
    }

    /// One alert, verified against the journal.
    pub fn alert(&self, alert: AlertId) -> Result<AlertRow, RuntimeError> {
        let found = self.shared.store.alert(alert)?;
        found.ok_or(RuntimeError::NoSuchAlert(alert))
    }

    /// Takes note of an alert; what it held back goes on.
    ///
    /// # Errors
    /// There is no such alert; somebody acknowledged it before; the reason is too long.
    pub async fn acknowledge(
        &self,
        alert: AlertId,
        reason: Option<&str>,
        by: &Actor,
    ) -> Result<AlertRow, RuntimeError> {
        if reason.is_some_and(|reason| reason.len() > crate::domain::limits::REASON_BYTES_MAX) {
            return Err(RuntimeError::Rejected(Rejection::TooLarge {
                what: "the reason".to_owned(),
                limit: crate::domain::limits::REASON_BYTES_MAX,
            }));
        }
        let shared = Arc::clone(&self.shared);
        let reason = reason.map(str::to_owned);
        let by = Authority::from(by);
        // The present is what the machine's clock says, whatever time the journal keeps by itself.
        let at = self.shared.clock.now();
        let done = tokio::task::spawn_blocking(move || {
            shared
                .store
                .acknowledge_alert(alert, at, &by, reason.as_deref())
        })
        .await
        .map_err(|_stopped| RuntimeError::Stopped)??;
        match done {
            None => Err(RuntimeError::NoSuchAlert(alert)),
            Some((row, true)) => Ok(row),
            Some((row, false)) => Err(RuntimeError::AlertAcknowledged {
                alert,
                by: row.acknowledged_by.unwrap_or_default(),
                at: row.acknowledged_at.unwrap_or(row.at),
            }),
        }
    }

    /// Up to `limit` things that nobody was told yet, oldest first. Show them, then take them as
    /// shown with [`Handle::notifications_shown`]: another process may be faster.
    pub fn notifications(&self, limit: u32) -> Result<Vec<StoredNotification>, RuntimeError> {
        Ok(self.shared.store.notifications(limit)?)
    }

    /// Takes these as shown, for every process and after a restart. Answers the ids that this call
    /// was the first to take: only those are to be shown.
    pub async fn notifications_shown(&self, ids: Vec<u64>) -> Result<Vec<u64>, RuntimeError> {
        let shared = Arc::clone(&self.shared);
        let at = self.shared.clock.now();
        let shown = tokio::task::spawn_blocking(move || shared.store.notifications_shown(&ids, at));
        Ok(shown.await.map_err(|_stopped| RuntimeError::Stopped)??)
    }
}
