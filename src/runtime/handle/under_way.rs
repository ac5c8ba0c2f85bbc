//! What goes on by itself in the store, whoever left it.

use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{RunId, Timestamp};
use crate::runtime::{Handle, RuntimeError};

/// A run that an executor moves on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    pub run: RunId,
    /// When its retry is due; none where something is to do now.
    pub due: Option<Timestamp>,
    /// Why this process leaves it as it is.
    pub stuck: Option<String>,
}

impl Handle {
    /// Runs that neither wait for a person, a signal or a timer of the workflow, nor are held,
    /// parked or over, up to the limit of a list.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn under_way_in_store(&self) -> Result<Vec<UnderWay>, RuntimeError> {
        let found = self.shared.store.under_way(LIST_ROWS_MAX)?.into_iter();
        let found = found.map(|(run, due)| UnderWay {
            run,
            due,
            stuck: self.shared.troubles.standstill(run),
        });
        Ok(found.collect())
    }
}
