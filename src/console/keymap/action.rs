//! What a person can choose to do, by where it is done.

use crate::console::model::Screen;
use crate::console::model::runs::Control;
use crate::domain::Verdict;
use crate::engine::Settled;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Move(Move),
    Go(Go),
    Decide(Verdict),
    /// Opens the form on the state under a packet.
    Edit,
    Run(Control),
    Letter(OnLetter),
    /// Says what became of the effect that a packet asks about.
    Settle(Settled),
    /// Answers a packet that asks for more budget.
    Budget(OnBudget),
    /// Takes note of an alert.
    Acknowledge,
    /// Stops a run for good.
    Terminate,
    List(OnList),
    Journal(OnJournal),
    Whole(Whole),
    Dialog(InDialog),
    Filter(InFilter),
    Keys(InKeys),
    Form(InForm),
}

/// A movement of the cursor, or of what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Down,
    Up,
    First,
    Last,
    HalfDown,
    HalfUp,
    NextSection,
    PreviousSection,
    Section(u8),
}

/// A way to another place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    Open,
    Back,
    OtherPane,
    To(Screen),
    Run,
    Packet,
    Journal,
}

/// What is done about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLetter {
    Redrive,
    Edit,
    Verify,
    Discard,
    Mark,
    MarkAll,
}

/// What is answered to a packet that asks for more budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBudget {
    Raise,
    Stop,
    /// Undo what the run did, then stop.
    Undo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnList {
    Filter,
    Sort,
    Follow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnJournal {
    Verify,
    GoToBad,
    Follow,
}

/// What concerns the screen as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    Zoom,
    Theme,
    Refresh,
    Redraw,
    Palette,
    Help,
    Suspend,
    Quit,
}

/// In a dialog that decides something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InDialog {
    Leave,
    Next,
    Previous,
    Left,
    Right,
    Enter,
    Answer,
    More,
    Less,
    /// The person's own editor, on the field that takes pasted text.
    Editor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFilter {
    Keep,
    Leave,
}

/// In the list of keys and in the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InKeys {
    Run,
    Down,
    Up,
    PageDown,
    PageUp,
    Close,
}

/// In the form that edits a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InForm {
    Next,
    Previous,
    Stage,
    Raw,
    Editor,
    Undo,
    Leave,
    MoreDiff,
    LessDiff,
}
