//! What can go wrong between a command and its answer.

use crate::domain::{AlertId, DeadLetterId, PacketId, RunId, Timestamp};
use crate::engine::Rejection;
use crate::store::StoreError;

/// Every way the runtime says no.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("there is no run {0}: `countersign runs list` shows those there are")]
    NoSuchRun(RunId),
    #[error("there is no packet {0}: `countersign packets list` shows those there are")]
    NoSuchPacket(PacketId),
    #[error("there is no dead letter {0}: `countersign dead-letters list` shows those there are")]
    NoSuchDeadLetter(DeadLetterId),
    #[error(
        "there is no effect with the key {0}: `countersign effects list` shows those there are"
    )]
    NoSuchEffect(String),
    #[error("there is no alert {0}: `countersign alerts list` shows those there are")]
    NoSuchAlert(AlertId),
    #[error("alert {alert} was already acknowledged by {by} at {at}")]
    AlertAcknowledged {
        alert: AlertId,
        by: String,
        at: Timestamp,
    },
    #[error("there is no workflow `{0}`: `countersign workflow list` shows those there are")]
    NoSuchWorkflow(String),
    /// The engine refused; recorded where the run exists.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("run {run} kept changing while the command was decided; try again")]
    TooManyConflicts { run: RunId },
    #[error(
        "the workflow definition {digest} cannot be used: {why}; runs pinned to it stand still"
    )]
    Definition { digest: String, why: String },
    #[error("the system gives no random bytes: {0}")]
    Entropy(String),
    #[error("the runtime has been shut down")]
    Stopped,
}
