//! The panes: what a list and its details look like.

pub mod alerts;
pub mod audit;
pub mod changes;
pub mod dead_letters;
pub mod details;
pub mod json;
pub mod list;
pub mod packet;
pub mod queue;
pub mod runs;
pub mod times;

use ratatui::layout::Rect;

/// The place for words in the lower border of a box.
pub fn lower_border(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(2),
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(4),
        height: 1,
    }
}
