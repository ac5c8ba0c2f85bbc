//! R2's twin: the same engine on the same disk with `synchronous=NORMAL`, where COMMIT does not
//! wait for the log. What it prints as recorded, a power cut takes away.
//!
//! The program itself knows no such store outside of `bench`, so this bench starts itself again as
//! a process that writes one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use clap::Args;
use countersign::config::Config;
use countersign::domain::Actor;
use countersign::runtime::{Drive, Handle, Options, StartRow, SystemClock, SystemEntropy};
use countersign::store::{OpenOptions, SqliteStore, Synchronous};
use countersign::tools::HttpTools;
use serde_json::{Value, json};

use crate::support::Outcome;
use crate::support::exchange::runtime;

/// What the twin's own process is told; nobody else gives these.
#[derive(Debug, Args)]
pub(crate) struct Careless {
    #[arg(long = "careless-store", hide = true)]
    store: Option<PathBuf>,
    #[arg(long = "careless-config", hide = true)]
    config: Option<PathBuf>,
    #[arg(long = "careless-tag", hide = true, default_value = "R2")]
    tag: String,
    #[arg(long = "careless-rows", hide = true, default_value_t = 0)]
    rows: usize,
}

/// The call of that process.
pub(crate) fn command(store: &Path, config: &str, (tag, rows): (&str, usize)) -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--careless-store").arg(store);
    command.args(["--careless-config", config, "--careless-tag", tag]);
    command.args(["--careless-rows", &rows.to_string()]);
    Ok(command)
}

impl Careless {
    /// Writes, where that is what this process is for.
    pub(crate) fn writes(&self) -> Outcome<bool> {
        let Some(store) = &self.store else {
            return Ok(false);
        };
        runtime()?.block_on(self.write(store))?;
        Ok(true)
    }

    async fn write(&self, store: &Path) -> Outcome<()> {
        let config = Config::load(self.config.as_deref())?;
        let options = OpenOptions {
            create: true,
            synchronous: Synchronous::Normal,
            ..OpenOptions::default()
        };
        let handle = Handle::open(Options {
            store: Arc::new(SqliteStore::open(store, options)?),
            connectors: config.connectors.urls(),
            tools: Arc::new(HttpTools::new(config.connectors)),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            drive: Drive::Everything,
            runs_driven: 1,
            targets: config.targets,
        })
        .await?;
        let definition = handle.definition("purchase-order")?;
        let by = Actor::claimed("bench", "bench");
        for index in 0..self.rows {
            let order = json!({
                "po_id": format!("{}-{index}", self.tag),
                "vendor": "Alpha Tech Systems", "amount": 10,
            });
            let Value::Object(input) = order else {
                return Err("an order is an object".into());
            };
            let fields = definition.meaning.state.admit(&input);
            let fields = fields.map_err(|problems| format!("{problems:?}"))?;
            let row = StartRow {
                input,
                fields,
                key: None,
            };
            for started in handle.start(&definition, vec![row], &by).await? {
                let row = handle.settled(started.run).await?;
                let line = json!({"run": row.run, "status": row.status});
                writeln!(std::io::stdout(), "{line}")?;
            }
        }
        Ok(handle.shutdown().await?)
    }
}
