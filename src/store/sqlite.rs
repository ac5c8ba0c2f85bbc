//! The store on one `SQLite` file.

mod transact;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;

use crate::domain::limits::COMMIT_GROUP_MAX;
use crate::domain::{
    AlertId, DeadLetterId, Digest, Holder, IdempotencyKey, Packet, PacketId, RunId, Timestamp,
    WorkflowName,
};
use crate::engine::{Authority, RunState};
use crate::store::canonical::canonical_text;
use crate::store::connection::Synchronous;
use crate::store::definitions::{self, Registration};
use crate::store::heads::{HeadFile, Heads};
use crate::store::journal::Tip;
use crate::store::lease::{self, Held};
use crate::store::place::Place;
use crate::store::prepare::prepare;
use crate::store::queue::{Queue, Work};
use crate::store::readers::Readers;
use crate::store::standing::Standing;
use crate::store::writer::Writer;
use crate::store::{
    Ack, AlertFilter, Commit, DeadLetterFilter, DuePacket, EffectFilter, EventFilter, Fence, Head,
    LeaseInfo, PacketFilter, RunFilter, Store, StoreError, StoredEvent, StoredNotification,
    VerifyReport, alerts, dead_letters, effects, events, files, notifications, packets, runs,
    verify,
};
use crate::views::{AlertRow, DeadLetterRow, EffectRow, RunRow};

mod accept;
mod leasing;
mod opening;

/// How a store is opened.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// Makes a new store where there is no file, or an empty one.
    pub create: bool,
    pub synchronous: Synchronous,
    /// The directory outside of the store where the newest head of each store is kept, so that an
    /// older copy is told. None keeps none.
    pub heads: Option<PathBuf>,
}

/// A store file, its writer thread and its readers. Dropping it writes what is queued and then
/// closes the file.
pub struct SqliteStore {
    path: PathBuf,
    place: Place,
    standing: Standing,
    /// Where the head of this store is kept, where one was.
    head: Option<HeadFile>,
    /// Where heads are kept at all.
    heads: Option<PathBuf>,
    /// Why no head tells whether this is an older copy, where one was to.
    head_trouble: Option<String>,
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
    readers: Readers,
    held: Mutex<Option<Held>>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the store at `path`.
    ///
    /// # Errors
    /// [`StoreError::Open`] where the file cannot be reached, is a symbolic link or another
    /// user's; [`StoreError::NotAStore`]; [`StoreError::Newer`]; [`StoreError::Busy`].
    pub fn open(path: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let path = files::ready(path, options.create)?;
        let conn = opening::connection(&path, &options)?;
        let standing = Standing::default();
        opening::schema(&path, conn.as_ref(), &standing)?;
        let (head, head_trouble) = opening::head(&path, &options, conn.as_ref(), &standing)?;
        let directory = options.heads.clone();
        let heads = options
            .heads
            .map(|directory| Heads::start(directory, path.clone()));
        let kept = (standing.clone(), heads.transpose()?);
        let writer = Writer::new(path.clone(), options.synchronous, conn, kept)?;
        let queue = Arc::new(Queue::new());
        let served = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer.serve(&served))
            .map_err(|error| StoreError::Open {
                path: path.clone(),
                why: format!("its writer thread cannot start: {error}"),
            })?;
        Ok(Self {
            readers: Readers::new(path.clone(), standing.clone()),
            standing,
            head,
            heads: directory,
            head_trouble,
            place: Place::of(&path)?,
            path,
            queue,
            writer: Some(thread),
            held: Mutex::new(None),
        })
    }

    /// The store's file, its directory resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns once the head of the last commit is kept outside the store, where one is kept at
    /// all. Asked for before the process ends, which waits for no thread.
    pub fn keep_head(&self) {
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let alone = move |writer: &mut Writer| {
            writer.keep_head();
            // The caller waits below; it can be gone only if its thread was.
            let _gone = answer.send(());
        };
        if self.queue.push(Work::Alone(Box::new(alone))).is_ok() {
            // A writer that is gone keeps nothing more.
            let _gone = answered.recv();
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.readers.close();
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was reported by its thread; its answers went out as closed.
            drop(writer.join());
        }
    }
}

