//! Looks for meanings: the 16 colours of the terminal's own palette, so that light and dark
//! terminals stay readable. Colour never carries a meaning alone.

use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

use crate::console::text::Mark;

/// How things look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Without it only bold, dim, underline and reverse are used.
    pub colour: bool,
    /// Borders of `+-|` and no other characters beyond ASCII in this program's own words.
    pub ascii: bool,
}

impl Theme {
    pub fn style(self, mark: Mark) -> Style {
        let style = Style::new();
        match mark {
            Mark::Plain => style,
            Mark::Faint => style.add_modifier(Modifier::DIM),
            Mark::Strong | Mark::Title | Mark::Key => style.add_modifier(Modifier::BOLD),
            Mark::Danger => self.tint(Color::Red).add_modifier(Modifier::BOLD),
            Mark::Warning => self.tint(Color::Yellow),
            Mark::Good => self.tint(Color::Green),
            Mark::Info => self.tint(Color::Cyan),
            Mark::Untrusted => style.add_modifier(Modifier::ITALIC),
            Mark::Cursor => style.add_modifier(Modifier::REVERSED),
        }
    }

    /// A token that stands for a hidden character.
    pub fn token(self) -> Style {
        self.tint(Color::Red).add_modifier(Modifier::REVERSED)
    }

    /// The row under the cursor.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn border(self) -> border::Set<'static> {
        if self.ascii {
            border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            }
        } else {
            border::PLAIN
        }
    }

    fn tint(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }
}
