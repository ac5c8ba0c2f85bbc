//! Rules: policy, authority, separation of duties. Pure; must not know how a run is stored.

pub mod authority;
pub mod policy;

pub use policy::{Judgement, judge};
