//! The only way from a string of elsewhere to the screen.
//!
//! A [`Shown`] is text whose hidden characters have become visible tokens; a [`Line`] is made of
//! such texts and of this program's own words, each with a [`Mark`] that says what it means. Lines
//! that are laid out one below the other stand behind a [`margin`] with a bar wherever one has text
//! of elsewhere. Only [`draw`] hands characters to a terminal's buffer, and it takes nothing but
//! lines.

mod ascii;
pub mod draw;
pub mod line;
pub mod margin;
pub mod shown;

pub use line::{Line, Mark};
pub use margin::MARGIN;
pub use shown::Shown;
