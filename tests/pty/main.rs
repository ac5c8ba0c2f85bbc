//! The console of the real binary in a real terminal: keys in, bytes out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets something unexpected must fail loudly"
)]

#[path = "../support/outside.rs"]
mod outside;

mod arrivals;
mod bell;
mod bytes;
mod closing;
mod colours;
mod dead_letters;
mod demo;
mod editing;
mod editor;
mod resizes;
mod sequences;
mod signals;
mod stale;
mod suspend;
mod terminal;
mod triage;
mod world;
