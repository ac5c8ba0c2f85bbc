//! What is read from the store, away from the threads that drive runs.

use tokio::sync::mpsc::Sender;

use super::work::Read;
use super::{letters, packet, refusal, run};
use crate::console::message::{EventsPage, Message, QueueNews, RunsNews};
use crate::console::model::audit::search;
use crate::console::request::{EventsWanted, Ticket};
use crate::domain::{Digest, PacketId, PacketStatus, RunStatus};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{PacketFilter, RunFilter};
use crate::views::QueueRow;

/// Reads what was asked for.
pub(super) async fn perform(handle: &Handle, read: Read, answers: &Sender<Message>) -> Message {
    match read {
        Read::Packet(id) => packet(handle, id).await,
        Read::Definition(digest) => definition(handle, digest).await,
        Read::Runs(status) => runs(handle, status).await,
        Read::Run(id) => run::read(handle, id).await,
        Read::Letter(id) => letters::read(handle, id).await,
        Read::Events { ticket, wanted } => events(handle, ticket, wanted).await,
        Read::Verify => verify(handle, answers.clone()).await,
    }
}

/// Runs shown at a time.
const RUNS: u32 = 5_000;

/// Runs work that waits for the disk where waiting harms nobody.
pub(super) trait Blocking {
    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Handle) -> Result<T, RuntimeError> + Send + 'static,
    ) -> impl Future<Output = Result<T, RuntimeError>> + Send;
}

impl Blocking for Handle {
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(Handle) -> Result<T, RuntimeError> + Send + 'static,
    ) -> Result<T, RuntimeError> {
        let handle = self.clone();
        match tokio::task::spawn_blocking(move || work(handle)).await {
            Ok(outcome) => outcome,
            // The work panicked or the program ends.
            Err(_) => Err(RuntimeError::Stopped),
        }
    }
}

async fn packet(handle: &Handle, packet: PacketId) -> Message {
    let found = handle.blocking(move |handle| packet::read(&handle, packet));
    Message::Packet {
        packet,
        found: found.await.map(Box::new).map_err(refusal),
    }
}

async fn definition(handle: &Handle, digest: Digest) -> Message {
    let found = handle.blocking(move |handle| handle.pinned(digest)).await;
    Message::Definition {
        digest,
        found: found.map_err(refusal),
    }
}

async fn runs(handle: &Handle, status: Option<RunStatus>) -> Message {
    match handle
        .blocking(move |handle| all_runs(&handle, status))
        .await
    {
        Ok(news) => Message::Runs(news),
        Err(error) => Message::RunsUnread {
            of: status,
            why: refusal(error),
        },
    }
}

async fn events(handle: &Handle, ticket: Ticket, wanted: EventsWanted) -> Message {
    let read = handle.blocking(move |handle| {
        // Before the events: what is written meanwhile is read the next time.
        let head = handle.head()?;
        let events = handle.events(&search::store_filter(&wanted))?;
        Ok(search::page(&wanted, head, events))
    });
    let found = read.await.map_err(refusal);
    Message::Events(EventsPage { ticket, found })
}

/// Recomputes the chain and tells how far it came, but not so often that nothing else is done.
async fn verify(handle: &Handle, answers: Sender<Message>) -> Message {
    let verified = handle.blocking(move |handle| {
        let mut told = 0;
        handle.verify(&mut |done, total| {
            let percent = done.saturating_mul(100) / total.max(1);
            if percent > told {
                told = percent;
                // A full queue loses one step of the progress, nothing else.
                drop(answers.try_send(Message::Verifying { done, total }));
            }
        })
    });
    Message::Verified(verified.await.map_err(refusal))
}

/// Every open packet, as far as a list goes.
pub(super) fn open_packets(handle: &Handle) -> Result<QueueNews, RuntimeError> {
    let open = handle.packets(&PacketFilter {
        status: Some(PacketStatus::Open),
        ..PacketFilter::default()
    })?;
    Ok(QueueNews {
        whole: true,
        rows: open.iter().map(QueueRow::of).collect(),
    })
}

/// The newest runs and how many there are of each status.
pub(super) fn all_runs(
    handle: &Handle,
    status: Option<RunStatus>,
) -> Result<RunsNews, RuntimeError> {
    let rows = handle.runs(&RunFilter {
        status,
        newest_first: true,
        limit: Some(RUNS),
        ..RunFilter::default()
    })?;
    Ok(RunsNews {
        whole: true,
        of: status,
        rows,
        counts: handle.run_counts()?,
    })
}
