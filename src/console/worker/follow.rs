//! Follows the store: what other processes and the engine write shows without a key.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;

use super::doubts::Doubts;
use super::reads::{Blocking as _, all_runs, open_packets};
use super::{alerts, letters};
use crate::console::message::{Link, Message, QueueNews, RunsNews};
use crate::domain::limits::CONSOLE_NOTIFICATIONS_MAX;
use crate::domain::{AlertId, PacketId, PacketStatus, RunId};
use crate::runtime::{Handle, RuntimeError};
use crate::store::{EventFilter, StoredEvent};
use crate::views::QueueRow;

/// How often the store is asked whether anything changed.
const LOOK: Duration = Duration::from_millis(50);
/// Events read at a time.
const EVENTS: u32 = 2_000;
/// So many packets of a list that was cut are decided before the rest moves up.
const REFILL: u64 = 200;
/// More changed rows than these are read as a whole list.
const FEW: usize = 400;

/// Where the follower stands.
#[derive(Default)]
struct Follower {
    /// The newest event whose effect on the lists was told.
    seen: u64,
    version: Option<i64>,
    whole: bool,
    /// The store holds more open packets than the last whole list.
    cut: bool,
    /// Packets that closed since.
    closed: u64,
    /// Notifications that nobody was told yet, as the console knows them.
    untold: Vec<u64>,
    doubts: Doubts,
}

