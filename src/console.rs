//! The full-screen console. Must not know SQL, and never waits for anything while it draws.
//!
//! A key travels: `input` → [`mod@update`] (pure: model and message in, requests out) → `worker`
//! (asks [`crate::runtime::Handle`]) → a message back → [`mod@update`] → [`mod@view`] (pure: model
//! in, picture out). `run` is the loop around them.
//!
//! What is never done here: a verdict without a dialog that was drawn, a string of elsewhere drawn
//! in any way but through [`text`], a clock read in [`mod@update`] or [`mod@view`], a key of the
//! panes that stands not in [`keymap`].

pub mod key;
pub mod keymap;
pub mod message;
pub mod model;
pub mod overlays;
pub mod panes;
pub mod request;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;

mod input;
mod run;
mod terminal;
mod worker;

pub use message::Message;
pub use model::Model;
pub use request::Request;
pub use run::{Options, run};
pub use update::update;
pub use view::view;

/// Tells whether an editor that the console started has the terminal: signals are the console's to
/// pass on then.
pub fn terminal_is_lent() -> bool {
    run::terminal_is_lent()
}
