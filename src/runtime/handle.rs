//! All that console and commands may call. Cheap to clone.

mod alerts;
mod dead_letters;
mod decide;
mod preview_discard;
mod preview_redrive;
mod read;
mod settle;
mod stake;
mod start;
mod supervise;
mod terminate;
mod under_way;
mod window;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

pub use dead_letters::{DeadLetterDetail, LastCall, LetterMoved};
pub use preview_discard::DiscardPreview;
pub use preview_redrive::{Approval, ProbeSaid, RedrivePreview, Would};
pub use settle::{EffectMoved, Settlement};
pub use stake::{Stake, StakeEffect};
pub(in crate::runtime) use start::New;
pub use terminate::TerminatePreview;
pub use under_way::UnderWay;
pub use window::WindowMoved;

use crate::domain::{
    ConnectorUrls, Digest, EffectState, Fields, IdempotencyKey, PacketId, RunId, RunStatus,
    ToolName, Verdict,
};
use crate::engine::{BudgetAnswer, RunError};
use crate::runtime::shared::Shared;
use crate::runtime::{Clock, Entropy, RuntimeError, TargetSettings};
use crate::store::SharedStore;
use crate::tools::Tools;
use crate::views::{EffectFate, Pursuit, RunRow, StepLine};

/// One run to start. `fields` are already admitted by the workflow's state schema
/// (`definition.meaning.state.admit`); `input` is the row as it came.
#[derive(Clone, Debug)]
pub struct StartRow {
    pub input: Fields,
    pub fields: Fields,
    /// Makes starting idempotent per workflow name.
    pub key: Option<String>,
}

/// A run that stands in the store now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    pub run: RunId,
    /// The key was used before: nothing was started.
    pub duplicate: bool,
    /// It was used for another input.
    pub differs: bool,
}

/// A verdict on a packet, bound to what was shown.
#[derive(Clone, Debug)]
pub struct VerdictRequest {
    pub packet: PacketId,
    /// The digest shown, or at least 12 of its hex digits.
    pub digest: String,
    pub verdict: Verdict,
    /// One item of several; all where absent.
    pub item: Option<usize>,
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictTaken {
    pub packet: PacketId,
    pub verdict: Verdict,
    pub by: String,
    pub run: RunId,
    pub run_status: RunStatus,
}

/// An answer to a packet that asks for more budget, bound to what was shown.
#[derive(Clone, Debug)]
pub struct BudgetRequest {
    pub packet: PacketId,
    /// The digest shown, or at least 12 of its hex digits.
    pub digest: String,
    pub answer: BudgetAnswer,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetAnswered {
    pub packet: PacketId,
    pub answer: BudgetAnswer,
    pub by: String,
    pub run: RunId,
    pub run_status: RunStatus,
}

/// An edit of the state under an open packet.
#[derive(Clone, Debug)]
pub struct Amendment {
    pub packet: PacketId,
    pub digest: String,
    /// Paths and their new values.
    pub set: Vec<(String, Value)>,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Amended {
    pub packet: PacketId,
    pub version: u32,
    pub digest: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunMoved {
    pub run: RunId,
    pub status: RunStatus,
    /// The fate of each effect, in the order they last changed in.
    pub effects: Vec<EffectFate>,
    /// It no longer goes on, and undoes what it did.
    #[serde(skip)]
    pub undoes: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overridden {
    pub run: RunId,
    pub state_version: u64,
}

/// Everything about one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunDetail {
    #[serde(flatten)]
    pub row: RunRow,
    pub definition: Digest,
    pub error: Option<RunError>,
    pub state: Fields,
    pub state_version: u64,
    pub packet: Option<PacketId>,
    pub steps: Vec<StepLine>,
    pub effects: Vec<EffectLine>,
    /// The effect that may have happened, and what is done to find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pursuit: Option<Pursuit>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EffectLine {
    pub tool: ToolName,
    pub state: EffectState,
    pub idempotency_key: IdempotencyKey,
    pub digest: Digest,
}

/// The way to talk to a running engine.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(super) shared: Arc<Shared>,
}

/// What a process drives while it holds the executor lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// Every run of the store that has something to do, whoever started it.
    Everything,
    /// Only runs that this process gave a command to.
    Own,
    /// None: the process reads, and decides without sending.
    Nothing,
}

/// How a handle is opened.
pub struct Options {
    pub store: SharedStore,
    pub tools: Arc<dyn Tools>,
    pub connectors: ConnectorUrls,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub drive: Drive,
    /// Runs driven at one time.
    pub runs_driven: usize,
    /// How targets are treated.
    pub targets: TargetSettings,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("connectors", &self.connectors)
            .field("drive", &self.drive)
            .field("runs_driven", &self.runs_driven)
            .field("targets", &self.targets)
            .finish_non_exhaustive()
    }
}

impl Handle {
    /// Opens the engine on a store: takes the lease if it is wanted and free, recovers what a
    /// dead process left, and starts driving. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// The store cannot be read, or its journal does not verify.
    #[expect(
        clippy::unused_async,
        reason = "it spawns, so it must be called inside a runtime: async says so"
    )]
    pub async fn open(options: Options) -> Result<Self, RuntimeError> {
        let shared = Arc::new(Shared::new(options));
        shared.open_clock()?;
        if shared.drive == Drive::Nothing {
            return Ok(Self { shared });
        }
        if shared.take_lease()? && shared.drive == Drive::Everything {
            shared.drive_active()?;
            shared.look_at_clock()?;
            shared.take_up_set_back()?;
            shared.refresh_timer()?;
        }
        tokio::spawn(Arc::clone(&shared).watch());
        Ok(Self { shared })
    }

    /// True where this process holds the executor lease and sends effects; otherwise another
    /// process executes and this one attaches, reads and decides.
    pub fn executes(&self) -> bool {
        self.shared.fence().is_some()
    }

    /// Waits until every run this process drives has settled.
    ///
    /// # Errors
    /// The store could not be watched.
    pub async fn idle(&self) -> Result<(), RuntimeError> {
        self.shared.registry.emptied().await;
        self.shared.troubles.of_store().map_or(Ok(()), Err)
    }

    /// Stops taking work, lets calls in flight record their outcomes, gives the lease back.
    ///
    /// # Errors
    /// The lease could not be given back in the store; the lock is free all the same once the
    /// process ends.
    pub async fn shutdown(&self) -> Result<(), RuntimeError> {
        self.shared.stop();
        self.hand_back().await
    }

    /// Drives nothing until [`Handle::step_up`]: calls in flight record their outcomes, and the
    /// lease is given back, so that another process can take over while this one is stopped.
    ///
    /// # Errors
    /// As for [`Handle::shutdown`].
    pub async fn step_back(&self) -> Result<(), RuntimeError> {
        self.shared.set_aside(true);
        self.hand_back().await
    }

    /// Runs that are driven or commanded now; each has at most one call in flight.
    pub fn under_way(&self) -> usize {
        self.shared.registry.len()
    }

    /// Drives again once the lease is free, whether or not [`Handle::step_back`] was waited for.
    pub fn step_up(&self) {
        self.shared.set_aside(false);
    }

    async fn hand_back(&self) -> Result<(), RuntimeError> {
        self.shared.registry.emptied().await;
        let told = self.shared.tell_of_targets();
        if let Some(fence) = self.shared.held_fence() {
            self.shared.set_fence(None);
            self.shared.store.release_lease(fence, self.shared.now())?;
        }
        told
    }
}
