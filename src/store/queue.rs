//! The bounded queue before the writer. Commands of one call stay together.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::limits::{COMMIT_GROUP_MAX, WRITER_QUEUE_MAX};
use crate::store::prepare::Prepared;
use crate::store::writer::Writer;
use crate::store::{Committed, StoreError};

/// How long the writer waits for commands that are likely to come.
const GATHER: Duration = Duration::from_micros(800);

/// Where one command's answer goes.
pub(super) type Answer = tokio::sync::oneshot::Sender<Result<Committed, StoreError>>;

/// A command and who waits for it.
pub(super) type Queued = (Prepared, Answer);

/// What the writer does next.
pub(super) enum Work {
    /// For one transaction; at most [`COMMIT_GROUP_MAX`].
    Group(Vec<Queued>),
    /// A transaction of its own.
    Alone(Box<dyn FnOnce(&mut Writer) + Send>),
}

/// Shared by everybody who commits and the one writer.
pub(super) struct Queue {
    inner: Mutex<Inner>,
    /// Work came, or the queue was closed.
    work: Condvar,
    /// Room came, or the queue was closed.
    room: Condvar,
}

#[derive(Default)]
struct Inner {
    work: VecDeque<Work>,
    /// Commands in `work`; work done alone counts as one.
    waiting: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self {
            inner: Mutex::new(Inner::default()),
            work: Condvar::new(),
            room: Condvar::new(),
        }
    }

    /// Appends `work`, waiting while the queue is full; gives it back once the queue is closed.
    pub(super) fn push(&self, work: Work) -> Result<(), Work> {
        let size = work.size();
        let mut inner = self.lock();
        while !inner.closed && inner.waiting > 0 && inner.waiting + size > WRITER_QUEUE_MAX {
            inner = self
                .room
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if inner.closed {
            return Err(work);
        }
        inner.waiting += size;
        inner.work.push_back(work);
        drop(inner);
        self.work.notify_one();
        Ok(())
    }

    /// Takes what fits one transaction, waiting for work; `None` once closed and empty.
    ///
    /// Where `wanted` commands are likely to come at about the same time, it waits a moment for
    /// them: each group costs the disk one flush, however large it is.
    pub(super) fn take(&self, wanted: usize) -> Option<Work> {
        let mut inner = self.lock();
        while inner.work.is_empty() && !inner.closed {
            inner = self
                .work
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if inner.waiting < wanted && !inner.closed {
            let (gathered, _) = self
                .work
                .wait_timeout_while(inner, GATHER, |inner| {
                    inner.waiting < wanted && !inner.closed
                })
                .unwrap_or_else(PoisonError::into_inner);
            inner = gathered;
        }
        let mut next = inner.work.pop_front()?;
        if let Work::Group(group) = &mut next {
            while let Some(more) = inner.next_for(group.len()) {
                group.extend(more);
            }
        }
        inner.waiting = inner.waiting.saturating_sub(next.size());
        drop(inner);
        self.room.notify_all();
        Some(next)
    }

    /// Commands that wait now.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Lets nothing more in; what is queued is still taken.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change of the queue is whole before the lock is left, even by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// The next commands, if they fit a transaction that has `taken` already.
    fn next_for(&mut self, taken: usize) -> Option<Vec<Queued>> {
        match self.work.pop_front()? {
            Work::Group(more) if taken + more.len() <= COMMIT_GROUP_MAX => Some(more),
            other => {
                self.work.push_front(other);
                None
            }
        }
    }
}

impl Work {
    fn size(&self) -> usize {
        match self {
            Self::Group(group) => group.len(),
            Self::Alone(_) => 1,
        }
    }
}
