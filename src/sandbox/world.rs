//! What every request handler shares: the writer's queue, a reader, and the faults.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::error::SandboxError;
use super::fault::Faults;
use super::writer::{Act, Outcome, Queue};
use super::{ledger, service, writer};

#[derive(Debug)]
pub(super) struct World {
    queue: Queue,
    reader: Arc<Mutex<Connection>>,
    faults: Mutex<Faults>,
}

impl World {
    /// Opens the database and starts its writer, which ends when the world is dropped.
    pub(super) fn open(
        path: &Path,
        faults: Faults,
    ) -> Result<(Arc<Self>, JoinHandle<()>), SandboxError> {
        let failed = |source| SandboxError::Open {
            path: path.to_owned(),
            source,
        };
        let schemas: Vec<_> = service::ALL.iter().map(|service| service.schema).collect();
        let connection = ledger::open(path, &schemas).map_err(failed)?;
        let reader = ledger::open_reader(path).map_err(failed)?;
        let (queue, thread) = writer::start(connection)?;
        let world = Self {
            queue,
            reader: Arc::new(Mutex::new(reader)),
            faults: Mutex::new(faults),
        };
        Ok((Arc::new(world), thread))
    }

    /// Performs an act; it is durable when this returns.
    pub(super) async fn perform(&self, act: Act) -> Result<Outcome, SandboxError> {
        self.queue.perform(act).await
    }

    /// Reads from the database beside the server's own thread.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, SandboxError> {
        let reader = Arc::clone(&self.reader);
        let reading = tokio::task::spawn_blocking(move || {
            read(&reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match reading.await {
            Ok(read) => Ok(read?),
            Err(_stopped) => Err(SandboxError::Stopping),
        }
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