impl Store for SqliteStore {
    fn commit(&self, commits: Vec<Commit>) -> Vec<Ack> {
        let mut acks = Vec::with_capacity(commits.len());
        let mut group = Vec::with_capacity(commits.len().min(COMMIT_GROUP_MAX));
        for commit in commits {
            let (answer, ack) = tokio::sync::oneshot::channel();
            acks.push(ack);
            match prepare(commit) {
                Ok(prepared) => group.push((prepared, answer)),
                Err(error) => drop(answer.send(Err(error))),
            }
            if group.len() == COMMIT_GROUP_MAX {
                self.push(std::mem::take(&mut group));
            }
        }
        self.push(group);
        acks
    }

    fn load(&self, run: RunId) -> Result<Option<RunState>, StoreError> {
        self.readers.with(|conn| runs::load(conn, run))
    }

    fn run_by_key(&self, workflow: &WorkflowName, key: &str) -> Result<Option<RunId>, StoreError> {
        self.readers.with(|conn| runs::by_key(conn, workflow, key))
    }

    fn active_runs(&self, after: Option<RunId>, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.readers.with(|conn| runs::active(conn, after, limit))
    }

    fn under_way(&self, limit: u32) -> Result<Vec<(RunId, Option<Timestamp>)>, StoreError> {
        self.readers
            .with_snapshot(|conn| runs::under_way(conn, limit))
    }

