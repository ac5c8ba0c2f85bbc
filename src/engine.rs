//! The pure engine: `decide(state, command) -> (events, effect)` and `evolve(state, event) -> state`.
//!
//! No I/O, no async, no clock, no randomness, no hash maps: time, ids and random numbers come in
//! with the command. Only `decide` evaluates expressions; results stand in events. A decision's
//! effect is read off the state it leads to ([`effect_of`]), so it survives any crash.
#![deny(
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_types,
    clippy::arithmetic_side_effects
)]

mod advance;
mod assess;
pub mod carried;
pub mod command;
pub mod dead_letter;
pub mod decide;
mod draft;
mod duplicate;
pub mod effect;
pub mod event;
pub mod evolve;
mod flight;
mod ledger;
mod packet;
pub mod plan;
pub mod probe;
pub mod rejection;
pub mod render;
pub mod replay;
mod retry;
pub mod saga;
pub mod settling;
pub mod state;
mod undo;

pub use command::{BudgetAnswer, Command, Context, DigestPrefix, Envelope};
pub use dead_letter::{DeadLetter, Stuck, StuckAt};
pub use decide::{Decision, decide};
pub use draft::uuid_v7;
pub use effect::{Effect, effect_of};
pub use event::{Authority, CallFailure, Event, FailureClass, Grant, Next, Recorded, Settled};
pub use evolve::{Misfit, evolve};
pub use ledger::Ledger;
pub use rejection::Rejection;
pub use replay::replay;
pub use saga::{Closing, Done, Saga, Undo};
pub use state::{
    ClosedPacket, Leave, Pause, Phase, ReadCall, RetryCall, Review, RunError, RunState, Then,
};
pub use undo::undo_tool;
