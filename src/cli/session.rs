//! Opens store and engine for one command, and closes them in order.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Kind};
use crate::cli::holder;
use crate::cli::interrupts::Interrupts;
use crate::cli::output::Output;
use crate::cli::table::Table;
use crate::cli::visible::visible;
use crate::config::{open_regular, paths};
use crate::domain::limits::{LIST_ROWS_MAX, VERDICT_WAIT_MS};
use crate::domain::{RunId, RunStatus};
use crate::runtime::{Drive, Handle, Options, RuntimeError, SystemClock, SystemEntropy};
use crate::store::{OpenOptions, SqliteStore, Store as _};
use crate::tools::HttpTools;

/// The XDG base directory specification asks for this mode.
const DATA_DIRECTORY_MODE: u32 = 0o700;

/// What a command does with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads, or changes rows without driving any run. The store must exist.
    Attach,
    /// Gives one run a command and, where nobody else executes, drives it on. The store must exist.
    Drive,
    /// Creates the store where there is none, and drives every run that has something to do.
    Start,
    /// Creates the store where there is none, and leaves the driving to others.
    Enqueue,
}

impl Access {
    fn creates(self) -> bool {
        matches!(self, Self::Start | Self::Enqueue)
    }

    fn drives(self) -> Drive {
        match self {
            Self::Attach | Self::Enqueue => Drive::Nothing,
            Self::Drive => Drive::Own,
            Self::Start => Drive::Everything,
        }
    }
}

/// Reads from the store.
pub fn read<T>(
    context: &mut Context,
    work: impl FnOnce(&Handle) -> Result<T, RuntimeError>,
) -> Result<T, Failure> {
    context.check_actor()?;
    let work = async |handle: &Handle, _: &mut Output| Ok(work(handle)?);
    opened(context, Access::Attach, |_, _| {}, work)
}

/// Runs `work` on an open engine. An interrupt ends it early; either way calls in flight record
/// their outcomes and the lease is given back before this returns.
pub fn with<T>(
    context: &mut Context,
    access: Access,
    work: impl AsyncFnOnce(&Handle, &mut Output) -> Result<T, Failure>,
) -> Result<T, Failure> {
    opened(context, access, warn_of_head, work)
}

/// Says that an older copy of the store would not have been told. No refusal: the head tells
/// mistakes, and whoever can spoil it can remove it as well.
pub fn warn_of_head(store: &SqliteStore, out: &mut Output) {
    if let Some(trouble) = store.head_trouble() {
        out.remark(format_args!(
            "warning: an older copy of this store would not have been told: {}; \
             what can be kept is kept anew with the next change",
            visible(trouble)
        ));
    }
}

fn opened<T>(
    context: &mut Context,
    access: Access,
    look: impl FnOnce(&SqliteStore, &mut Output),
    work: impl AsyncFnOnce(&Handle, &mut Output) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let path = context.store_path()?;
    let config = context.config()?;
    check_file(&path, access)?;
    if access.creates() {
        make_data_directory(&path)?;
    }
    let runtime = runtime(access)?;
    let options = open_options(access, context.heads());
    let out = &mut context.out;
    let outcome = runtime.block_on(async {
        let mut interrupts = Interrupts::listen()?;
        let store = Arc::new(SqliteStore::open(&path, options)?);
        look(&store, out);
        let open = Handle::open(Options {
            store: Arc::clone(&store) as _,
            connectors: config.connectors.urls(),
            tools: Arc::new(HttpTools::new(config.connectors)),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            drive: access.drives(),
            runs_driven: config.runs_driven,
            targets: config.targets,
        });
        let named = |failure: Failure| name_holder(failure, &store);
        let handle = open.await.map_err(Failure::from).map_err(named)?;
        let outcome = tokio::select! {
            outcome = work(&handle, out) => outcome.map_err(named),
            signal = interrupts.next() => Err(interrupted(signal)),
        };
        // A second interrupt does not wait for calls in flight; recovery then asks what became of them.
        let closed = tokio::select! {
            closed = handle.shutdown() => closed.map_err(Failure::from),
            signal = interrupts.next() => Err(interrupted(signal)),
        };
        store.keep_head();
        outcome.and_then(|value| closed.map(|()| value))
    });
    runtime.shutdown_background();
    outcome
}

