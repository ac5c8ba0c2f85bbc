//! What can be looked up. Reads never wait for the writer.

use std::sync::Arc;

use crate::domain::{Digest, IdempotencyKey, Packet, PacketId, RunId};
use crate::engine::Recorded;
use crate::runtime::{EffectLine, Handle, RunDetail, RuntimeError};
use crate::store::{
    EffectFilter, EventFilter, Head, LeaseInfo, PacketFilter, RunFilter, StoredEvent, VerifyReport,
};
use crate::views::pursuits::pursuit_of;
use crate::views::{EffectRow, RunRow, Try, run_row, timeline, tries};
use crate::workflow::Definition;

impl Handle {
    pub fn runs(&self, filter: &RunFilter) -> Result<Vec<RunRow>, RuntimeError> {
        Ok(self.shared.store.runs(filter)?)
    }

    /// Everything about one run, its state verified against the journal.
    pub fn run(&self, run: RunId) -> Result<RunDetail, RuntimeError> {
        let state = self.shared.load(run)?;
        let filter = EventFilter {
            run: Some(run),
            ..EventFilter::default()
        };
        let events: Vec<Recorded> = self
            .shared
            .store
            .events(&filter)?
            .iter()
            .filter_map(|stored| stored.recorded().transpose())
            .collect::<Result<_, _>>()?;
        let effects = self.shared.store.effects(&EffectFilter {
            run: Some(run),
            ..EffectFilter::default()
        })?;
        // A run stays readable where its definition is not.
        let definition = self.shared.library.pinned(state.definition).ok();
        Ok(RunDetail {
            row: run_row(&state),
            definition: state.definition,
            error: state.error.clone(),
            state: state.state.as_ref().clone(),
            state_version: state.state_version,
            packet: state.packet.as_ref().map(|packet| packet.packet),
            steps: timeline(&events),
            effects: effects.into_iter().map(effect_line).collect(),
            pursuit: pursuit_of(&state, definition.as_deref(), self.shared.now()),
        })
    }

    /// One line of the run list; none where there is no such run.
    pub fn run_row(&self, run: RunId) -> Result<Option<RunRow>, RuntimeError> {
        Ok(self.shared.store.run(run)?)
    }

    /// Number of runs by status word.
    pub fn run_counts(&self) -> Result<Vec<(String, u64)>, RuntimeError> {
        Ok(self.shared.store.run_counts()?.into_iter().collect())
    }

    /// A number that changes whenever any process committed.
    pub fn data_version(&self) -> Result<i64, RuntimeError> {
        Ok(self.shared.store.data_version()?)
    }

    pub fn packets(&self, filter: &PacketFilter) -> Result<Vec<Packet>, RuntimeError> {
        Ok(self.shared.store.packets(filter)?)
    }

    /// Number of open packets, however many a list returns.
    pub fn open_packets(&self) -> Result<u64, RuntimeError> {
        Ok(self.shared.store.open_packets()?)
    }

    /// One packet, verified against the journal.
    pub fn packet(&self, packet: PacketId) -> Result<Packet, RuntimeError> {
        self.shared
            .store
            .packet(packet)?
            .ok_or(RuntimeError::NoSuchPacket(packet))
    }

    pub fn effects(&self, filter: &EffectFilter) -> Result<Vec<EffectRow>, RuntimeError> {
        Ok(self.shared.store.effects(filter)?)
    }

    pub fn effect(&self, key: IdempotencyKey) -> Result<EffectRow, RuntimeError> {
        let found = self.shared.store.effect(key)?;
        found.ok_or_else(|| RuntimeError::NoSuchEffect(key.to_string()))
    }

    /// What was tried for an effect, newest first, out of its run's newest events.
    ///
    /// # Errors
    /// There is none under this key.
    pub fn tries(&self, key: IdempotencyKey) -> Result<Vec<Try>, RuntimeError> {
        let mut events = self.events(&EventFilter {
            run: Some(self.effect(key)?.run),
            newest_first: true,
            ..EventFilter::default()
        })?;
        events.reverse();
        let recorded = events
            .iter()
            .filter_map(|stored| stored.recorded().transpose());
        let recorded: Vec<Recorded> = recorded.collect::<Result<_, _>>()?;
        Ok(tries(&recorded, key))
    }

    pub fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, RuntimeError> {
        Ok(self.shared.store.events(filter)?)
    }

    /// The journal's newest event.
    pub fn head(&self) -> Result<Head, RuntimeError> {
        Ok(self.shared.store.head()?)
    }

    pub fn lease(&self) -> Result<LeaseInfo, RuntimeError> {
        Ok(self.shared.store.lease()?)
    }

    /// Recomputes the whole journal; `progress` is told (done, total).
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<VerifyReport, RuntimeError> {
        Ok(self.shared.store.verify(progress)?)
    }

    /// Every known definition, one a name: the shipped one, else the one registered last.
    pub fn definitions(&self) -> Result<Vec<Arc<Definition>>, RuntimeError> {
        self.shared.library.all()
    }

    /// The definition with this digest, which runs are pinned to.
    ///
    /// # Errors
    /// The store does not hold it, or cannot be read.
    pub fn pinned(&self, digest: Digest) -> Result<Arc<Definition>, RuntimeError> {
        self.shared.library.pinned(digest)
    }

    pub fn definition(&self, name: &str) -> Result<Arc<Definition>, RuntimeError> {
        self.shared.library.named(name)
    }
}

fn effect_line(row: EffectRow) -> EffectLine {
    EffectLine {
        tool: row.tool,
        state: row.state,
        idempotency_key: row.idempotency_key,
        digest: row.digest,
    }
}
