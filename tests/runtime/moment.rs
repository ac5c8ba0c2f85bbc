//! A real store with a moment in it: after an INTENT is durable and before its writer is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::domain::{
    AlertId, DeadLetterId, Digest, Holder, IdempotencyKey, Packet, PacketId, RunId, Timestamp,
    WorkflowName,
};
use countersign::engine::{Authority, Event, RunState};
use countersign::store::{
    Ack, AlertFilter, Commit, DeadLetterFilter, DuePacket, EffectFilter, EventFilter, Fence, Head,
    LeaseInfo, PacketFilter, RunFilter, SqliteStore, Store, StoreError, StoredEvent,
    StoredNotification, VerifyReport,
};
use countersign::views::{AlertRow, DeadLetterRow, EffectRow, RunRow};
use serde_json::Value;

/// What happens in the moment.
pub(crate) type Moment = Arc<dyn Fn() + Send + Sync>;

pub(crate) struct MomentStore {
    pub(crate) inner: SqliteStore,
    pub(crate) moment: Moment,
    /// Says that every token is still the newest: the broken twin of the real one.
    pub(crate) blind: bool,
}

impl Store for MomentStore {
    fn commit(&self, commits: Vec<Commit>) -> Vec<Ack> {
        let intends = commits.iter().any(|commit| {
            let mut events = commit.events.iter();
            events.any(|recorded| matches!(recorded.event, Event::EffectIntended { .. }))
        });
        let acks = self.inner.commit(commits);
        if !intends {
            return acks;
        }
        let held_back = acks.into_iter().map(|ack| {
            let (answer, answered) = tokio::sync::oneshot::channel();
            let moment = Arc::clone(&self.moment);
            std::thread::spawn(move || {
                let durable = ack.blocking_recv().unwrap();
                moment();
                drop(answer.send(durable));
            });
            answered
        });
        held_back.collect()
    }

    fn fence_holds(&self, fence: Fence) -> Result<bool, StoreError> {
        Ok(self.blind || self.inner.fence_holds(fence)?)
    }

    fn load(&self, run: RunId) -> Result<Option<RunState>, StoreError> {
        self.inner.load(run)
    }

    fn run_by_key(&self, workflow: &WorkflowName, key: &str) -> Result<Option<RunId>, StoreError> {
        self.inner.run_by_key(workflow, key)
    }

    fn active_runs(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.inner.active_runs(after, limit)
    }

    fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.inner.due_runs(now, limit)
    }

    fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_timer()
    }

    fn due_packets(
        &self,
        now: Timestamp,
        after: Option<PacketId>,
        limit: u32,
    ) -> Result<Vec<DuePacket>, StoreError> {
        self.inner.due_packets(now, after, limit)
    }

    fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.next_deadline()
    }

    fn lost_before(&self) -> Result<Option<Timestamp>, StoreError> {
        self.inner.lost_before()
    }

    fn set_back_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.inner.set_back_runs(now, limit)
    }

    fn register_definition(
        &self,
        name: &WorkflowName,
        digest: Digest,
        bundle: &Value,
        at: Timestamp,
        by: &Authority,
    ) -> Result<(), StoreError> {
        self.inner.register_definition(name, digest, bundle, at, by)
    }

    fn definition(&self, digest: Digest) -> Result<Option<serde_json::Value>, StoreError> {
        self.inner.definition(digest)
    }

    fn definitions(&self) -> Result<Vec<(WorkflowName, Digest, Timestamp)>, StoreError> {
        self.inner.definitions()
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.inner.runs(filter)
    }

    fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError> {
        self.inner.run(run)
    }

    fn packets(&self, filter: &PacketFilter) -> Result<Vec<Packet>, StoreError> {
        self.inner.packets(filter)
    }

    fn open_packets(&self) -> Result<u64, StoreError> {
        self.inner.open_packets()
    }

    fn packet(&self, packet: PacketId) -> Result<Option<Packet>, StoreError> {
        self.inner.packet(packet)
    }

    fn effects(&self, filter: &EffectFilter) -> Result<Vec<EffectRow>, StoreError> {
        self.inner.effects(filter)
    }

    fn effect(&self, key: IdempotencyKey) -> Result<Option<EffectRow>, StoreError> {
        self.inner.effect(key)
    }

    fn holders(&self, identity: Digest) -> Result<Vec<Holder>, StoreError> {
        self.inner.holders(identity)
    }

    fn dead_letters(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterRow>, StoreError> {
        self.inner.dead_letters(filter)
    }

    fn dead_letter(&self, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, StoreError> {
        self.inner.dead_letter(letter)
    }

    fn raise_alert(&self, alert: &AlertRow) -> Result<AlertId, StoreError> {
        self.inner.raise_alert(alert)
    }

    fn acknowledge_alert(
        &self,
        alert: AlertId,
        at: Timestamp,
        by: &Authority,
        reason: Option<&str>,
    ) -> Result<Option<(AlertRow, bool)>, StoreError> {
        self.inner.acknowledge_alert(alert, at, by, reason)
    }

    fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, StoreError> {
        self.inner.alerts(filter)
    }

    fn open_alerts(&self) -> Result<u64, StoreError> {
        self.inner.open_alerts()
    }

    fn alert(&self, alert: AlertId) -> Result<Option<AlertRow>, StoreError> {
        self.inner.alert(alert)
    }

    fn notifications(&self, limit: u32) -> Result<Vec<StoredNotification>, StoreError> {
        self.inner.notifications(limit)
    }

    fn notifications_shown(&self, ids: &[u64], at: Timestamp) -> Result<Vec<u64>, StoreError> {
        self.inner.notifications_shown(ids, at)
    }

    fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        self.inner.events(filter)
    }

    fn run_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.inner.run_counts()
    }

    fn head(&self) -> Result<Head, StoreError> {
        self.inner.head()
    }

    fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, StoreError> {
        self.inner.verify(progress)
    }

    fn take_lease(&self, at: Timestamp) -> Result<Option<Fence>, StoreError> {
        self.inner.take_lease(at)
    }

    fn release_lease(&self, fence: Fence, at: Timestamp) -> Result<(), StoreError> {
        self.inner.release_lease(fence, at)
    }

    fn lease(&self) -> Result<LeaseInfo, StoreError> {
        self.inner.lease()
    }

    fn data_version(&self) -> Result<i64, StoreError> {
        self.inner.data_version()
    }
}
