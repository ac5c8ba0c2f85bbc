//! The same rows by hand: what somebody writes who keeps purchase orders in `SQLite` without an
//! engine. A run's row, its events in order, and the packet where a person decides; durable by the
//! same pragmas, without hashes, checks, or salts.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::oneshot;

use crate::support::Outcome;
use crate::support::machine::Stopwatch;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL, state TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, run INTEGER NOT NULL,
  at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS packets (id INTEGER PRIMARY KEY, status TEXT NOT NULL,
  document TEXT NOT NULL) STRICT;
";

const REGISTRATION: &str = r#"{"vendor":"Alpha Tech Systems","validated":true,"match":1.0,"registration":{"number":"REG-0001","name":"Alpha Tech Systems","country":"n/a","registered_on":"2006-01-01","status":"active"}}"#;
const ORDER: &str = r#"{"order_id":"ORD-1","po_id":"PO-0000001","vendor":"Alpha Tech Systems","amount":"4000.00","currency":"USD","created_at":"2026-11-21T00:00:00Z"}"#;

/// Commands waiting for the writer, and commands in one transaction, as in the engine.
const QUEUE: usize = 4_096;
const GROUP: usize = 512;

/// One durable point in the life of a run.
#[derive(Clone, Copy, Debug)]
enum Act {
    Started(usize),
    Intended(usize),
    Ended(usize),
    Parked(usize),
    Approved(usize),
}

/// A file with the rows of purchase orders.
#[derive(Debug)]
pub(crate) struct Lean {
    conn: Connection,
}

