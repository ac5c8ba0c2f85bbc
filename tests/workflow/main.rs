//! Definitions: what the check says of wrong files, and what right ones compile to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "a test may fail in any way"
)]

mod bundle;
mod files;
mod golden;
mod hostile;
mod limits;
mod purchase_order;
mod right;
mod schema;
mod show;
mod state_schema;
mod toolbox;
