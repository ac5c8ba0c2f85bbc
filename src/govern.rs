//! Rules: policy, authority, separation of duties. Pure; must not know how a run is stored.
#![deny(
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_types,
    clippy::arithmetic_side_effects
)]

pub mod authority;
pub mod policy;

pub use policy::{Judgement, judge};
