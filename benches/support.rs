//! What the measurements share: the machine they run on, the program they measure, rows written
//! by hand beside it, and the report they print.

pub(crate) mod exchange;
pub(crate) mod figures;
pub(crate) mod lean;
pub(crate) mod machine;
pub(crate) mod program;
pub(crate) mod pty;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod wal;

/// What may go wrong while measuring: anything, and then the figures are worth nothing.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