    fn due_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.readers.with(|conn| runs::due(conn, now, limit))
    }

    fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.with(runs::next_timer)
    }

    fn due_packets(
        &self,
        now: Timestamp,
        after: Option<PacketId>,
        limit: u32,
    ) -> Result<Vec<DuePacket>, StoreError> {
        self.readers
            .with(|conn| packets::due(conn, now, after, limit))
    }

    fn next_deadline(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.with(packets::next_deadline)
    }

    fn lost_before(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers.with(accept::lost_before)
    }

    fn set_back_runs(&self, now: Timestamp, limit: u32) -> Result<Vec<RunId>, StoreError> {
        self.readers.with(|conn| runs::set_back(conn, now, limit))
    }

    fn register_definition(
        &self,
        name: &WorkflowName,
        digest: Digest,
        bundle: &Value,
        at: Timestamp,
        by: &Authority,
    ) -> Result<(), StoreError> {
        if self
            .readers
            .with(|conn| definitions::is_known(conn, digest))?
        {
            return Ok(());
        }
        let registration = Registration {
            name: name.clone(),
            digest,
            bundle: canonical_text(bundle)?,
            at,
            by: by.clone(),
        };
        self.transact(at, move |conn, tip| {
            definitions::register(conn, tip, &registration)
        })
    }

    fn definition(&self, digest: Digest) -> Result<Option<Value>, StoreError> {
        self.readers.with(|conn| definitions::one(conn, digest))
    }

    fn definitions(&self) -> Result<Vec<(WorkflowName, Digest, Timestamp)>, StoreError> {
        self.readers.with(definitions::list)
    }

    fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, StoreError> {
        self.readers.with(|conn| runs::list(conn, filter))
    }

    fn run(&self, run: RunId) -> Result<Option<RunRow>, StoreError> {
        self.readers.with(|conn| runs::one(conn, run))
    }

    fn packets(&self, filter: &PacketFilter) -> Result<Vec<Packet>, StoreError> {
        self.readers
            .with_snapshot(|conn| packets::list(conn, filter))
    }

    fn open_packets(&self) -> Result<u64, StoreError> {
        self.readers.with(packets::open)
    }

    fn packet(&self, packet: PacketId) -> Result<Option<Packet>, StoreError> {
        self.readers
            .with_snapshot(|conn| packets::one(conn, packet))
    }

    fn effects(&self, filter: &EffectFilter) -> Result<Vec<EffectRow>, StoreError> {
        self.readers.with(|conn| effects::list(conn, filter))
    }

    fn effect(&self, key: IdempotencyKey) -> Result<Option<EffectRow>, StoreError> {
        self.readers.with_snapshot(|conn| effects::one(conn, key))
    }

    fn holders(&self, identity: Digest) -> Result<Vec<Holder>, StoreError> {
        self.readers
            .with_snapshot(|conn| effects::holders(conn, identity))
    }

    fn dead_letters(&self, filter: &DeadLetterFilter) -> Result<Vec<DeadLetterRow>, StoreError> {
        self.readers.with(|conn| dead_letters::list(conn, filter))
    }

    fn dead_letter(&self, letter: DeadLetterId) -> Result<Option<DeadLetterRow>, StoreError> {
        self.readers
            .with_snapshot(|conn| dead_letters::one(conn, letter))
    }

    fn raise_alert(&self, alert: &AlertRow) -> Result<AlertId, StoreError> {
        let row = alert.clone();
        self.transact(alert.at, move |conn, tip| alerts::raise(conn, tip, &row))
    }

    fn acknowledge_alert(
        &self,
        alert: AlertId,
        at: Timestamp,
        by: &Authority,
        reason: Option<&str>,
    ) -> Result<Option<(AlertRow, bool)>, StoreError> {
        let (by, reason) = (by.clone(), reason.map(str::to_owned));
        self.transact(at, move |conn, tip| {
            alerts::acknowledge(conn, tip, alert, (at, &by, reason.as_deref()))
        })
    }

    fn alerts(&self, filter: &AlertFilter) -> Result<Vec<AlertRow>, StoreError> {
        self.readers.with(|conn| alerts::list(conn, filter))
    }

    fn open_alerts(&self) -> Result<u64, StoreError> {
        self.readers.with(alerts::open)
    }

    fn alert(&self, alert: AlertId) -> Result<Option<AlertRow>, StoreError> {
        self.readers.with_snapshot(|conn| alerts::one(conn, alert))
    }

    fn notifications(&self, limit: u32) -> Result<Vec<StoredNotification>, StoreError> {
        self.readers
            .with(|conn| notifications::unshown(conn, limit))
    }

    fn notifications_shown(&self, ids: &[u64], at: Timestamp) -> Result<Vec<u64>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = ids.to_vec();
        self.transact(at, move |conn, _| notifications::show(conn, &ids, at))
    }

    fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, StoreError> {
        self.readers.with(|conn| events::list(conn, filter))
    }

    fn run_counts(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        self.readers.with(runs::counts)
    }

    fn head(&self) -> Result<Head, StoreError> {
        self.readers.with(|conn| Ok(Tip::read(conn)?.head()))
    }

    fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, StoreError> {
        self.readers
            .with_snapshot(|conn| verify::whole(conn, progress))
    }

    fn take_lease(&self, at: Timestamp) -> Result<Option<Fence>, StoreError> {
        self.lease_taken(at)
    }

    fn fence_holds(&self, fence: Fence) -> Result<bool, StoreError> {
        self.standing.check()?;
        self.readers
            .with(|conn| Ok(lease::fence_stands(conn, fence)?))
    }

    fn stands_at(&self, run: RunId, seq: u64) -> Result<bool, StoreError> {
        self.readers
            .with(|conn| Ok(runs::stands_at(conn, run, seq)?))
    }

    fn release_lease(&self, fence: Fence, at: Timestamp) -> Result<(), StoreError> {
        self.lease_given_back(fence, at)
    }

    fn lease(&self) -> Result<LeaseInfo, StoreError> {
        self.lease_as_it_stands()
    }

    fn data_version(&self) -> Result<i64, StoreError> {
        self.place.check()?;
        self.readers.data_version()
    }
}
