//! What can go wrong in the store.

use std::path::PathBuf;

use crate::domain::{Digest, IdempotencyKey, RunId};

/// Every way the store says no. Each sentence says what happened, to what, and what to do next.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The run changed since the command was decided: decide again.
    #[error("run {run} changed meanwhile (expected event {expected}, found {found})")]
    Conflict {
        run: RunId,
        expected: u64,
        found: u64,
    },
    /// A run with this workflow and key exists.
    #[error("a run of this workflow with this key exists already: {run}")]
    DuplicateKey { run: RunId },
    /// Another effect holds the business identity of what was to be sent: decide again with that.
    #[error("run {run} stands for the same business act already, by its effect {key}")]
    DuplicateIdentity {
        identity: Digest,
        run: RunId,
        key: IdempotencyKey,
    },
    /// Another process took the executor lease.
    #[error("another process took over the executor lease of this store")]
    Fenced,
    #[error(
        "the store {path} is busy: another process has kept it locked; try again, or end that process"
    )]
    Busy { path: PathBuf },
    #[error("{path} is not a Countersign store: {why}")]
    NotAStore { path: PathBuf, why: String },
    #[error(
        "{path} was written by a newer Countersign (store version {found}, this program knows {known}); use that program"
    )]
    Newer {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    /// Written by a newer program: this one leaves the run alone, and the others go on.
    #[error(
        "run {run} was written by a newer Countersign (event {seq} is a {kind} of version {version}, this program knows versions up to {known}); use that program for it"
    )]
    NewerRun {
        run: RunId,
        seq: u64,
        kind: String,
        version: u32,
        known: u32,
    },
    #[error("cannot open the store {path}: {why}")]
    Open { path: PathBuf, why: String },
    #[error(
        "the disk is full, so the last change was not recorded (what was recorded before stands); free space on the disk of {path} and look before you repeat it"
    )]
    Full { path: PathBuf },
    /// A read or a write failed, and not for want of room.
    #[error("the disk failed under the store {path} ({why}); check the disk, then start again")]
    Disk { path: PathBuf, why: String },
    /// A row does not match the journal, or the journal itself.
    #[error("{what} does not match the journal (event {seq}): run `countersign audit verify`")]
    Integrity { what: String, seq: u64 },
    /// A table, index, trigger or view is missing, foreign or another one.
    #[error(
        "{path} is not as this program made it: {what}; it is read and not written: keep it as it is, run `countersign audit verify`, and put a sound copy back"
    )]
    Schema { path: PathBuf, what: String },
    /// COMMIT failed: whether it is durable is not known until the store was read again.
    #[error("whether this was recorded is not known: {why}; look before you repeat it")]
    CommitUnknown { why: String },
    /// The disk failed under this process.
    #[error(
        "an earlier write or read failed ({why}), so this process records and sends nothing more; check the disk, then start again"
    )]
    Broken { why: String },
    /// A newer head of this store was seen here.
    #[error(
        "{path} is an older copy or was cut off: it ends with event {found}, and event {seen} of this store was seen here; put the newer file back, or take this one as it is with `countersign audit accept --reason WHY`"
    )]
    OlderCopy {
        path: PathBuf,
        found: u64,
        seen: u64,
    },
    /// Another head of this store was seen here.
    #[error(
        "event {seq} of {path} is not the one that was seen here: two copies of one store went on apart; put the other file back, or take this one as it is with `countersign audit accept --reason WHY`"
    )]
    OtherHistory { path: PathBuf, seq: u64 },
    /// The executor lease was never given back, on another machine.
    #[error(
        "process {pid} on host {host} executed for {path} and never gave it back, and this is another host: where that process is certainly gone, take the store over with `countersign audit accept --reason WHY`"
    )]
    ExecutorElsewhere {
        path: PathBuf,
        host: String,
        pid: u32,
    },
    /// Another copy of this store has an executor.
    #[error(
        "another copy of {path} is executed for by a living process: what one of them sends, the other would send again; end that process, and keep one of the two files"
    )]
    CopyExecutes { path: PathBuf },
    #[error("the store failed: {why}")]
    Failed { why: String },
    /// A list was to go on after a row that there is not.
    #[error("{what} is not in this store, so no list can go on after it")]
    NoSuchRow { what: String },
    #[error("the store is closed")]
    Closed,
    #[error("{what} is larger than the limit of {limit} bytes")]
    TooLarge { what: String, limit: usize },
}
