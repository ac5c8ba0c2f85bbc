//! Follows the store: what other processes and the engine write shows without a key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;

use super::reads::{Blocking as _, all_runs, open_packets};
use crate::console::message::{Link, Message, QueueNews, RunsNews};
use crate::domain::{PacketId, RunId};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{EventFilter, StoredEvent};
use crate::views::QueueRow;

/// How often the store is asked whether anything changed.
const LOOK: Duration = Duration::from_millis(50);
/// Events read at a time.
const EVENTS: u32 = 2_000;
/// More changed rows than these are read as a whole list.
const FEW: usize = 400;

/// Where the follower stands.
#[derive(Default)]
struct Follower {
    /// The newest event whose effect on the lists was told.
    seen: u64,
    version: Option<i64>,
    whole: bool,
}

/// Runs until the console ends.
pub(super) async fn follow(handle: Handle, answers: Sender<Message>, refresh: Arc<Notify>) {
    let mut follower = Follower {
        whole: true,
        ..Follower::default()
    };
    loop {
        let news = handle.blocking(move |handle| {
            let news = follower.look(&handle);
            Ok((follower, news))
        });
        let (after, news) = news.await.unwrap_or_else(|error| {
            // A read that failed as a whole: what it knew is gone, so everything is read anew.
            let anew = Follower {
                whole: true,
                ..Follower::default()
            };
            (anew, vec![Message::Link(Link::Trouble(error.to_string()))])
        });
        follower = after;
        for message in news {
            if answers.send(message).await.is_err() {
                return;
            }
        }
        if tokio::time::timeout(LOOK, refresh.notified()).await.is_ok() {
            follower.whole = true;
        }
    }
}

impl Follower {
    fn look(&mut self, handle: &Handle) -> Vec<Message> {
        match self.news(handle) {
            Ok(mut messages) => {
                let link = if handle.executes() {
                    Link::Executes
                } else {
                    Link::Attached
                };
                messages.push(Message::Link(link));
                messages
            }
            Err(error) => {
                // Once it can be read again, everything is.
                self.whole = true;
                vec![Message::Link(Link::Trouble(error.to_string()))]
            }
        }
    }

    fn news(&mut self, handle: &Handle) -> Result<Vec<Message>, RuntimeError> {
        let version = handle.data_version()?;
        if self.version == Some(version) && !self.whole {
            return Ok(Vec::new());
        }
        // Before anything is read: what comes meanwhile is told next time.
        let head = handle.head()?;
        let mut messages = if self.whole {
            everything(handle)?
        } else {
            self.changes(handle)?
        };
        messages.push(Message::Head(head));
        if self.whole {
            self.seen = head.size;
        }
        self.whole = false;
        self.version = Some(version);
        Ok(messages)
    }

    /// What the events since the last look touched.
    fn changes(&mut self, handle: &Handle) -> Result<Vec<Message>, RuntimeError> {
        let events = handle.events(&EventFilter {
            after_seq: Some(self.seen),
            limit: Some(EVENTS),
            ..EventFilter::default()
        })?;
        let Some(last) = events.last() else {
            return Ok(Vec::new());
        };
        let full = events.len() == EVENTS as usize;
        let packets: BTreeSet<PacketId> = events.iter().filter_map(packet_of).collect();
        let runs: BTreeSet<RunId> = events.iter().filter_map(|event| event.run).collect();
        if full || packets.len() > FEW || runs.len() > FEW {
            let head = handle.head()?.size;
            let messages = everything(handle)?;
            self.seen = head;
            return Ok(messages);
        }
        self.seen = last.seq;
        let mut messages = Vec::new();
        if !packets.is_empty() {
            let rows: Result<Vec<QueueRow>, RuntimeError> = packets
                .into_iter()
                .map(|packet| handle.packet(packet).map(|packet| QueueRow::of(&packet)))
                .collect();
            messages.push(Message::Queue(QueueNews {
                whole: false,
                rows: rows?,
            }));
        }
        if !runs.is_empty() {
            let rows: Result<Vec<_>, RuntimeError> =
                runs.into_iter().map(|run| handle.run_row(run)).collect();
            messages.push(Message::Runs(RunsNews {
                whole: false,
                of: None,
                rows: rows?.into_iter().flatten().collect(),
                counts: handle.run_counts()?,
            }));
        }
        Ok(messages)
    }
}

fn everything(handle: &Handle) -> Result<Vec<Message>, RuntimeError> {
    Ok(vec![
        Message::Queue(open_packets(handle)?),
        Message::Runs(all_runs(handle, None)?),
    ])
}

/// The packet that an event is about.
fn packet_of(event: &StoredEvent) -> Option<PacketId> {
    event.body.get("packet")?.as_str()?.parse().ok()
}
