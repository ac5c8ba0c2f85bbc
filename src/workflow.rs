//! Definitions: parsing, checking, diagnostics, and the compiled form the engine runs.
//!
//! Must not know runs, clocks or the file system: it is given text and answers values.
//!
//! A file is read into a [`tree`] whose values know their places; [`check()`] walks the tree and
//! reports every mistake; only a tree without errors is compiled into a [`Definition`]. A stored
//! definition takes the same way again, by [`from_bundle`].

mod answer;
mod build;
pub mod check;
pub mod definition;
pub mod diagnostic;
pub mod duration;
pub mod error;
pub mod raw;
pub mod schema;
pub mod shipped;
pub mod show;
pub mod source;
pub mod toolbox;
pub mod tree;

pub use build::from_bundle;
pub use check::{Checked, check};
pub use definition::*;
pub use diagnostic::{Code, Diagnostic, Level, Palette, render};
pub use duration::{format_duration, parse_duration};
pub use error::BundleError;
pub use raw::{json_schema, tool_json_schema};
pub use shipped::{Shipped, shipped};
pub use show::{GraphLine, graph, show};
pub use source::SourceFile;
pub use toolbox::ToolBox;
