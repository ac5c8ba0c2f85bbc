//! What can go wrong in the sandbox.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Every way the sandbox fails to start or to act.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error(
        "port {} is in use: end the program that holds {address}, or choose another address with --listen",
        address.port()
    )]
    PortInUse { address: SocketAddr },
    #[error("another sandbox runs in {dir}: end it, or choose another directory with --dir")]
    DirInUse { dir: PathBuf },
    #[error(
        "the sandbox does not listen on {address}: it is no service for others; choose an address of this machine alone, as in 127.0.0.1:0"
    )]
    NotLoopback { address: SocketAddr },
    #[error("cannot listen on {address}: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("cannot use {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("{path} holds no port: delete it, and the next start takes a free one")]
    NotAPort { path: PathBuf },
    #[error("cannot read the faults in {path}: {source}")]
    ReadFaults { path: PathBuf, source: io::Error },
    #[error("{path} is no list of faults: {why}")]
    FaultFile { path: PathBuf, why: String },
    #[error("cannot open the sandbox's database {path}: {source}")]
    Open {
        path: PathBuf,
        source: rusqlite::Error,
    },
    /// The act may or may not be durable; its key tells.
    #[error("the sandbox's database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// One failed commit, told to every act of its group.
    #[error("the sandbox could not commit: {why}")]
    Commit { why: String },
    #[error("the sandbox cannot write its answer: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the shipped vendor register is unreadable: {0}")]
    Register(#[from] csv::Error),
    #[error("cannot start a thread of the sandbox: {0}")]
    Thread(io::Error),
    #[error("the sandbox is stopping")]
    Stopping,
}
