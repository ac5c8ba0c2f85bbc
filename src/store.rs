//! The store: `SQLite` behind one narrow trait. Must not know HTTP or screens.

mod alerts;
mod apply;
mod binding;
mod canonical;
mod codec;
mod connection;
mod copier;
mod copies;
mod dead_letters;
mod decode;
mod definitions;
mod disk;
mod effects;
pub mod error;
mod events;
mod fault;
mod files;
mod filter;
mod genesis;
mod heads;
mod journal;
mod lease;
mod lift;
mod migrate;
mod notifications;
mod packets;
mod place;
mod prepare;
mod queue;
mod readers;
pub mod records;
mod row_digest;
mod runs;
mod salt;
mod schema;
mod sqlite;
mod standing;
mod unlisted;
mod unwritable;
mod values;
mod verify;
mod write_effects;
mod writer;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{
    AlertId, DeadLetterId, Digest, Holder, IdempotencyKey, Packet, PacketId, RunId, RunStatus,
    Timestamp, WorkflowName,
};
use crate::engine::RunState;
use crate::views::{AlertRow, DeadLetterRow, EffectRow, RunRow};

pub use connection::Synchronous;
pub use error::StoreError;
pub use records::{
    AlertFilter, Commit, Committed, DeadLetterFilter, EffectFilter, EventFilter, Fence, Head,
    LeaseInfo, MissingValues, PacketFilter, RunFilter, StoredEvent, StoredNotification,
    VerifyReport,
};
pub use sqlite::{OpenOptions, SqliteStore};

/// Resolves once the commit is durable, or was refused. Await it or block on it.
pub type Ack = tokio::sync::oneshot::Receiver<Result<Committed, StoreError>>;

/// A packet whose review window has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuePacket {
    pub run: RunId,
    pub packet: PacketId,
    /// This window began under a program in which no window acted.
    pub opened_before: bool,
}

