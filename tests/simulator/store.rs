//! One process's view of the disk: the `Store` trait in memory, with a writer that is slow, busy,
//! full, or fails, as the dice say.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::domain::{
    AlertId, AlertStatus, DeadLetterId, Digest, Holder, IdempotencyKey, Packet, PacketId, RunId,
    Timestamp, WorkflowName,
};
use countersign::engine::{Authority, Event, RunState};
use countersign::store::{
    Ack, AlertFilter, Commit, Committed, DeadLetterFilter, DuePacket, EffectFilter, EventFilter,
    Fence, Head, LeaseInfo, PacketFilter, RunFilter, Store, StoreError, StoredEvent,
    StoredNotification, VerifyReport,
};
use countersign::views::{AlertRow, DeadLetterRow, EffectRow, RunRow};
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use crate::dice::Dice;
use crate::disk::{Disk, Rows, stored};
use crate::twin::Twin;

type Answer = oneshot::Sender<Result<Committed, StoreError>>;

/// How the store treats a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Faults in a hundred commits.
    pub(crate) faults: u64,
    /// Acknowledgements in a hundred that come seconds late.
    pub(crate) late: u64,
    /// By so much at least.
    pub(crate) late_ms: u64,
}

impl Weather {
    pub(crate) const CALM: Self = Self {
        faults: 0,
        late: 0,
        late_ms: 0,
    };
}

struct Shared {
    disk: Disk,
    process: u64,
    dice: Dice,
    weather: Weather,
    twin: Option<Twin>,
    queue: Mutex<VecDeque<(Commit, Answer)>>,
    queued: Notify,
    /// An input or output error came.
    broken: AtomicBool,
    /// Acknowledged and not yet written, by the twin that writes late.
    owed: Mutex<Vec<Commit>>,
}

pub(crate) struct SimStore(Arc<Shared>);

impl SimStore {
    /// Must be called inside the life that it is for: its writer ends with that.
    pub(crate) fn open(
        disk: &Disk,
        process: u64,
        dice: Dice,
        weather: Weather,
        twin: Option<Twin>,
    ) -> Self {
        let shared = Arc::new(Shared {
            disk: disk.clone(),
            process,
            dice,
            weather,
            twin,
            queue: Mutex::default(),
            queued: Notify::new(),
            broken: AtomicBool::new(false),
            owed: Mutex::default(),
        });
        let writer = Arc::clone(&shared);
        tokio::spawn(async move { writer.serve().await });
        Self(shared)
    }

    fn read<T>(&self, read: impl FnOnce(&Rows) -> T) -> Result<T, StoreError> {
        if self.0.weather.faults > 0 && self.0.dice.below(400) == 0 {
            return Err(busy());
        }
        Ok(read(&self.0.disk.lock().rows))
    }

    /// The state a process sees first: what the late-writing twin owes counts as written.
    fn state_of(&self, run: RunId) -> Result<Option<RunState>, StoreError> {
        let owed = self.0.owed.lock().unwrap();
        let newest = owed.iter().rev().find(|commit| commit.run == run);
        if let Some(commit) = newest {
            return Ok(Some((*commit.after).clone()));
        }
        drop(owed);
        self.read(|rows| rows.runs.get(&run).map(|(state, _)| (**state).clone()))
    }
}

impl Shared {
    async fn serve(self: Arc<Self>) {
        loop {
            let next = self.queue.lock().unwrap().pop_front();
            match next {
                Some((commit, answer)) => self.write(commit, answer).await,
                None => self.queued.notified().await,
            }
        }
    }

    async fn write(&self, commit: Commit, answer: Answer) {
        if self.broken.load(Ordering::SeqCst) {
            drop(answer.send(Err(broken())));
            return;
        }
        if self.twin == Some(Twin::StateAfterStep) {
            return self.write_late(commit, answer).await;
        }
        tokio::time::sleep(Duration::from_millis(self.dice.below(8))).await;
        if self.dice.chance(self.weather.faults) {
            return self.fail(&commit, answer);
        }
        let commit = match self.twin {
            Some(twin) => twin.spoils(commit),
            None => commit,
        };
        let written = self.disk.apply(&commit);
        if self.twin == Some(Twin::AcknowledgedUnsynced) {
            drop(answer.send(written));
            if self.dice.chance(20) {
                self.disk.sync();
            }
            return;
        }
        // A crash before the sync has lost it; after it, the acknowledgement may never come.
        self.disk.sync();
        if self.dice.chance(self.weather.late) {
            let held_back = intends(&commit) && written.is_ok();
            self.disk.lock().held_back = held_back.then_some(commit.run);
            tokio::time::sleep(Duration::from_millis(
                self.weather.late_ms + self.dice.below(5_000),
            ))
            .await;
            self.disk.lock().held_back = None;
        }
        drop(answer.send(written));
    }