/// Runs until the console ends.
pub(super) async fn follow(handle: Handle, answers: Sender<Message>, refresh: Arc<Notify>) {
    let mut follower = Follower {
        whole: true,
        ..Follower::default()
    };
    let mut told = None;
    loop {
        let news = handle.blocking(move |handle| {
            let news = follower.look(&handle);
            Ok((follower, news))
        });
        let (after, (messages, link)) = news.await.unwrap_or_else(|error| {
            // A read that failed as a whole: what it knew is gone, so everything is read anew.
            let anew = Follower {
                whole: true,
                ..Follower::default()
            };
            (anew, (Vec::new(), Link::Trouble(error.to_string())))
        });
        follower = after;
        // Only what is new: most looks find nothing.
        let link = (told.as_ref() != Some(&link)).then(|| told.insert(link).clone());
        for message in messages.into_iter().chain(link.map(Message::Link)) {
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
    /// What changed, and how the console stands to the store.
    fn look(&mut self, handle: &Handle) -> (Vec<Message>, Link) {
        match self.news(handle) {
            Ok(messages) if handle.executes() => (messages, Link::Executes),
            Ok(messages) => (messages, Link::Attached),
            Err(error) => {
                // Once it can be read again, everything is.
                self.whole = true;
                (Vec::new(), Link::Trouble(error.to_string()))
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
            self.everything(handle)?
        } else {
            self.changes(handle)?
        };
        messages.extend(self.notifications(handle)?);
        messages.push(Message::Head(head));
        if self.whole {
            self.seen = head.size;
        }
        // What closed makes room for others of a list that was cut.
        self.whole = self.cut && self.closed >= REFILL;
        self.version = Some(version);
        Ok(messages)
    }

    fn everything(&mut self, handle: &Handle) -> Result<Vec<Message>, RuntimeError> {
        let queue = open_packets(handle)?;
        let open = handle.open_packets()?;
        let listed = u64::try_from(queue.rows.len()).unwrap_or(u64::MAX);
        self.cut = listed < open;
        self.closed = 0;
        Ok(vec![
            Message::Queue(queue),
            Message::Open(open),
            Message::Runs(all_runs(handle, None)?),
            Message::DeadLetters(letters::all(handle)?),
            Message::Alerts(alerts::all(handle)?),
            Message::Doubts(self.doubts.look(handle)?),
        ])
    }

    /// What nobody was told yet, where that is not what it was.
    fn notifications(&mut self, handle: &Handle) -> Result<Option<Message>, RuntimeError> {
        let unshown = handle.notifications(CONSOLE_NOTIFICATIONS_MAX)?;
        let untold: Vec<u64> = unshown.iter().map(|one| one.id).collect();
        let news = untold != self.untold;
        self.untold = untold;
        Ok(news.then_some(Message::Notifications(unshown)))
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
            let messages = self.everything(handle)?;
            self.seen = head;
            return Ok(messages);
        }
        self.seen = last.seq;
        let mut messages = Vec::new();
        if !packets.is_empty() {
            messages.push(Message::Queue(self.packets(handle, packets)?));
            messages.push(Message::Open(handle.open_packets()?));
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
        if Doubts::touched(&events) {
            messages.push(Message::Doubts(self.doubts.look(handle)?));
        }
        // Behind the runs: what is said of a letter knows how its run stands.
        let parked: BTreeSet<RunId> = events.iter().filter_map(run_of_letter).collect();
        if !parked.is_empty() {
            let news = letters::of_runs(handle, parked.into_iter())?;
            messages.push(Message::DeadLetters(news));
        }
        let alerted: BTreeSet<AlertId> = events.iter().filter_map(alerts::of_event).collect();
        if !alerted.is_empty() {
            let news = alerts::some(handle, alerted.into_iter())?;
            messages.push(Message::Alerts(news));
        }
        Ok(messages)
    }

    fn packets(
        &mut self,
        handle: &Handle,
        packets: BTreeSet<PacketId>,
    ) -> Result<QueueNews, RuntimeError> {
        let row = |packet| handle.packet(packet).map(|packet| QueueRow::of(&packet));
        let rows: Result<Vec<QueueRow>, RuntimeError> = packets.into_iter().map(row).collect();
        let rows = rows?;
        let closed = rows.iter().filter(|row| row.status != PacketStatus::Open);
        let closed = u64::try_from(closed.count()).unwrap_or(u64::MAX);
        self.closed = self.closed.saturating_add(closed);
        Ok(QueueNews { whole: false, rows })
    }
}

/// The packet that an event is about.
fn packet_of(event: &StoredEvent) -> Option<PacketId> {
    event.body.get("packet")?.as_str()?.parse().ok()
}

/// The run whose dead letter an event opens or closes.
fn run_of_letter(event: &StoredEvent) -> Option<RunId> {
    event.body.get("dead_letter")?;
    event.run
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use tokio::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::domain::ConnectorUrls;
    use crate::runtime::{Drive, Options, SystemClock, SystemEntropy, TargetSettings};
    use crate::store::{OpenOptions, SqliteStore};
    use crate::tools::{Call, CallResult, Tools};

    /// An outside world that is never asked.
    struct NoTools;

    impl Tools for NoTools {
        fn call<'a>(
            &'a self,
            _: Call<'a>,
        ) -> Pin<Box<dyn Future<Output = CallResult> + Send + 'a>> {
            Box::pin(std::future::pending())
        }
    }

    /// Everything that one look tells, up to the journal's head and the link behind it.
    async fn told(messages: &mut Receiver<Message>) -> Vec<Message> {
        let mut told = Vec::new();
        while let Some(message) = messages.recv().await {
            told.push(message);
            if matches!(told.last(), Some(Message::Head(_))) {
                break;
            }
        }
        told
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn the_link_is_told_once_while_it_does_not_change() {
        let dir = tempfile::TempDir::new().unwrap();
        let options = OpenOptions {
            create: true,
            ..OpenOptions::default()
        };
        let store = SqliteStore::open(&dir.path().join("store.db"), options).unwrap();
        let handle = Handle::open(Options {
            store: Arc::new(store),
            tools: Arc::new(NoTools),
            connectors: ConnectorUrls::default(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            drive: Drive::Everything,
            runs_driven: 1,
            targets: TargetSettings::default(),
        })
        .await
        .unwrap();
        let (sender, mut messages) = channel(64);
        let refresh = Arc::new(Notify::new());
        let follower = tokio::spawn(follow(handle.clone(), sender, Arc::clone(&refresh)));
        let first = told(&mut messages).await;
        assert!(
            first
                .iter()
                .any(|message| matches!(message, Message::Open(0)))
        );
        assert!(matches!(
            messages.recv().await,
            Some(Message::Link(Link::Executes))
        ));
        for _ in 0..3 {
            refresh.notify_one();
            let again = told(&mut messages).await;
            let links = again
                .iter()
                .filter(|message| matches!(message, Message::Link(_)));
            assert_eq!(links.count(), 0, "{again:?}");
        }
        handle.step_back().await.unwrap();
        let link = loop {
            if let Some(Message::Link(link)) = messages.recv().await {
                break link;
            }
        };
        assert_eq!(link, Link::Attached);
        follower.abort();
    }
}
