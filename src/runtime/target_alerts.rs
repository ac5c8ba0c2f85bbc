//! Tells people of targets that keep failing: one open alert each.

use serde_json::json;

use crate::domain::{AlertId, AlertKind, AlertStatus};
use crate::engine::uuid_v7;
use crate::runtime::RuntimeError;
use crate::runtime::shared::Shared;
use crate::runtime::targets::Opened;
use crate::views::AlertRow;

impl Shared {
    /// Raises an alert on each target that is newly left alone. What cannot be written down now is
    /// told the next time.
    pub(super) fn tell_of_targets(&self) -> Result<(), RuntimeError> {
        for opened in self.targets.untold() {
            self.store.raise_alert(&self.alert_on(&opened)?)?;
            self.targets.told(&opened);
        }
        Ok(())
    }

    fn alert_on(&self, opened: &Opened) -> Result<AlertRow, RuntimeError> {
        let at = self.now();
        let seed = self.entropy.seed().map_err(RuntimeError::Entropy)?;
        Ok(AlertRow {
            alert: AlertId(uuid_v7(at, &seed)),
            kind: AlertKind::BreakerOpen,
            subject: opened.target.clone(),
            run: None,
            step: None,
            message: message(opened),
            evidence: json!({
                "target": opened.target,
                "base_url": self.connectors.base_url(&opened.target),
                "failures": opened.failures,
                "last": opened.code,
                "until": at.plus_ms(self.targets.ms_until(opened)),
                "open_ms": opened.open_ms,
            }),
            status: AlertStatus::Open,
            at,
            acknowledged_by: None,
            acknowledged_at: None,
            reason: None,
        })
    }
}

fn message(opened: &Opened) -> String {
    let (target, failures) = (&opened.target, opened.failures);
    format!(
        "`{target}` failed {failures} times in a row, at last with {}. It is tried once every {} ms; \
         meanwhile nothing else but probes is sent to it, retries wait, and what has waited for too \
         long becomes a dead letter. All goes on by itself once it answers.",
        opened.code, opened.open_ms
    )
}
