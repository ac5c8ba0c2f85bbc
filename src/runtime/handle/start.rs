//! Starting runs, and waiting for them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Actor, Fields, Holder, RunId, RunStatus};
use crate::engine::{Authority, Command, Context, Event, Phase, RunState, decide, uuid_v7};
use crate::runtime::apply::durable;
use crate::runtime::shared::Shared;
use crate::runtime::{Handle, RuntimeError, StartRow, Started};
use crate::store::{Commit, StoreError};
use crate::views::{RunRow, run_row};
use crate::workflow::Definition;

/// How often a run that another process drives, or that waits for a retry, is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(15);

impl Handle {
    /// Starts runs, each durable when this returns; answers in the order given.
    ///
    /// # Errors
    /// The store refused; runs before the refused one stand. Starting them again under their keys
    /// starts nothing twice.
    pub async fn start(
        &self,
        definition: &Arc<Definition>,
        rows: Vec<StartRow>,
        by: &Actor,
    ) -> Result<Vec<Started>, RuntimeError> {
        let shared = &self.shared;
        let now = shared.now();
        shared
            .library
            .register(definition, now, &Authority::from(by))?;
        let mut planned = Vec::with_capacity(rows.len());
        let mut commits = Vec::with_capacity(rows.len());
        for row in rows {
            let known = match &row.key {
                Some(key) => shared.store.run_by_key(&definition.name, key)?,
                None => None,
            };
            if let Some(run) = known {
                let differs = shared.load(run)?.input.as_ref() != &row.input;
                planned.push(Planned::Duplicate { run, differs });
                continue;
            }
            let run = shared.new_run()?;
            let commit = shared.plan_start((definition, by), run, row, &mut Vec::new())?;
            planned.push(Planned::New(New::of(&commit)));
            commits.push(commit);
        }
        // Claimed before the commit, so that nobody else takes up what it makes visible; and only
        // once nothing can fail any more, so that no claim is left behind.
        let decided = Instant::now();
        let claims = Claims::of(shared, commits.iter().map(|commit| commit.run));
        let acks = shared.store.commit(commits);
        let claims = (claims, decided);
        shared
            .settle_starts((definition, by), planned, acks, claims)
            .await
    }

