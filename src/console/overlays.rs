//! What lies over the screen: a stack of data. The key goes to the top one.

pub mod deaf;
pub mod edit;
pub mod filter;
pub mod help;
pub mod quit;
pub mod reason;
pub mod verdict;

pub use edit::EditForm;
pub use filter::FilterBar;
pub use help::Help;
pub use reason::ReasonDialog;
pub use verdict::VerdictDialog;

#[derive(Clone, Debug)]
pub enum Overlay {
    Verdict(Box<VerdictDialog>),
    Edit(Box<EditForm>),
    Reason(Box<ReasonDialog>),
    Filter(FilterBar),
    Help(Help),
    /// Asks whether to end although edits were begun and not staged.
    Quit,
}

use crate::console::model::Field;
use crate::console::text::{Line, Mark};

/// A field after `line`, with the cursor where typing goes.
pub fn field_line(line: Line, field: &Field, focused: bool) -> Line {
    let (before, after) = field.halves();
    let line = line.typed(before, Mark::Plain);
    if !focused {
        return line.typed(after, Mark::Plain);
    }
    let mut rest = after.chars();
    match rest.next() {
        Some(under) => line
            .typed(under.encode_utf8(&mut [0; 4]), Mark::Cursor)
            .typed(rest.as_str(), Mark::Plain),
        None => line.say(" ", Mark::Cursor),
    }
}

/// The two buttons of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Cancel,
    Commit,
}

/// The buttons on one line; `chosen` has the keys, and a deaf dialog shows them faint.
pub fn button_line(chosen: Option<Button>, commit: &'static str, deaf: bool) -> Line {
    let mark = |button: Button| match (chosen == Some(button), deaf) {
        (true, _) => Mark::Cursor,
        (false, true) => Mark::Faint,
        (false, false) => Mark::Plain,
    };
    Line::new()
        .say("[ Cancel ]", mark(Button::Cancel))
        .say("   ", Mark::Plain)
        .say(commit, mark(Button::Commit))
}
