//! The console as keys and pictures: pure update and view, no terminal, no store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests say what went wrong by panicking"
)]

mod alert_screens;
mod alerts;
mod answers;
mod ascii;
mod audit;
mod audit_screens;
mod budget;
mod dead_letter_screens;
mod dead_letters;
mod dialogs;
mod doubts;
mod edit;
mod edit_screens;
mod hostile;
mod journal;
mod keys;
mod letter_stage;
mod looks;
mod mixtures;
mod queue;
mod reading;
mod run_controls;
mod run_screens;
mod run_stage;
mod runs;
mod screens;
mod settle;
mod stage;
mod stray_keys;
mod terminate;
mod toasts;
mod verdicts;
