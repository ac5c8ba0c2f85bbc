//! The console as keys and pictures: pure update and view, no terminal, no store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests say what went wrong by panicking"
)]

mod audit;
mod audit_screens;
mod journal;
mod queue;
mod screens;
mod stage;
mod verdicts;
