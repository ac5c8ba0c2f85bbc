//! The engine as a specification: given a run's events, when a command comes, then these events
//! and this effect, or this rejection.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says that something is wrong by panicking"
)]

mod people;
mod story;
mod workflows;

mod amend_packet;
mod budget_money;
mod budgets;
mod compensate;
mod complete_call;
mod crash;
mod dead_letters;
mod deliver_signal;
mod digests;
mod escalate_packet;
mod expire_packet;
mod fail_call;
mod fire_timer;
mod gates;
mod give_up;
mod give_verdict;
mod identity;
mod override_value;
mod pause_run;
mod policy;
mod proceed;
mod random;
mod record_refusal;
mod recover;
mod resolve_budget;
mod resume_run;
mod settle_effect;
mod start_run;
mod terminate_run;
mod tries;
mod views;
mod writes;
