//! The list of alerts and the one beside it.
//!
//! Open ones come first, the gravest before the others and of these the oldest; below them those
//! that were acknowledged, the newest first.

mod kind;

use std::cmp::Reverse;

use crate::console::model::Sheet;
use crate::console::model::filter::Filtered;
use crate::console::model::open_first::{OpenFirst, Opened};
use crate::domain::{AlertId, AlertKind, AlertStatus, Severity, Timestamp};
use crate::views::AlertRow;

pub use kind::Words;

/// Letters of an id that tell alerts apart: its last ones are random.
const ID_LETTERS: usize = 4;

#[derive(Clone, Debug, Default)]
pub struct Alerts {
    pub rows: OpenFirst<AlertRow>,
    /// The alert that is laid out in the sheet.
    pub laid: Option<AlertId>,
    pub sheet: Sheet,
}

impl Alerts {
    /// The open alert that keeps every review window from passing.
    pub fn clock_jump(&self) -> Option<&AlertRow> {
        let mut open = self.rows.iter().filter(|row| is_open(row));
        open.find(|row| row.kind == AlertKind::ClockJump)
    }
}

impl Opened for AlertRow {
    type Id = AlertId;
    type Place = (
        bool,
        Reverse<Severity>,
        Reverse<Timestamp>,
        Timestamp,
        AlertId,
    );

    fn id(&self) -> AlertId {
        self.alert
    }

    fn is_open(&self) -> bool {
        is_open(self)
    }

    fn place(&self, stays: bool) -> Self::Place {
        let shut = self.acknowledged_at.filter(|_| !stays && !is_open(self));
        let grave = if shut.is_some() {
            Severity::Info
        } else {
            Words::of(self.kind).severity
        };
        (
            shut.is_some(),
            Reverse(grave),
            Reverse(shut.unwrap_or(Timestamp(i64::MAX))),
            self.at,
            self.alert,
        )
    }
}

pub fn is_open(row: &AlertRow) -> bool {
    row.status == AlertStatus::Open
}

/// By how much the clock jumped, in milliseconds; none where the alert does not say.
pub fn off_ms(row: &AlertRow) -> Option<i64> {
    let off_ms = row.evidence.get("off_ms")?.as_i64();
    off_ms.filter(|_| row.kind == AlertKind::ClockJump)
}

/// When it was raised, by the clock as it goes now: an alert about a clock that jumped bears the
/// time from before.
pub fn raised_at(row: &AlertRow) -> Timestamp {
    match off_ms(row) {
        Some(off_ms) if is_open(row) => row.at.plus_ms(off_ms),
        Some(_) | None => row.at,
    }
}

/// The end of an alert's id.
pub fn last_letters(alert: AlertId) -> String {
    let id = alert.to_string();
    let start = id.len().saturating_sub(ID_LETTERS);
    id.get(start..).unwrap_or(&id).to_owned()
}

/// What the alerts can be filtered by.
pub const FIELDS: &[&str] = &["status", "kind", "severity", "about", "run", "by", "alert"];

impl Filtered for AlertRow {
    fn words(&self) -> String {
        let by = self.acknowledged_by.as_deref().unwrap_or_default();
        let kind = Words::of(self.kind).name;
        // Letters in this order are found in every sentence: the message is left out.
        format!("{kind} {} {} {} {by}", self.kind, self.subject, self.status)
    }

    fn values(&self, field: &str) -> Vec<String> {
        match field {
            "status" => vec![self.status.to_string()],
            "kind" => vec![
                self.kind.to_string(),
                Words::of(self.kind).name.replace(' ', "_"),
            ],
            "severity" => vec![Words::of(self.kind).severity.to_string()],
            "about" => vec![self.subject.to_lowercase()],
            "run" => self.run.iter().map(ToString::to_string).collect(),
            "by" => self
                .acknowledged_by
                .iter()
                .map(|by| by.to_lowercase())
                .collect(),
            "alert" => vec![self.alert.to_string()],
            _ => Vec::new(),
        }
    }
}
