//! Pure rows, folded from events, for each pane and list. No SQL, no screens.

pub mod rows;
pub mod timeline;

pub use rows::{EffectRow, RunRow, ViewRows, rows_of, run_row};
pub use timeline::{StepLine, timeline};
