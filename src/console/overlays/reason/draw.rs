//! Draws the dialog that asks for a reason.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::ReasonDialog;
use crate::console::model::Model;

pub fn reason(_model: &Model, _dialog: &ReasonDialog, _buffer: &mut Buffer, _area: Rect) {}
