//! The store on real files: given a journal, when something happens, then what stands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test says that something is wrong by panicking"
)]

mod alerts;
mod commits;
mod foreign_schema;
mod given;
mod growth;
mod identities;
mod journal;
mod kill;
mod lease;
mod opening;
mod reads;
mod samples;
mod tampering;
mod threads;