    /// An error is told, and the write stands or not: a failed COMMIT is no "no".
    fn fail(&self, commit: &Commit, answer: Answer) {
        let error = match self.dice.below(4) {
            0 | 1 => busy(),
            2 => StoreError::Full { path: path() },
            _ => {
                self.broken.store(true, Ordering::SeqCst);
                if self.dice.chance(50) && self.disk.apply(commit).is_ok() {
                    self.disk.sync();
                }
                StoreError::CommitUnknown {
                    why: "fsync failed".to_owned(),
                }
            }
        };
        drop(answer.send(Err(error)));
    }

    async fn write_late(&self, commit: Commit, answer: Answer) {
        tokio::time::sleep(Duration::from_millis(self.dice.below(8))).await;
        if intends(&commit) {
            self.owed.lock().unwrap().push(commit);
            drop(answer.send(Ok(Committed { seq: 0 })));
            return;
        }
        let owed = std::mem::take(&mut *self.owed.lock().unwrap());
        for late in &owed {
            drop(self.disk.apply(late));
        }
        let written = self.disk.apply(&commit);
        self.disk.sync();
        drop(answer.send(written));
    }
}

fn intends(commit: &Commit) -> bool {
    commit
        .events
        .iter()
        .any(|recorded| matches!(recorded.event, Event::EffectIntended { .. }))
}

fn path() -> PathBuf {
    PathBuf::from("simulated.db")
}

fn busy() -> StoreError {
    StoreError::Busy { path: path() }
}

fn broken() -> StoreError {
    StoreError::Broken {
        why: "fsync failed".to_owned(),
    }
}

fn page<T>(items: impl Iterator<Item = T>, limit: Option<u32>) -> Vec<T> {
    items.take(limit.unwrap_or(1_000) as usize).collect()
}

fn is<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}

impl Store for SimStore {
    fn commit(&self, commits: Vec<Commit>) -> Vec<Ack> {
        let mut acks = Vec::new();
        for commit in commits {
            let (answer, ack) = oneshot::channel();
            self.0.queue.lock().unwrap().push_back((commit, answer));
            acks.push(ack);
        }
        self.0.queued.notify_one();
        acks
    }

    fn load(&self, run: RunId) -> Result<Option<RunState>, StoreError> {
        self.state_of(run)
    }

    fn run_by_key(&self, workflow: &WorkflowName, key: &str) -> Result<Option<RunId>, StoreError> {
        let named = (workflow.clone(), key.to_owned());
        self.read(|rows| rows.keys.get(&named).copied())
    }

    fn active_runs(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.read(|rows| {
            let skipped = after.map_or(0, |after| {
                rows.order
                    .iter()
                    .position(|run| *run == after)
                    .map_or(0, |at| at + 1)
            });
            let runs = rows.order.iter().skip(skipped).filter(|run| {
                let row = &rows.runs[*run].1;
                row.timer.is_none() && row.status.is_active()
            });
            page(runs.copied(), Some(limit))
        })
    }

    fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.read(|rows| {
            let mut due: Vec<(Timestamp, RunId)> = rows
                .runs
                .values()
                .filter_map(|(_, row)| Some((row.timer.filter(|at| *at <= now)?, row.run)))
                .collect();
            due.sort();
            page(due.into_iter().map(|(_, run)| run), Some(limit))
        })
    }

    fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|rows| rows.runs.values().filter_map(|(_, row)| row.timer).min())
    }

    fn due_packets(
        &self,
        now: Timestamp,
        after: Option<PacketId>,
        limit: u32,
    ) -> Result<Vec<DuePacket>, StoreError> {
        self.read(|rows| {
            let packets = rows.packets.values();
            let mut due: Vec<_> = packets
                .filter_map(|packet| {
                    let deadline = packet.deadline().filter(|deadline| *deadline <= now)?;
                    Some((deadline, packet.run, packet.packet))
                })
                .collect();
            due.sort();
            let from = due.iter().position(|(.., packet)| after == Some(*packet));
            page(
                due.into_iter()
                    .skip(from.map_or(0, |from| from + 1))
                    .map(|(_, run, packet)| DuePacket {
                        run,
                        packet,
                        opened_before: false,
                    }),
                Some(limit),
            )
        })
    }

    fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|rows| rows.packets.values().filter_map(Packet::deadline).min())
    }

    fn lost_before(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }

    fn set_back_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.read(|rows| {
            let runs = rows.runs.values().map(|(_, row)| row);
            let back =
                runs.filter(|row| row.timer.is_some_and(|at| at > now) && row.updated_at > now);
            page(back.map(|row| row.run), Some(limit))
        })
    }

    fn register_definition(
        &self,
        name: &WorkflowName,
        digest: Digest,
        bundle: &Value,
        at: Timestamp,
        _by: &Authority,
    ) -> Result<(), StoreError> {
        let mut inner = self.0.disk.lock();
        if !inner
            .definitions
            .iter()
            .any(|(_, known, ..)| *known == digest)
        {
            inner
                .definitions
                .push((name.clone(), digest, at, bundle.clone()));
        }
        Ok(())
    }

    fn definition(&self, digest: Digest) -> Result<Option<Value>, StoreError> {
        let inner = self.0.disk.lock();
        let found = inner
            .definitions
            .iter()
            .find(|(_, known, ..)| *known == digest);
        Ok(found.map(|(.., bundle)| bundle.clone()))
    }

    fn definitions(&self) -> Result<Vec<(WorkflowName, Digest, Timestamp)>, StoreError> {
        let inner = self.0.disk.lock();
        let known = inner.definitions.iter();
        Ok(known
            .map(|(name, digest, at, _)| (name.clone(), *digest, *at))
            .collect())
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.read(|rows| {
            let listed = rows.order.iter().map(|run| rows.runs[run].1.clone());
            page(
                listed.filter(|row| is(filter.status.as_ref(), &row.status)),
                filter.limit,
            )
        })
    }

    fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError> {
        self.read(|rows| rows.runs.get(&run).map(|(_, row)| row.clone()))
    }

    fn packets(&self, filter: &PacketFilter) -> Result<Vec<Packet>, StoreError> {
        self.read(|rows| {
            let listed = rows.packets.values().filter(|packet| {
                is(filter.status.as_ref(), &packet.status) && is(filter.run.as_ref(), &packet.run)
            });
            page(listed.cloned(), filter.limit)
        })
    }

    fn open_packets(&self) -> Result<u64, StoreError> {
        self.read(|rows| rows.open_packets().len() as u64)
    }

    fn packet(&self, packet: PacketId) -> Result<Option<Packet>, StoreError> {
        self.read(|rows| rows.packets.get(&packet).cloned())
    }

    fn effects(&self, filter: &EffectFilter) -> Result<Vec<EffectRow>, StoreError> {
        self.read(|rows| {
            let listed = rows.effects.values().filter(|effect| {
                is(filter.state.as_ref(), &effect.state) && is(filter.run.as_ref(), &effect.run)
            });
            page(listed.cloned(), filter.limit)
        })
    }

    fn effect(&self, key: IdempotencyKey) -> Result<Option<EffectRow>, StoreError> {
        self.read(|rows| rows.effects.get(&key).cloned())
    }

    fn holders(&self, identity: Digest) -> Result<Vec<Holder>, StoreError> {
        self.read(|rows| {
            let held = rows.effects.values().filter_map(|effect| {
                let found = effect.identity.filter(|held| held.digest == identity)?;
                Some(Holder {
                    identity: found,
                    run: effect.run,
                    key: effect.idempotency_key,
                    state: effect.state,
                    at: effect.updated_at,
                })
            });
            held.collect()
        })
    }

    fn dead_letters(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterRow>, StoreError> {
        self.read(|rows| {
            let listed = rows
                .letters
                .values()
                .filter(|letter| is(filter.status.as_ref(), &letter.status));
            page(listed.cloned(), filter.limit)
        })
    }

    fn dead_letter(&self, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, StoreError> {
        self.read(|rows| rows.letters.get(&letter).cloned())
    }

    fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        self.read(|rows| {
            let numbered = rows.events.iter().zip(1..);
            let listed = numbered.filter(|(event, _)| is(filter.run.as_ref(), &event.run));
            let mut listed: Vec<_> = listed.collect();
            if filter.newest_first {
                listed.reverse();
            }
            let listed = listed.into_iter().map(|(event, seq)| stored(event, seq));
            page(listed, filter.limit)
        })
    }

    fn run_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.read(|rows| {
            let mut counts = BTreeMap::new();
            for (_, row) in rows.runs.values() {
                *counts.entry(row.status.to_string()).or_default() += 1;
            }
            counts
        })
    }

    fn raise_alert(&self, alert: &AlertRow) -> Result<AlertId, StoreError> {
        let mut inner = self.0.disk.lock();
        let open = inner.alerts.iter().find(|row| {
            row.status == AlertStatus::Open
                && row.kind == alert.kind
                && row.subject == alert.subject
        });
        if let Some(open) = open {
            return Ok(open.alert);
        }
        inner.alerts.push(alert.clone());
        Ok(alert.alert)
    }

    fn acknowledge_alert(
        &self,
        alert: AlertId,
        at: Timestamp,
        by: &Authority,
        reason: Option<&str>,
    ) -> Result<Option<(AlertRow, bool)>, StoreError> {
        let mut inner = self.0.disk.lock();
        let Some(row) = inner.alerts.iter_mut().find(|row| row.alert == alert) else {
            return Ok(None);
        };
        let first = row.status == AlertStatus::Open;
        if first {
            row.status = AlertStatus::Acknowledged;
            row.acknowledged_by = Some(by.name.clone());
            row.acknowledged_at = Some(at);
            row.reason = reason.map(str::to_owned);
        }
        Ok(Some((row.clone(), first)))
    }

    fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, StoreError> {
        let inner = self.0.disk.lock();
        let listed = inner
            .alerts
            .iter()
            .filter(|row| is(filter.status.as_ref(), &row.status));
        Ok(page(listed.cloned(), filter.limit))
    }

    fn open_alerts(&self) -> Result<u64, StoreError> {
        let inner = self.0.disk.lock();
        let open = inner
            .alerts
            .iter()
            .filter(|row| row.status == AlertStatus::Open);
        Ok(open.count() as u64)
    }

    fn alert(&self, alert: AlertId) -> Result<Option<AlertRow>, StoreError> {
        let inner = self.0.disk.lock();
        Ok(inner.alerts.iter().find(|row| row.alert == alert).cloned())
    }

    /// Nobody looks at a bell here.
    fn notifications(&self, _limit: u32) -> Result<Vec<StoredNotification>, StoreError> {
        Ok(Vec::new())
    }

    fn notifications_shown(&self, _ids: &[u64], _at: Timestamp) -> Result<Vec<u64>, StoreError> {
        Ok(Vec::new())
    }

    fn head(&self) -> Result<Head, StoreError> {
        self.read(|rows| Head {
            size: rows.events.len() as u64,
            hash: Digest::ZERO,
        })
    }

    fn verify(&self, _progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, StoreError> {
        let head = self.head()?;
        Ok(VerifyReport {
            ok: true,
            events: head.size,
            first_bad_seq: None,
            problem: None,
            head,
            missing_values: countersign::store::MissingValues::default(),
        })
    }

    fn take_lease(&self, _at: Timestamp) -> Result<Option<Fence>, StoreError> {
        let mut inner = self.0.disk.lock();
        if inner.holder.is_some_and(|holder| holder != self.0.process) {
            return Ok(None);
        }
        if inner.holder.is_none() {
            inner.token += 1;
            inner.version += 1;
            inner.holder = Some(self.0.process);
        }
        Ok(Some(Fence(inner.token)))
    }

    fn fence_holds(&self, fence: Fence) -> Result<bool, StoreError> {
        if self.0.broken.load(Ordering::SeqCst) {
            return Err(broken());
        }
        let newest = Fence(self.0.disk.lock().token);
        Ok(fence == newest || self.0.twin == Some(Twin::NoFencing))
    }

    fn stands_at(&self, run: RunId, seq: u64) -> Result<bool, StoreError> {
        if self.0.twin == Some(Twin::SendsAfterStop) {
            return Ok(true);
        }
        Ok(self.load(run)?.is_some_and(|state| state.seq == seq))
    }

    fn release_lease(&self, fence: Fence, _at: Timestamp) -> Result<(), StoreError> {
        let mut inner = self.0.disk.lock();
        if fence != Fence(inner.token) {
            return Err(StoreError::Fenced);
        }
        inner.holder = None;
        Ok(())
    }

    fn lease(&self) -> Result<LeaseInfo, StoreError> {
        let inner = self.0.disk.lock();
        Ok(LeaseInfo {
            token: inner.token,
            pid: None,
            host: None,
            taken_at: None,
            alive: inner.holder.is_some(),
            stopped: false,
        })
    }

    fn data_version(&self) -> Result<i64, StoreError> {
        Ok(self.0.disk.lock().version)
    }
}
