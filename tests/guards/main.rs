//! The rules of the house, as tests over the source text.
//!
//! Each guard asserts that it looked at enough, and has a broken twin that it catches.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a guard that cannot read the source must fail loudly"
)]

mod layering;
mod limits;
mod purity;
mod sizes;
mod sources;
mod words;
