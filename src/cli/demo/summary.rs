//! What the demo tells at its end.

use std::path::Path;

use serde::Serialize;

use crate::cli::demo::rows::SHOWN_ORDER;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::packets;
use crate::cli::start::Summary;
use crate::cli::visible::visible;
use crate::domain::limits::{DEMO_PACKETS_SHOWN, LIST_ROWS_MAX};
use crate::domain::{Packet, PacketId, PacketStatus, RunStatus};
use crate::runtime::{Clock as _, Handle, RuntimeError, SystemClock};
use crate::sandbox::Sandbox;
use crate::store::{PacketFilter, RunFilter};

/// The state of the demo's store, and how to go on.
#[derive(Debug, Serialize)]
pub(crate) struct DemoSummary {
    store: String,
    config: String,
    sandbox_url: String,
    runs: usize,
    waiting: usize,
    succeeded: usize,
    dead_letters: usize,
    /// Open ones.
    alerts: u64,
    #[serde(flatten)]
    start: StartCounts,
    #[serde(skip)]
    packets: Vec<Packet>,
    #[serde(skip)]
    shown: Option<PacketId>,
}

/// What this start did; a second one in the same directory starts nothing.
#[derive(Debug, Serialize)]
struct StartCounts {
    started: u64,
    duplicates: u64,
    invalid: u64,
}

impl DemoSummary {
    /// Counts what stands in the store.
    pub(crate) fn collect(
        handle: &Handle,
        started: &Summary,
        sandbox: &Sandbox,
        store: &Path,
    ) -> Result<Self, Failure> {
        let runs = handle.runs(&RunFilter {
            limit: Some(LIST_ROWS_MAX),
            ..RunFilter::default()
        })?;
        let count = |status| runs.iter().filter(|run| run.status == status).count();
        let shown = runs
            .iter()
            .find(|run| run.key.as_deref() == Some(SHOWN_ORDER));
        Ok(Self {
            store: store.display().to_string(),
            config: sandbox.config_path().display().to_string(),
            sandbox_url: sandbox.url().to_owned(),
            runs: runs.len(),
            waiting: count(RunStatus::Waiting),
            succeeded: count(RunStatus::Succeeded),
            dead_letters: count(RunStatus::DeadLettered),
            alerts: handle.open_alerts()?,
            start: StartCounts {
                started: started.started,
                duplicates: started.duplicates,
                invalid: started.invalid,
            },
            packets: first_packets(handle)?,
            shown: shown.and_then(|run| run.packet),
        })
    }

    pub(crate) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        if out.is_json() {
            return out.document(self);
        }
        let dead_letters = match self.dead_letters {
            0 => String::new(),
            count => format!(", {count} are dead letters"),
        };
        out.line(format_args!(
            "{} purchase orders: {} are done, {} wait for a person{dead_letters}.",
            self.runs, self.succeeded, self.waiting
        ))?;
        let StartCounts {
            started,
            duplicates,
            invalid,
        } = &self.start;
        out.line(format_args!(
            "This start: {started} started, {duplicates} started before, {invalid} rows invalid.\n"
        ))?;
        if !self.packets.is_empty() {
            let table = packets::table(&self.packets, SystemClock.now());
            for line in table.lines() {
                out.line(line)?;
            }
            out.line("")?;
        }
        self.next_steps(out)
    }

    fn next_steps(&self, out: &mut Output) -> Result<(), Failure> {
        let dir = Path::new(&self.store).parent().unwrap_or(Path::new("."));
        let quoted = |text: &str| format!("'{}'", visible(text).replace('\'', r"'\''"));
        out.line("To go on, bring the sandbox back in another terminal:")?;
        let dir = quoted(&dir.display().to_string());
        out.line(format_args!("  countersign sandbox --dir {dir}"))?;
        out.line("and look at what waits:")?;
        out.line(format_args!(
            "  export COUNTERSIGN_STORE={}",
            quoted(&self.store)
        ))?;
        out.line(format_args!(
            "  export COUNTERSIGN_CONFIG={}",
            quoted(&self.config)
        ))?;
        out.line("  countersign packets list")?;
        if let Some(packet) = self.shown {
            out.line(format_args!(
                "  countersign packets show {packet}    # {SHOWN_ORDER}"
            ))?;
        }
        out.line("  countersign audit verify")
    }
}

fn first_packets(handle: &Handle) -> Result<Vec<Packet>, RuntimeError> {
    handle.packets(&PacketFilter {
        status: Some(PacketStatus::Open),
        limit: Some(DEMO_PACKETS_SHOWN),
        ..PacketFilter::default()
    })
}
