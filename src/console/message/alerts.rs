//! What the console is told of alerts.

use crate::views::AlertRow;

/// Rows of the list of alerts.
#[derive(Clone, Debug)]
pub struct AlertsNews {
    /// These are all that are open, and those acknowledged last; otherwise only those that changed.
    pub whole: bool,
    pub rows: Vec<AlertRow>,
}
