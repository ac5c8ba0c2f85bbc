//! Reads the terminal apart from the loop: each key keeps the time at which it came, however long
//! the picture before it took.

use std::io;
use std::pin::Pin;

use crossterm::event::{Event, EventStream};
use futures_core::Stream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::console::{Message, input};

/// Keys that wait to be taken. What comes then waits in the terminal.
const WAITING_MAX: usize = 1_024;

/// What the terminal reports, in its order. None once the terminal is gone.
pub(super) struct Keys {
    events: Receiver<io::Result<Message>>,
    reader: JoinHandle<()>,
}

impl Keys {
    /// Begins to read; times count from `began`.
    pub(super) fn read(began: Instant) -> Self {
        let (sender, events) = channel(WAITING_MAX);
        Self {
            events,
            reader: tokio::spawn(read(sender, began)),
        }
    }

    pub(super) async fn next(&mut self) -> Option<io::Result<Message>> {
        self.events.recv().await
    }

    /// One that is there already.
    pub(super) fn waiting(&mut self) -> Option<io::Result<Message>> {
        self.events.try_recv().ok()
    }

    /// Leaves the terminal's keys to somebody else. Those that were read and not taken are
    /// forgotten: they were meant for a picture that is gone.
    pub(super) async fn stop(&mut self) {
        self.reader.abort();
        // It was told to end: how it ended says nothing.
        drop((&mut self.reader).await);
        while self.waiting().is_some() {}
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(sender: Sender<io::Result<Message>>, began: Instant) {
    let mut events = EventStream::new();
    while let Some(event) = next(&mut events).await {
        let at_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failed = event.is_err();
        let message = event.map(|event| input::message(event, at_ms)).transpose();
        if let Some(message) = message
            && sender.send(message).await.is_err()
        {
            return;
        }
        if failed {
            // A terminal that cannot be read says so for ever.
            return;
        }
    }
}

async fn next(events: &mut EventStream) -> Option<io::Result<Event>> {
    std::future::poll_fn(|cx| Pin::new(&mut *events).poll_next(cx)).await
}
