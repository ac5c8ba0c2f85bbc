//! The real binary, as people and scripts run it.

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

mod actors;
mod alerts;
mod audit;
mod boundaries;
mod budget;
mod copies;
mod dead_letters;
mod demo;
mod duplicates;
mod extraction;
mod files;
mod hangs;
mod kill;
mod left_behind;
mod misuse;
mod packets;
mod permissions;
mod pipes;
mod refusals;
mod rows;
mod runs;
mod signals;
mod terminate;
mod two_processes;
mod unknown;
mod verdicts;
mod windows;
mod workflows;
mod world;