    /// Waits until a run is finished, waiting, paused or dead-lettered, whoever drives it.
    ///
    /// # Errors
    /// The run does not exist, cannot go on, or this process stops.
    pub async fn settled(&self, run: RunId) -> Result<RunRow, RuntimeError> {
        let shared = &self.shared;
        loop {
            if let Some(waiting) = shared.registry.wait_for(run)
                && let Ok(state) = waiting.await
                && is_settled(&run_row(&state))
            {
                return Ok(run_row(&state));
            }
            if let Some(trouble) = shared.troubles.take(run) {
                return Err(trouble);
            }
            let row = shared.store.run(run)?.ok_or(RuntimeError::NoSuchRun(run))?;
            if is_settled(&row) {
                return Ok(row);
            }
            if shared.is_stopping() {
                return Err(RuntimeError::Stopped);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// A terminated run with a timer is asking what became of an effect.
fn is_settled(row: &RunRow) -> bool {
    let asking = row.status == RunStatus::Terminated && row.timer.is_some();
    !row.status.is_active() && !asking
}

/// What became of one row before it was committed.
enum Planned {
    Duplicate { run: RunId, differs: bool },
    New(New),
}

/// A run that was decided to start.
pub(in crate::runtime) struct New {
    pub(in crate::runtime) run: RunId,
    after: Arc<RunState>,
    /// Its state before anything was done, which shares its memory with the commit.
    fields: Option<Arc<Fields>>,
}

impl New {
    fn of(commit: &Commit) -> Self {
        let first = commit.events.first().map(|recorded| &recorded.event);
        let fields = first.and_then(|event| match event {
            Event::RunStarted { values, .. } => Some(Arc::clone(&values.state)),
            _ => None,
        });
        Self {
            run: commit.run,
            after: Arc::clone(&commit.after),
            fields,
        }
    }

    /// The row it was started with.
    pub(in crate::runtime) fn row(&self) -> StartRow {
        let fields = self.fields.as_deref();
        StartRow {
            input: self.after.input.as_ref().clone(),
            fields: fields.cloned().unwrap_or_default(),
            key: self.after.key.clone(),
        }
    }
}

impl Shared {
    fn new_run(&self) -> Result<RunId, RuntimeError> {
        let seed = self.entropy.seed().map_err(RuntimeError::Entropy)?;
        Ok(RunId(uuid_v7(self.now(), &seed)))
    }

    pub(in crate::runtime) fn plan_start(
        &self,
        (definition, by): (&Definition, &Actor),
        run: RunId,
        row: StartRow,
        holders: &mut Vec<Holder>,
    ) -> Result<Commit, RuntimeError> {
        let command = Command::StartRun {
            run,
            key: row.key,
            input: row.input,
            state: row.fields,
        };
        let envelope = self.envelope(by, command)?;
        let full = self.targets.full_for(run);
        let decision = self.decide_knowing((definition, None), holders, |context| {
            let context = Context {
                full: &full,
                ..*context
            };
            decide(&context, None, &envelope)
        })?;
        Ok(self.commit_of(None, decision))
    }

    /// Hands each durable run to a driver, and tells the rest what they are duplicates of.
    async fn settle_starts(
        self: &Arc<Self>,
        (definition, by): (&Definition, &Actor),
        planned: Vec<Planned>,
        acks: Vec<crate::store::Ack>,
        (mut claims, decided): (Claims<'_>, Instant),
    ) -> Result<Vec<Started>, RuntimeError> {
        let mut acks = acks.into_iter();
        let mut started = Vec::with_capacity(planned.len());
        let mut failed = None;
        for plan in planned {
            let new = match plan {
                Planned::Duplicate { run, differs } => {
                    started.push(Started {
                        run,
                        duplicate: true,
                        differs,
                    });
                    continue;
                }
                Planned::New(new) => new,
            };
            let run = new.run;
            let durable = match durable(acks.next()).await {
                Ok(_) => Ok(Arc::clone(&new.after)),
                Err(RuntimeError::Store(StoreError::DuplicateIdentity { identity, .. })) => {
                    self.start_beside((definition, by), &new, identity).await
                }
                Err(error) => Err(error),
            };
            match durable {
                Ok(state) => {
                    self.adopt(run);
                    if matches!(state.phase, Phase::Sending { .. }) {
                        self.sendable.note(run, decided);
                    }
                    claims.hand_over(run, state);
                    started.push(Started {
                        run,
                        duplicate: false,
                        differs: false,
                    });
                }
                Err(RuntimeError::Store(StoreError::DuplicateKey { run: existing })) => {
                    claims.give_up(run);
                    started.push(Started {
                        run: existing,
                        duplicate: true,
                        differs: self.load(existing)?.input != new.after.input,
                    });
                }
                Err(error) => {
                    claims.give_up(run);
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(started), Err)
    }
}

/// Runs about to be committed, claimed so that nobody else takes them up. Whatever is neither
/// handed over nor given up when this is dropped is left to whoever looks next.
struct Claims<'a> {
    shared: &'a Arc<Shared>,
    runs: BTreeSet<RunId>,
}

impl<'a> Claims<'a> {
    fn of(shared: &'a Arc<Shared>, runs: impl Iterator<Item = RunId>) -> Self {
        let runs = runs
            .inspect(|run| {
                let free = shared.registry.claim_if_free(*run);
                debug_assert!(free, "a new run has no driver");
            })
            .collect();
        Self { shared, runs }
    }

    /// The run is durable: its driver begins with this state, where this process drives.
    fn hand_over(&mut self, run: RunId, state: Arc<RunState>) {
        self.runs.remove(&run);
        if self.shared.fence().is_some() {
            self.shared.registry.hand_over(run, Some(state));
            self.shared.spawn_driver(run);
        } else {
            self.shared.registry.leave(run, Some(&state));
        }
    }

    fn give_up(&mut self, run: RunId) {
        self.runs.remove(&run);
        self.shared.registry.leave(run, None);
    }
}

impl Drop for Claims<'_> {
    fn drop(&mut self) {
        for run in &self.runs {
            self.shared.registry.leave(*run, None);
        }
    }
}
