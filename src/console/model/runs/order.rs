//! In which order runs stand.

use std::cmp::Ordering;

use crate::domain::RunStatus;
use crate::views::RunRow;

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunSort {
    #[default]
    Newest,
    Changed,
    Status,
}

impl RunSort {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Newest => Self::Changed,
            Self::Changed => Self::Status,
            Self::Status => Self::Newest,
        }
    }

    /// Its name, with the direction.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "started ↓",
            Self::Changed => "changed ↓",
            Self::Status => "status ↓",
        }
    }

    pub(super) fn compare(self, a: &RunRow, b: &RunRow) -> Ordering {
        let by = match self {
            Self::Newest => Ordering::Equal,
            Self::Changed => b.updated_at.cmp(&a.updated_at),
            Self::Status => urgency(a.status).cmp(&urgency(b.status)),
        };
        by.then_with(|| b.started_at.cmp(&a.started_at))
            .then_with(|| b.run.cmp(&a.run))
    }
}

/// What wants a person comes first, what is over last.
pub fn urgency(status: RunStatus) -> u8 {
    match status {
        RunStatus::DeadLettered => 0,
        RunStatus::Isolated => 1,
        RunStatus::Paused => 2,
        RunStatus::Waiting => 3,
        RunStatus::Compensating => 4,
        RunStatus::Running => 5,
        RunStatus::Ready => 6,
        RunStatus::Failed => 7,
        RunStatus::Terminated => 8,
        RunStatus::Rejected => 9,
        RunStatus::Succeeded => 10,
    }
}