/// Everything the runtime needs of a store. Reads may block for the time of a row look-up; they
/// never wait for the writer.
pub trait Store: Send + Sync + 'static {
    /// Queues commands for one group; each stands or falls alone. Blocks only while the queue is full.
    fn commit(&self, commits: Vec<Commit>) -> Vec<Ack>;

    /// The current state of a run, verified against the journal's last event of it.
    fn load(&self, run: RunId) -> Result<Option<RunState>, StoreError>;
    fn run_by_key(&self, workflow: &WorkflowName, key: &str) -> Result<Option<RunId>, StoreError>;
    /// Runs an executor has something to do for now, oldest first.
    fn active_runs(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunId>, StoreError>;
    /// Runs that an executor moves on by itself, and from when on: now, or at a retry's time. Oldest
    /// due first.
    fn under_way(&self, limit: u32) -> Result<Vec<(RunId, Option<Timestamp>)>, StoreError> {
        let now = self.active_runs(None, limit)?.into_iter();
        let mut found: Vec<_> = now.map(|run| (run, None)).collect();
        for run in self.due_runs(Timestamp(i64::MAX), limit)? {
            let row = self.run(run)?;
            let goes_on = |status: RunStatus| status.is_active() || status == RunStatus::Terminated;
            found.extend(
                row.filter(|row| goes_on(row.status))
                    .map(|row| (run, row.timer)),
            );
        }
        Ok(found)
    }
    /// Runs whose timer is due at or before `now`, in due order.
    fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError>;
    /// The time of the earliest timer.
    fn next_timer(&self) -> Result<Option<Timestamp>, StoreError>;

    /// Packets whose review window has passed by `now`, in due order.
    /// `after` is one of an earlier page that is still due.
    fn due_packets(
        &self,
        now: Timestamp,
        after: Option<PacketId>,
        limit: u32,
    ) -> Result<Vec<DuePacket>, StoreError>;
    /// When the next review window passes.
    fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError>;
    /// When a person last took an older copy of this store as it is: what runs that started before
    /// then have sent is not known.
    fn lost_before(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Runs that wait for a time and whose last event lies after `now`, oldest first: the clock
    /// they wait by went back.
    fn set_back_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError>;

    /// Registers a definition's bundle under its digest; writes a journal event the first time.
    #[expect(
        clippy::too_many_arguments,
        reason = "name, digest, bundle, time and authority are all there is to say of it"
    )]
    fn register_definition(
        &self,
        name: &WorkflowName,
        digest: Digest,
        bundle: &serde_json::Value,
        at: Timestamp,
        by: &crate::engine::Authority,
    ) -> Result<(), StoreError>;
    fn definition(&self, digest: Digest) -> Result<Option<serde_json::Value>, StoreError>;
    /// Every registered definition, latest registration last.
    fn definitions(&self) -> Result<Vec<(WorkflowName, Digest, Timestamp)>, StoreError>;

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError>;
    fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError>;
    /// Open packets first, oldest deadline first.
    fn packets(&self, filter: &PacketFilter) -> Result<Vec<Packet>, StoreError>;
    /// Number of open packets, however many a list returns.
    fn open_packets(&self) -> Result<u64, StoreError>;
    /// One packet as it stands, verified against the journal.
    fn packet(&self, packet: PacketId) -> Result<Option<Packet>, StoreError>;
    fn effects(&self, filter: &EffectFilter) -> Result<Vec<EffectRow>, StoreError>;
    fn effect(&self, key: IdempotencyKey) -> Result<Option<EffectRow>, StoreError>;
    /// Every effect that holds a business identity of this digest, verified against the journal.
    fn holders(&self, identity: Digest) -> Result<Vec<Holder>, StoreError>;
    /// Parked steps, the one parked first first.
    fn dead_letters(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterRow>, StoreError>;
    /// One dead letter as it stands, verified against the journal.
    fn dead_letter(&self, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, StoreError>;
    /// Raises an alert, unless one of its kind is open on its subject; answers the open one's id.
    fn raise_alert(&self, alert: &AlertRow) -> Result<AlertId, StoreError>;
    /// Acknowledges an alert; none where there is none, false where it was acknowledged before.
    fn acknowledge_alert(
        &self,
        alert: AlertId,
        at: Timestamp,
        by: &crate::engine::Authority,
        reason: Option<&str>,
    ) -> Result<Option<(AlertRow, bool)>, StoreError>;
    /// Alerts, the one raised first first.
    fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, StoreError>;
    /// Number of open alerts.
    fn open_alerts(&self) -> Result<u64, StoreError>;
    /// One alert as it stands, verified against the journal.
    fn alert(&self, alert: AlertId) -> Result<Option<AlertRow>, StoreError>;
    /// What nobody was told yet, oldest first.
    fn notifications(&self, limit: u32) -> Result<Vec<StoredNotification>, StoreError>;
    /// Takes these as shown; answers those that nobody had taken before.
    fn notifications_shown(&self, ids: &[u64], at: Timestamp) -> Result<Vec<u64>, StoreError>;
    fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError>;
    /// Number of runs by status word.
    fn run_counts(&self) -> Result<BTreeMap<String, u64>, StoreError>;

    fn head(&self) -> Result<Head, StoreError>;
    /// Recomputes the whole chain, the commitments of the values that still exist, and the state
    /// rows; `progress` is told (done, total).
    fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, StoreError>;

    /// Takes the executor lease if no living process holds it: the operating-system lock, then a
    /// new fencing token. `None` where another process holds the lock. Verifies the chain's tail
    /// since the last checkpoint first.
    fn take_lease(&self, at: Timestamp) -> Result<Option<Fence>, StoreError>;
    /// Tells whether the token is still the newest, read from the store. Refused once this process
    /// met an input or output error: it may send nothing more.
    fn fence_holds(&self, fence: Fence) -> Result<bool, StoreError>;
    /// Tells whether event `seq` is still the newest of this run, read from the store.
    fn stands_at(&self, run: RunId, seq: u64) -> Result<bool, StoreError> {
        Ok(self.load(run)?.is_some_and(|state| state.seq == seq))
    }
    /// Writes a checkpoint and gives the lease back.
    fn release_lease(&self, fence: Fence, at: Timestamp) -> Result<(), StoreError>;
    /// Who executes for this store, as last recorded; `alive` tells whether the lock is held now.
    fn lease(&self) -> Result<LeaseInfo, StoreError>;
    /// A number that changes whenever any process committed.
    fn data_version(&self) -> Result<i64, StoreError>;
}

/// A store shared by tasks.
pub type SharedStore = Arc<dyn Store>;
