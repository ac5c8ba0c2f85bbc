//! Runs that this process cannot read or drive: each is set aside, the others go on, and an alert
//! names it. Nothing is written into the journal of such a run: what stands there is in question.

use serde_json::json;

use crate::domain::{AlertId, AlertKind, AlertStatus, RunId};
use crate::engine::uuid_v7;
use crate::runtime::RuntimeError;
use crate::runtime::shared::Shared;
use crate::views::AlertRow;

impl Shared {
    /// Raises an alert for each run that was set aside since the last look.
    pub(super) fn tell_what_is_set_aside(&self) -> Result<(), RuntimeError> {
        let mut failed = Ok(());
        for (run, why) in self.troubles.newly_set_aside() {
            let raised = match &failed {
                Ok(()) => self.raise_of(run, &why),
                Err(error) => Err(RuntimeError::clone(error)),
            };
            if let Err(error) = raised {
                self.troubles.put_back(run, why);
                failed = Err(error);
            }
        }
        failed
    }

    fn raise_of(&self, run: RunId, why: &RuntimeError) -> Result<(), RuntimeError> {
        let at = self.now();
        let seed = self.entropy.seed().map_err(RuntimeError::Entropy)?;
        self.store.raise_alert(&AlertRow {
            alert: AlertId(uuid_v7(at, &seed)),
            kind: AlertKind::RunSetAside,
            subject: run.to_string(),
            run: Some(run),
            step: None,
            message: format!(
                "Run {run} is not driven: {why}. The others go on, and nothing of it is sent."
            ),
            evidence: json!({ "run": run.to_string(), "error": why.to_string() }),
            status: AlertStatus::Open,
            at,
            acknowledged_by: None,
            acknowledged_at: None,
            reason: None,
        })?;
        Ok(())
    }
}
