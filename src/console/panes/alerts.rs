//! Alerts: the list of what a person should look at, and one of them in full.

pub mod detail;
pub mod list;
mod sections;

use crate::console::model::alerts::{Words, is_open};
use crate::console::model::runs::short;
use crate::console::model::{Model, Sheet};
use crate::console::panes::times;
use crate::console::text::{Mark, Shown};
use crate::domain::{PacketStatus, Severity};
use crate::views::AlertRow;

pub use detail::detail;
pub use list::list;

/// Sign, word and look of how grave an alert is; what was acknowledged alarms nobody.
pub fn gravity(row: &AlertRow) -> (&'static str, &'static str, Mark) {
    let (sign, word, mark) = match Words::of(row.kind).severity {
        Severity::Danger => ("!!", "CRIT", Mark::Danger),
        Severity::Warning => ("! ", "WARN", Mark::Warning),
        Severity::Info => (". ", "INFO", Mark::Plain),
    };
    (sign, word, if is_open(row) { mark } else { Mark::Faint })
}

/// What an alert is about: its run's key or the end of its id, else its subject.
pub fn about(model: &Model, row: &AlertRow) -> Shown {
    let Some(run) = row.run else {
        return match row.subject.as_str() {
            "" => Shown::own("-"),
            subject => Shown::of(subject),
        };
    };
    let key = model.runs.row(run).and_then(|row| row.key.clone());
    Shown::of(&key.unwrap_or_else(|| short(run)))
}

/// How far the clock went, as in `+30d00h`.
pub fn jumped(off_ms: i64) -> String {
    let sign = if off_ms < 0 { "-" } else { "+" };
    format!("{sign}{}", times::long(off_ms.saturating_abs()))
}

/// Packets whose review window stands still, and those of them whose window would be over by the
/// clock as it is, among those that were read.
pub fn windows(model: &Model) -> (usize, usize) {
    let open = model.queue.rows();
    let open = open.filter(|row| row.status == PacketStatus::Open);
    let over = open.filter(|row| row.due_at <= model.now).count();
    (model.queue.open(), over)
}

/// Lays an alert out in lines of `width` columns.
pub fn sheet(row: &AlertRow, width: usize, ascii: bool) -> Sheet {
    let mut sheet = Sheet::of_width(width, ascii);
    sections::message(&mut sheet, row);
    sections::held(&mut sheet, row);
    sections::controls(&mut sheet, row);
    sections::evidence(&mut sheet, row);
    sheet
}