impl Lean {
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.execute_batch(SCHEMA)?;
        Ok(Self { conn })
    }

    /// Runs a second of one client that makes `commits` commits a run, from 1 to 3.
    pub(crate) fn alone(&self, n: usize, commits: usize) -> Outcome<f64> {
        let watch = Stopwatch::start();
        for run in 0..n {
            let acts = [Act::Started(run), Act::Intended(run), Act::Ended(run)];
            match commits {
                3 => acts.iter().try_for_each(|act| self.commit(&[*act]))?,
                2 => {
                    let (before, after) = acts.split_at(2);
                    self.commit(before)?;
                    self.commit(after)?;
                }
                _ => self.commit(&acts)?,
            }
        }
        Ok(rate(n, watch))
    }

    /// Runs a second in batches, one commit a batch.
    pub(crate) fn batches(&self, n: usize, batch: usize) -> Outcome<f64> {
        let watch = Stopwatch::start();
        let runs: Vec<usize> = (0..n).collect();
        for batch in runs.chunks(batch) {
            let acts = batch
                .iter()
                .flat_map(|run| [Act::Started(*run), Act::Intended(*run), Act::Ended(*run)]);
            self.commit(&acts.collect::<Vec<_>>())?;
        }
        Ok(rate(n, watch))
    }

    /// Orders that wait for a person.
    pub(crate) fn park(&self, n: usize) -> Outcome<()> {
        let acts: Vec<Act> = (0..n)
            .flat_map(|run| [Act::Started(run), Act::Parked(run)])
            .collect();
        acts.chunks(GROUP).try_for_each(|group| self.commit(group))
    }

    /// Approves `n` parked orders one at a time, two commits each; milliseconds of each.
    pub(crate) fn approve(&self, n: usize) -> Outcome<Vec<f64>> {
        let mut latencies = Vec::with_capacity(n);
        for run in 0..n {
            let watch = Stopwatch::start();
            self.shown(run)?;
            self.commit(&[Act::Approved(run), Act::Intended(run)])?;
            self.commit(&[Act::Ended(run)])?;
            latencies.push(watch.ms());
        }
        Ok(latencies)
    }

    /// Runs a second of `clients` that wait for each of two durable points, in grouped commits.
    pub(crate) fn grouped(self, n: usize, clients: usize) -> Outcome<f64> {
        let (sender, receiver) = sync_channel(QUEUE);
        let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
        let watch = Stopwatch::start();
        let writer = std::thread::spawn(move || self.serve(&receiver));
        let next = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..clients)
            .map(|_| runtime.spawn(client(n, sender.clone(), Arc::clone(&next))))
            .collect();
        drop(sender);
        for client in clients {
            runtime.block_on(client)??;
        }
        writer.join().map_err(|_panic| "the writer panicked")??;
        Ok(rate(n, watch))
    }

    fn serve(&self, queue: &Receiver<Queued>) -> Outcome<()> {
        while let Ok(first) = queue.recv() {
            let mut group = vec![first];
            while let (true, Ok(more)) = (group.len() < GROUP, queue.try_recv()) {
                group.push(more);
            }
            let acts = group.iter().flat_map(|(acts, _)| acts.iter().copied());
            self.commit(&acts.collect::<Vec<_>>())?;
            for (_, answer) in group {
                answer.send(()).map_err(|()| "nobody waits")?;
            }
        }
        Ok(())
    }

    fn commit(&self, acts: &[Act]) -> Outcome<()> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for act in acts {
            self.write(*act)?;
        }
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn write(&self, act: Act) -> Outcome<()> {
        match act {
            Act::Started(run) => {
                let key = format!("PO-{run:07}");
                let input = format!(
                    r#"{{"po_id":"{key}","vendor":"Alpha Tech Systems","amount":"4000.00","po_date":"2026-11-21"}}"#
                );
                self.conn
                    .prepare_cached("INSERT INTO runs VALUES (?1, ?2, 'running', ?3)")?
                    .execute(params![id(run)?, key, input])?;
                self.event(run, "started", &input)
            }
            Act::Intended(run) => {
                self.event(run, "assessed", REGISTRATION)?;
                let intent = format!(
                    r#"{{"method":"POST","url":"http://127.0.0.1/erp/orders","key":"{run:064}","body":{ORDER}}}"#
                );
                self.event(run, "intent", &intent)
            }
            Act::Ended(run) => {
                self.event(run, "confirmed", ORDER)?;
                self.conn
                    .prepare_cached(
                        "UPDATE runs SET status = 'succeeded', state = ?2 WHERE id = ?1",
                    )?
                    .execute(params![id(run)?, ORDER])?;
                Ok(())
            }
            Act::Parked(run) => {
                self.event(run, "assessed", REGISTRATION)?;
                self.conn
                    .prepare_cached("INSERT INTO packets VALUES (?1, 'open', ?2)")?
                    .execute(params![id(run)?, format!("{ORDER}{REGISTRATION}")])?;
                Ok(())
            }
            Act::Approved(run) => {
                self.conn
                    .prepare_cached("UPDATE packets SET status = 'approved' WHERE id = ?1")?
                    .execute([id(run)?])?;
                self.event(run, "approved", r#"{"verdict":"approve","by":"bench"}"#)
            }
        }
    }

    fn event(&self, run: usize, kind: &str, body: &str) -> Outcome<()> {
        self.conn
            .prepare_cached("INSERT INTO events VALUES (NULL, ?1, 1795219200000, ?2, ?3)")?
            .execute(params![id(run)?, kind, body])?;
        Ok(())
    }

    /// What the reviewer is shown.
    fn shown(&self, run: usize) -> Outcome<String> {
        let sql = "SELECT document FROM packets WHERE id = ?1 AND status = 'open'";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_row([id(run)?], |row| row.get(0))?)
    }
}

/// Acts of one transaction, and who waits for it.
type Queued = (Vec<Act>, oneshot::Sender<()>);

async fn client(n: usize, queue: SyncSender<Queued>, next: Arc<AtomicUsize>) -> Outcome<()> {
    loop {
        let run = next.fetch_add(1, Ordering::Relaxed);
        if run >= n {
            return Ok(());
        }
        for acts in [
            vec![Act::Started(run), Act::Intended(run)],
            vec![Act::Ended(run)],
        ] {
            let (answer, durable) = oneshot::channel();
            queue.send((acts, answer))?;
            durable.await?;
        }
    }
}

fn id(run: usize) -> Outcome<i64> {
    Ok(i64::try_from(run)? + 1)
}

fn rate(n: usize, watch: Stopwatch) -> f64 {
    crate::support::figures::count(n) / watch.seconds()
}
