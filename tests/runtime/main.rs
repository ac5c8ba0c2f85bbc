//! The real runtime over a real store, with a target and a clock that do as they are told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says that something is wrong by panicking"
)]

mod breaker;
mod bulkhead;
mod crash;
mod deadlines;
mod duplicates;
mod growth;
mod hold;
mod last_check;
mod lost;
mod moment;
mod outage;
mod races;
mod saga;
mod set_aside;
mod start;
mod target;
mod timers;
mod two_handles;
mod verdicts;
mod world;
