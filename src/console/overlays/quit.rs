//! Asks before edits are lost that were begun and not staged.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::console::model::Model;
use crate::console::overlays::button_lines;
use crate::console::overlays::panel::{columns, panel, shows};
use crate::console::overlays::walk::{Dialog, Walk};
use crate::console::text::{Line, Mark};

/// Deaf for so long after it was seen, in milliseconds.
const DEAD_MS: u64 = 350;

/// The question; it has nothing but its buttons.
#[derive(Clone, Debug)]
pub struct QuitDialog {
    walk: Walk,
}

impl QuitDialog {
    pub fn open(at_ms: u64) -> Self {
        Self {
            walk: Walk::new(0, at_ms, DEAD_MS),
        }
    }
}

impl Dialog for QuitDialog {
    fn walk(&self) -> &Walk {
        &self.walk
    }

    fn walk_mut(&mut self) -> &mut Walk {
        &mut self.walk
    }

    fn lacks(&self) -> Option<Cow<'static, str>> {
        None
    }
}

pub fn draw(model: &Model, dialog: &QuitDialog, buffer: &mut Buffer, screen: Rect) {
    let lines = lines(model, dialog, columns(screen.width));
    let title = Line::new().say(" END THE CONSOLE? ", Mark::Title);
    panel(model, buffer, screen, &title, &lines);
}

/// Tells whether the screen shows all of the dialog: else nothing may be decided in it.
pub fn fits(model: &Model, dialog: &QuitDialog) -> bool {
    shows(model, lines(model, dialog, columns(model.columns)).len())
}

fn lines(model: &Model, dialog: &QuitDialog, width: usize) -> Vec<Line> {
    let said = "Edits that were not staged are lost with the console.";
    let mut lines = Line::new().say(said, Mark::Warning).wrap(width, 0);
    lines.push(Line::new());
    for line in button_lines(&dialog.walk, "[ y  End it ]", model.at_ms) {
        lines.extend(line.wrap(width, 0));
    }
    lines
}