/// Says of a busy store which process it may be busy with.
fn name_holder(failure: Failure, store: &SqliteStore) -> Failure {
    if failure.code != Failure::STORE_BUSY {
        return failure;
    }
    match store.lease() {
        Ok(lease) if lease.alive => {
            let (named, way_out) = (holder::named(&lease), holder::way_out(&lease));
            failure.hint(format!("it may be {named}: {way_out}"))
        }
        Ok(_) | Err(_) => failure,
    }
}

/// Opens the store alone, which must exist.
pub fn attach(context: &mut Context) -> Result<SqliteStore, Failure> {
    let path = context.store_path()?;
    check_file(&path, Access::Attach)?;
    let options = open_options(Access::Attach, context.heads());
    Ok(SqliteStore::open(&path, options)?)
}

/// Waits until a run that was given a command has settled: as long as it takes where this process
/// executes, else only [`VERDICT_WAIT_MS`], in which it takes over from a process that ends.
pub async fn followed(handle: &Handle, run: RunId) -> Result<RunStatus, RuntimeError> {
    let wait = Duration::from_millis(VERDICT_WAIT_MS);
    loop {
        match tokio::time::timeout(wait, handle.settled(run)).await {
            Ok(row) => return Ok(row?.status),
            Err(_elapsed) if handle.executes() => {}
            Err(_elapsed) => return Ok(handle.run(run)?.row.status),
        }
    }
}

/// A list for people, with a word where it is empty or was cut at the limit.
pub fn print_list(out: &mut Output, table: &Table, rows: usize, noun: &str) -> Result<(), Failure> {
    if rows == 0 {
        return out.line(format_args!("no {noun}"));
    }
    for line in table.lines() {
        out.line(line)?;
    }
    if rows >= LIST_ROWS_MAX as usize {
        out.remark(format_args!(
            "only the first {rows} {noun} are shown; narrow the list"
        ));
    }
    Ok(())
}

/// Waits for SIGINT or SIGTERM and answers its name.
pub async fn interrupt() -> Result<&'static str, Failure> {
    Ok(Interrupts::listen()?.next().await)
}

/// One thread where a command only reads or decides: starting more costs more than it brings.
pub fn runtime(access: Access) -> Result<Runtime, Failure> {
    let mut builder = match access {
        Access::Attach | Access::Enqueue => Builder::new_current_thread(),
        Access::Drive | Access::Start => Builder::new_multi_thread(),
    };
    let built = builder.enable_all().build();
    built.map_err(|error| Failure::internal(&error))
}

fn interrupted(signal: &str) -> Failure {
    Failure::new(
        Kind::Failed,
        "interrupted",
        format!("{signal} came: the work was stopped in order, and what was begun is recorded"),
    )
    .hint("the same command again goes on; rows given without --key would start twice")
}

/// Tells an absent or unreadable file from one that is no store. Only before the store opens it:
/// closing any other descriptor of an open database drops this process's locks on it.
fn check_file(path: &Path, access: Access) -> Result<(), Failure> {
    let shown = path.display();
    match open_regular(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => Err(Failure::new(
            Kind::Integrity,
            "not_a_store",
            format!("{shown} is no store: {error}"),
        )
        .hint("name a store file with --store")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if access.creates() {
                return Ok(());
            }
            Err(Failure::no_store(path))
        }
        Err(error) => Err(Failure::new(
            Kind::Failed,
            "store_unreadable",
            format!("cannot read the store {shown}: {error}"),
        )
        .hint("run this as the user that the file belongs to")),
    }
}

/// On a new account the user's data directory may not be there yet. Only the default place is made:
/// a path that somebody wrote may be a mistake.
fn make_data_directory(store: &Path) -> Result<(), Failure> {
    let (Ok(default), Some(folder)) = (paths::default_store(), store.parent()) else {
        return Ok(());
    };
    if default != store {
        return Ok(());
    }
    let made = DirBuilder::new()
        .recursive(true)
        .mode(DATA_DIRECTORY_MODE)
        .create(folder);
    made.map_err(|error| {
        let message = format!("cannot make the directory {}: {error}", folder.display());
        Failure::new(Kind::Failed, "no_data_directory", message).hint("name a store with --store")
    })
}

fn open_options(access: Access, heads: Option<PathBuf>) -> OpenOptions {
    OpenOptions {
        create: access.creates(),
        heads,
        ..OpenOptions::default()
    }
}
