//! Runs: the list, and one of them in full.

pub mod detail;
pub mod doubts;
mod effects;
pub mod fates;
pub mod list;
mod sections;
mod timeline;

use crate::console::message::RunRead;
use crate::console::model::Sheet;
use crate::console::panes::times;
use crate::console::text::Mark;
use crate::domain::{RunStatus, Timestamp};

pub use detail::{detail, trace};
pub use list::list;

/// Sign and look of a status. The word stands beside it.
pub fn status_mark(status: RunStatus) -> (&'static str, Mark) {
    match status {
        RunStatus::DeadLettered => ("!!", Mark::Danger),
        RunStatus::Isolated => ("= ", Mark::Danger),
        RunStatus::Paused => ("= ", Mark::Warning),
        RunStatus::Waiting => ("? ", Mark::Warning),
        RunStatus::Compensating => ("< ", Mark::Info),
        RunStatus::Running => ("> ", Mark::Info),
        RunStatus::Ready => (". ", Mark::Plain),
        RunStatus::Failed | RunStatus::Terminated => ("x ", Mark::Danger),
        RunStatus::Rejected => ("x ", Mark::Plain),
        RunStatus::Succeeded => ("+ ", Mark::Good),
    }
}

/// How long ago, by the minute: nothing is drawn anew for a second.
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    if now.ms_since(then) < 60_000 {
        "<1m".to_owned()
    } else {
        times::ago(then, now)
    }
}

/// Lays a run out in lines of `width` columns.
pub fn sheet(read: &RunRead, width: usize, ascii: bool) -> Sheet {
    let mut sheet = Sheet::of_width(width, ascii);
    sections::facts(&mut sheet, read);
    sections::graph(&mut sheet, read);
    timeline::timeline(&mut sheet, read);
    effects::effects(&mut sheet, read);
    effects::tries(&mut sheet, read);
    sections::state(&mut sheet, read);
    sections::people(&mut sheet, read);
    sections::controls(&mut sheet, read);
    sheet
}

/// Lays out what a reader of its packet wants to know of a run: how it came here, what it did.
pub fn trace_sheet(read: &RunRead, width: usize, ascii: bool) -> Sheet {
    let mut sheet = Sheet::of_width(width, ascii);
    sections::graph(&mut sheet, read);
    timeline::timeline(&mut sheet, read);
    effects::effects(&mut sheet, read);
    effects::tries(&mut sheet, read);
    sections::people(&mut sheet, read);
    sheet
}
