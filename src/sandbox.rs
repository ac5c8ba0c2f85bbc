//! The bundled outside world on loopback: real HTTP servers with their own `SQLite` file.
//!
//! Demos act on it, tests break it on purpose, and its ledger is the oracle for "exactly once":
//! it shares no code with the engine, is reached only through the ordinary adapters, and lists
//! every effect it performed. Uses `domain` and no other room.
//!
//! | path | answers |
//! |---|---|
//! | `/erp/…`, `/register/…`, `/payments/…`, `/crm/…` | the services, one file each in `service` |
//! | `GET /_ledger` | every effect performed, in order; `?after=SEQ` skips what was seen |
//! | `POST`, `GET`, `DELETE /_faults` | sets, lists and clears misbehaviour |
//!
//! An effect is answered only once it is durable, so killing the sandbox loses no answered
//! effect. Faults live in memory alone: a restarted sandbox behaves.

mod clock;
mod control;
mod error;
mod fault;
mod home;
mod ledger;
mod misbehave;
mod reply;
mod server;
mod service;
mod wire;
mod world;
mod writer;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use error::SandboxError;
pub use fault::{Fault, FaultKind};

use fault::Faults;
use home::Home;
use server::{Leave, Server};
use world::World;

/// How a sandbox is started.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Keeps the database, the port and the configuration file; made where it is missing.
    pub dir: PathBuf,
    /// A loopback address. Without one the port of the last start in `dir` is taken, and a free
    /// one at the first.
    pub listen: Option<SocketAddr>,
    /// A JSON list of faults that are set from the start.
    pub faults: Option<PathBuf>,
}

impl SandboxOptions {
    /// A sandbox in `dir` that behaves.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            listen: None,
            faults: None,
        }
    }
}

/// A running sandbox. It has threads and a runtime of its own; dropping it closes every
/// connection at once, as a killed process would.
#[derive(Debug)]
pub struct Sandbox {
    server: Server,
    url: String,
    config: PathBuf,
}

impl Sandbox {
    /// Starts the servers and writes `countersign.toml`, ready for `--config`.
    ///
    /// # Errors
    /// A port or directory in use, an address off loopback, a file that cannot be read or
    /// written, faults that are none.
    pub fn start(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let SandboxOptions {
            dir,
            listen,
            faults,
        } = options;
        let faults = match faults {
            Some(path) => Faults::load(path.clone())?,
            None => Faults::default(),
        };
        let home = Home::open(dir)?;
        let (listener, address) = home.listen(*listen)?;
        let lock = home.lock()?;
        let (world, writer) = World::open(&home.database(), faults)?;
        let url = format!("http://{address}");
        home.remember_port(address.port())?;
        let config = home.write_config(&url)?;
        let server = Server::start(listener, world, writer, lock)?;
        Ok(Self {
            server,
            url,
            config,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The configuration file that names every connector of this sandbox.
    pub fn config_path(&self) -> &Path {
        &self.config
    }

    /// Answers what is under way, then closes everything.
    pub async fn stop(mut self) {
        self.server.leave(Leave::Gracefully);
        self.server.ended().await;
    }
}
