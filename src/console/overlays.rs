//! What lies over the screen: a stack of data. The key goes to the top one.

pub mod acknowledge;
pub mod answer;
pub mod budget;
pub mod deaf;
pub mod edit;
pub mod filter;
pub mod help;
pub mod letter;
pub mod panel;
pub mod quit;
pub mod reason;
pub mod scrolled;
pub mod settle;
pub mod terminate;
pub mod verdict;
pub mod walk;

pub use acknowledge::AcknowledgeDialog;
pub use budget::BudgetDialog;
pub use edit::EditForm;
pub use filter::FilterBar;
pub use help::Help;
pub use letter::LetterDialog;
pub use quit::QuitDialog;
pub use reason::ReasonDialog;
pub use settle::SettleDialog;
pub use terminate::TerminateDialog;
pub use verdict::VerdictDialog;
pub use walk::Dialog;

use crate::console::model::Field;
use crate::console::overlays::deaf::Deaf;
use crate::console::overlays::walk::{Spot, Walk};
use crate::console::text::{Line, Mark};

#[derive(Clone, Debug)]
pub enum Overlay {
    Verdict(Box<VerdictDialog>),
    Edit(Box<EditForm>),
    Reason(Box<ReasonDialog>),
    Letter(Box<LetterDialog>),
    Settle(Box<SettleDialog>),
    Budget(Box<BudgetDialog>),
    Acknowledge(Box<AcknowledgeDialog>),
    Terminate(Box<TerminateDialog>),
    Filter(FilterBar),
    Help(Help),
    /// Asks whether to end although edits were begun and not staged.
    Quit(QuitDialog),
}

impl Overlay {
    /// It as a dialog that decides something.
    pub fn dialog(&self) -> Option<&dyn Dialog> {
        match self {
            Self::Verdict(dialog) => Some(dialog.as_ref()),
            Self::Reason(dialog) => Some(dialog.as_ref()),
            Self::Letter(dialog) => Some(dialog.as_ref()),
            Self::Settle(dialog) => Some(dialog.as_ref()),
            Self::Budget(dialog) => Some(dialog.as_ref()),
            Self::Acknowledge(dialog) => Some(dialog.as_ref()),
            Self::Terminate(dialog) => Some(dialog.as_ref()),
            Self::Quit(dialog) => Some(dialog),
            Self::Edit(_) | Self::Filter(_) | Self::Help(_) => None,
        }
    }

    /// It as a dialog that decides something.
    pub fn dialog_mut(&mut self) -> Option<&mut dyn Dialog> {
        match self {
            Self::Verdict(dialog) => Some(dialog.as_mut()),
            Self::Reason(dialog) => Some(dialog.as_mut()),
            Self::Letter(dialog) => Some(dialog.as_mut()),
            Self::Settle(dialog) => Some(dialog.as_mut()),
            Self::Budget(dialog) => Some(dialog.as_mut()),
            Self::Acknowledge(dialog) => Some(dialog.as_mut()),
            Self::Terminate(dialog) => Some(dialog.as_mut()),
            Self::Quit(dialog) => Some(dialog),
            Self::Edit(_) | Self::Filter(_) | Self::Help(_) => None,
        }
    }

    /// Tells whether it is one that hears nothing at first and opened at `at_ms` or later.
    pub fn opened_since(&mut self, at_ms: u64) -> bool {
        self.deaf_mut().is_some_and(|deaf| deaf.opened_since(at_ms))
    }

    /// The time in which it hears nothing, or not the key that counts.
    pub fn deaf_mut(&mut self) -> Option<&mut Deaf> {
        match self {
            Self::Edit(form) => Some(&mut form.deaf),
            other => other.dialog_mut().map(|dialog| &mut dialog.walk_mut().deaf),
        }
    }
}

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

/// The buttons on one line, faint while the dialog is deaf, and below them what is missing or how
/// to go on.
pub fn button_lines(walk: &Walk, commit: &'static str, at_ms: u64) -> [Line; 2] {
    let deaf = walk.deaf.holds(at_ms);
    let mark = |button: Spot| match (walk.spot() == button, deaf) {
        (true, _) => Mark::Cursor,
        (false, true) => Mark::Faint,
        (false, false) => Mark::Plain,
    };
    let buttons = Line::new()
        .say("[ Cancel ]", mark(Spot::Cancel))
        .say("   ", Mark::Plain)
        .say(commit, mark(Spot::Commit));
    let below = match (&walk.missing, deaf) {
        (Some(missing), _) => Line::new().put(missing, Mark::Danger),
        (None, true) => Line::new().say("keys typed this early are ignored", Mark::Faint),
        (None, false) => Line::new().say(
            "tab to the buttons, then y · enter on Cancel leaves · esc leaves",
            Mark::Faint,
        ),
    };
    [buttons, below]
}
