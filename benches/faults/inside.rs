//! The engine inside the bench's own process, where a figure needs many handles, or a clock that
//! it can turn.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign::config::Config;
use countersign::domain::{Actor, Packet, PacketStatus, RunId, Timestamp};
use countersign::runtime::{Clock, Drive, Handle, Options, StartRow, SystemEntropy};
use countersign::store::{OpenOptions, PacketFilter, SqliteStore};
use countersign::tools::HttpTools;
use countersign::workflow::Definition;
use serde_json::Value;

use crate::faults::scene::Scene;
use crate::support::Outcome;
use crate::support::machine::epoch_s;

/// Runs driven at one time.
const RUNS_DRIVEN: usize = 64;

/// A clock that stands still until somebody turns it.
#[derive(Debug)]
pub(crate) struct Hands {
    wall: AtomicI64,
    elapsed: AtomicI64,
}

impl Hands {
    /// Begins at the machine's time.
    pub(crate) fn begin() -> Outcome<Arc<Self>> {
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        let now = (epoch_s()? * 1_000.0) as i64;
        Ok(Arc::new(Self {
            wall: AtomicI64::new(now),
            elapsed: AtomicI64::new(0),
        }))
    }

    /// Time passes.
    pub(crate) fn turn(&self, ms: i64) {
        self.elapsed.fetch_add(ms, Ordering::SeqCst);
        self.wall.fetch_add(ms, Ordering::SeqCst);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set(&self, ms: i64) {
        self.wall.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall.load(Ordering::SeqCst))
    }

    fn elapsed_ms(&self) -> i64 {
        self.elapsed.load(Ordering::SeqCst)
    }
}

/// Opens a handle on a store; each has a connection of its own, as a process would.
pub(crate) async fn open(
    scene: &Scene,
    store: &Path,
    clock: &Arc<Hands>,
    drive: Drive,
) -> Outcome<Handle> {
    let config = Config::load(Some(&scene.config))?;
    let options = OpenOptions {
        create: true,
        ..OpenOptions::default()
    };
    let options = Options {
        store: Arc::new(SqliteStore::open(store, options)?),
        connectors: config.connectors.urls(),
        tools: Arc::new(HttpTools::new(config.connectors)),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(SystemEntropy),
        drive,
        runs_driven: RUNS_DRIVEN,
        targets: config.targets,
    };
    Ok(Handle::open(options).await?)
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::claimed(name, "bench")
}

/// Rows as a start takes them.
pub(crate) fn rows(definition: &Definition, rows: Vec<Value>) -> Outcome<Vec<StartRow>> {
    let mut starts = Vec::with_capacity(rows.len());
    for row in rows {
        let Value::Object(input) = row else {
            return Err("a row is an object".into());
        };
        let fields = definition.meaning.state.admit(&input);
        let fields = fields.map_err(|problems| format!("{problems:?}"))?;
        starts.push(StartRow {
            input,
            fields,
            key: None,
        });
    }
    Ok(starts)
}

/// Starts one run for each object, and waits until all have settled.
pub(crate) async fn settled(
    handle: &Handle,
    definition: &Arc<Definition>,
    objects: Vec<Value>,
) -> Outcome<Vec<RunId>> {
    let starts = rows(definition, objects)?;
    let mut runs = Vec::with_capacity(starts.len());
    for started in handle.start(definition, starts, &person("STARTER")).await? {
        handle.settled(started.run).await?;
        runs.push(started.run);
    }
    Ok(runs)
}

pub(crate) fn open_packets(handle: &Handle) -> Outcome<Vec<Packet>> {
    Ok(handle.packets(&PacketFilter {
        status: Some(PacketStatus::Open),
        ..PacketFilter::default()
    })?)
}
