//! How work reaches the writer.

use rusqlite::Connection;

use crate::domain::Timestamp;
use crate::store::fault::Fault;
use crate::store::journal::Tip;
use crate::store::queue::{Queued, Work};
use crate::store::writer::Writer;
use crate::store::{SqliteStore, StoreError};

impl SqliteStore {
    /// Runs `work` in a transaction of its own on the writer and waits for it.
    pub(super) fn transact<T: Send + 'static>(
        &self,
        at: Timestamp,
        work: impl FnOnce(&Connection, &mut Tip) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = std::sync::mpsc::sync_channel(1);
        let alone = move |writer: &mut Writer| {
            // The caller waits below; it can be gone only if its thread was.
            drop(answer.send(writer.transact(at, work)));
        };
        self.queue
            .push(Work::Alone(Box::new(alone)))
            .map_err(|_work| StoreError::Closed)?;
        answered.recv().map_err(|_gone| StoreError::Closed)?
    }

    /// Queues a group that fits one transaction.
    pub(super) fn push(&self, group: Vec<Queued>) {
        if group.is_empty() {
            return;
        }
        if let Err(Work::Group(group)) = self.queue.push(Work::Group(group)) {
            for (_, answer) in group {
                drop(answer.send(Err(StoreError::Closed)));
            }
        }
    }
}
