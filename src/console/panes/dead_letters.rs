//! Dead letters: the list of steps that are stuck, and one of them in full.

pub mod detail;
pub mod history;
pub mod list;
pub mod preview;
mod sections;

use crate::console::message::LetterRead;
use crate::console::model::Sheet;
use crate::console::model::dead_letters::Verified;
use crate::console::text::Mark;
use crate::domain::DeadLetterStatus;
use crate::engine::StuckAt;
use crate::views::DeadLetterRow;

pub use detail::detail;
pub use list::list;

/// What is known of the effect that a letter is about, in one word, with its look. A closed one
/// says what became of it.
pub fn standing(row: &DeadLetterRow) -> (&'static str, Mark) {
    match (row.status, row.stuck) {
        (DeadLetterStatus::Redriven, _) => ("redriven", Mark::Faint),
        (DeadLetterStatus::Discarded, _) => ("discarded", Mark::Faint),
        (DeadLetterStatus::Open, StuckAt::Planning) => ("not sent", Mark::Plain),
        (DeadLetterStatus::Open, StuckAt::Reading) => ("only read", Mark::Plain),
        (DeadLetterStatus::Open, StuckAt::NotDone) => ("not done", Mark::Plain),
        (DeadLetterStatus::Open, StuckAt::Refused) => ("refused", Mark::Warning),
        (DeadLetterStatus::Open, StuckAt::Finishing) => ("answered", Mark::Warning),
        (DeadLetterStatus::Open, StuckAt::Unsettled) => ("unknown", Mark::Warning),
        (DeadLetterStatus::Open, StuckAt::Unrecorded) => ("unrecorded", Mark::Warning),
    }
}

/// What a redrive does, by where the step is stuck.
pub fn redrive_words(stuck: StuckAt) -> &'static str {
    match stuck {
        StuckAt::Planning => "The step begins anew: what to send could not be made.",
        StuckAt::Reading => "It is asked again: reading changes nothing.",
        StuckAt::NotDone => {
            "It is sent under the same key while its approval holds: it certainly was not done."
        }
        StuckAt::Refused => "It is judged anew, under a new key: the target refused it.",
        StuckAt::Finishing => "The run goes on with the answer that came: nothing is sent again.",
        StuckAt::Unsettled => "A packet asks a person whether it happened: nothing is sent.",
        StuckAt::Unrecorded => {
            "It is refused: an older program did not record what became of it. Look, then discard."
        }
    }
}

/// Lays a letter out in lines of `width` columns.
pub fn sheet(read: &LetterRead, verified: Option<&Verified>, width: usize, ascii: bool) -> Sheet {
    let mut sheet = Sheet::of_width(width, ascii);
    sections::cause(&mut sheet, read);
    sections::verified(&mut sheet, read, verified);
    sections::calls(&mut sheet, read);
    history::history(&mut sheet, &read.history);
    sections::values(&mut sheet, "INPUT", &read.detail.input);
    sections::values(&mut sheet, "STATE", &read.detail.state);
    sections::recovery(&mut sheet, read);
    sheet
}
