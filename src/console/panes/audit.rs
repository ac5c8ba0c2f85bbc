//! Draws the journal.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::Model;

pub fn list(_model: &Model, _buffer: &mut Buffer, _area: Rect) {}

pub fn record(_model: &Model, _buffer: &mut Buffer, _area: Rect) {}
