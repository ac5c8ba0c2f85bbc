//! Draws the runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::Model;

pub fn list(_model: &Model, _buffer: &mut Buffer, _area: Rect) {}

pub fn detail(_model: &Model, _buffer: &mut Buffer, _area: Rect) {}
