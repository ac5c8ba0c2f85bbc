//! The runtime drives: load, decide, commit, act. [`Handle`] is all that console and commands use.
//!
//! Must not know screens or SQL. A waiting run has no task and no memory here: rows only.

mod apply;
pub mod clock;
mod clock_watch;
mod deadlines;
mod driver;
mod duplicates;
pub mod entropy;
pub mod error;
pub mod handle;
mod library;
mod registry;
mod sendable;
mod set_aside;
mod shared;
mod target_alerts;
mod targets;
mod timekeeper;
mod troubles;
mod watch;

pub use clock::{Clock, SystemClock};
pub use entropy::{Entropy, SystemEntropy};
pub use error::RuntimeError;
pub use handle::{
    Amended, Amendment, Approval, BudgetAnswered, BudgetRequest, DeadLetterDetail, DiscardPreview,
    Drive, EffectLine, EffectMoved, Handle, LastCall, LetterMoved, Options, Overridden, ProbeSaid,
    RedrivePreview, RunDetail, RunMoved, Settlement, Stake, StakeEffect, StartRow, Started,
    TerminatePreview, UnderWay, VerdictRequest, VerdictTaken, WindowMoved, Would,
};
pub use targets::{TargetLimits, TargetSettings};
