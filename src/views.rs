//! Pure rows, folded from events, for each pane and list. No SQL, no screens.
#![deny(
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_types,
    clippy::arithmetic_side_effects
)]

pub mod alerts;
pub mod dead_letters;
pub mod fates;
mod identities;
pub mod notifications;
pub mod pursuits;
pub mod queue;
pub mod rows;
pub mod timeline;
pub mod tries;

pub use alerts::AlertRow;
pub use dead_letters::DeadLetterRow;
pub use fates::{EffectFate, UndoCall, Undoing};
pub use notifications::Notification;
pub use pursuits::{Doing, Pursuit};
pub use queue::QueueRow;
pub use rows::{EffectRow, RunRow, ViewRows, rows_of, run_row};
pub use timeline::{StepLine, timeline};
pub use tries::{Came, Try, TryKind, tries};
