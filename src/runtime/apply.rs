//! One command on one run: load, decide, commit. A command that lost a race is decided anew.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::{Actor, ActorKind, Holder, RunId, limits};
use crate::engine::{
    Command, Context, Decision, Envelope, Event, Phase, Rejection, RunState, decide,
};
use crate::runtime::RuntimeError;
use crate::runtime::shared::Shared;
use crate::store::{Ack, Commit, Committed, StoreError};
use crate::views::rows_of;
use crate::workflow::Definition;

/// Who asks what would be decided need not wait for room.
static NONE_FULL: BTreeSet<String> = BTreeSet::new();

/// What a command came to.
#[derive(Clone, Debug)]
pub(super) struct Applied {
    pub(super) state: Arc<RunState>,
    /// The command made an INTENT durable that nobody has acted on yet.
    pub(super) intended: bool,
}

/// Who commits a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commander {
    /// A person, by way of any process.
    Anybody,
    /// The driver of a run, which must still hold the executor lease.
    Executor,
}

impl Shared {
    /// Decides and commits a person's command on an existing run.
    pub(super) async fn apply(
        &self,
        run: RunId,
        actor: &Actor,
        command: Command,
    ) -> Result<Applied, RuntimeError> {
        self.apply_as((Commander::Anybody, actor), run, None, command)
            .await
    }

    /// Decides and commits what the driver of a run found. Refused once another process holds the
    /// lease: what it found may be about a call that is no longer under way. `known` saves a load
    /// where the driver just committed that state.
    pub(super) async fn apply_as_executor(
        &self,
        run: RunId,
        known: Option<Arc<RunState>>,
        actor: &Actor,
        command: Command,
    ) -> Result<Applied, RuntimeError> {
        self.apply_as((Commander::Executor, actor), run, known, command)
            .await
    }

    /// A command that lost a race is decided anew.
    async fn apply_as(
        &self,
        (commander, actor): (Commander, &Actor),
        run: RunId,
        mut known: Option<Arc<RunState>>,
        command: Command,
    ) -> Result<Applied, RuntimeError> {
        let mut envelope = self.envelope(actor, command)?;
        let mut holders = Vec::new();
        for _ in 0..limits::CONFLICTS_MAX {
            let state = match known.take() {
                Some(state) => state,
                None => self.load(run)?,
            };
            envelope.at = self.now();
            let decided = self.decide_and_commit(commander, &state, &envelope, &mut holders);
            match decided.await {
                Err(RuntimeError::Store(StoreError::Conflict { .. })) => {}
                // What stands in its way comes in with the command this time.
                Err(RuntimeError::Store(StoreError::DuplicateIdentity { identity, .. })) => {
                    self.look_up_holders(identity, &mut holders)?;
                }
                // Another process executes now: what this one may not send it may still decide.
                Err(RuntimeError::Store(StoreError::Fenced)) if commander == Commander::Anybody => {
                    self.set_fence(None);
                }
                Err(RuntimeError::Rejected(rejection)) => {
                    return self.refused(run, envelope, rejection).await;
                }
                other => return other,
            }
        }
        Err(RuntimeError::TooManyConflicts { run })
    }

    pub(super) fn load(&self, run: RunId) -> Result<Arc<RunState>, RuntimeError> {
        let state = self.store.load(run)?.ok_or(RuntimeError::NoSuchRun(run))?;
        Ok(Arc::new(state))
    }

    pub(super) fn envelope(
        &self,
        actor: &Actor,
        command: Command,
    ) -> Result<Envelope, RuntimeError> {
        Ok(Envelope {
            at: self.now(),
            actor: actor.clone(),
            seed: self.entropy.seed().map_err(RuntimeError::Entropy)?,
            jitter: self.clock.jitters(),
            command,
        })
    }

    pub(super) fn context<'a>(
        &'a self,
        definition: &'a Definition,
        holders: &'a [Holder],
    ) -> Context<'a> {
        Context {
            definition,
            connectors: &self.connectors,
            executes: self.fence().is_some(),
            full: &NONE_FULL,
            holders,
            lost_before: self.lost_before(),
        }
    }

    async fn decide_and_commit(
        &self,
        commander: Commander,
        state: &Arc<RunState>,
        envelope: &Envelope,
        holders: &mut Vec<Holder>,
    ) -> Result<Applied, RuntimeError> {
        let decided = Instant::now();
        let definition = self.library.pinned(state.definition)?;
        let full = self.targets.full_for(state.run);
        let known = (definition.as_ref(), Some(state.as_ref()));
        let decision = self.decide_knowing(known, holders, |context| {
            let context = Context {
                full: &full,
                ..*context
            };
            decide(&context, Some(state.as_ref()), envelope)
        })?;
        if decision.events.is_empty() {
            return Ok(Applied {
                state: Arc::clone(state),
                intended: false,
            });
        }
        let mut commit = self.commit_of(Some(state.as_ref()), decision);
        if commander == Commander::Executor {
            commit.fence = Some(self.held_fence().ok_or(StoreError::Fenced)?);
        }
        let applied = Applied {
            state: Arc::clone(&commit.after),
            intended: has_intent(&commit),
        };
        let ack = self.store.commit(vec![commit]).pop();
        durable(ack).await?;
        // What is asked about before it is sent has no leave to send yet.
        if applied.intended && matches!(applied.state.phase, Phase::Sending { .. }) {
            self.sendable.note(applied.state.run, decided);
        }
        Ok(applied)
    }

    /// A decision as the store takes it.
    pub(super) fn commit_of(&self, before: Option<&RunState>, decision: Decision) -> Commit {
        let rows = rows_of(before, &decision.events, &decision.state);
        let mut commit = Commit {
            run: decision.state.run,
            expected_seq: before.map_or(0, |state| state.seq),
            events: decision.events,
            after: Arc::new(decision.state),
            rows,
            fence: None,
        };
        if has_intent(&commit) {
            commit.fence = self.held_fence();
        }
        commit
    }

    /// Journals a refusal: a person's command, or an answer that came too late.
    async fn refused(
        &self,
        run: RunId,
        mut envelope: Envelope,
        rejection: Rejection,
    ) -> Result<Applied, RuntimeError> {
        let evidence = matches!(rejection, Rejection::LateAnswer { .. });
        if envelope.actor.kind != ActorKind::Person && !evidence {
            return Err(rejection.into());
        }
        envelope.command = Command::RecordRefusal {
            command: envelope.command.name().to_owned(),
            code: rejection.code().to_owned(),
            message: rejection.to_string(),
        };
        for _ in 0..limits::CONFLICTS_MAX {
            let state = self.load(run)?;
            envelope.at = self.now();
            match self
                .decide_and_commit(Commander::Anybody, &state, &envelope, &mut Vec::new())
                .await
            {
                Err(RuntimeError::Store(StoreError::Conflict { .. })) => {}
                Err(error) => return Err(error),
                Ok(_) => return Err(rejection.into()),
            }
        }
        Err(RuntimeError::TooManyConflicts { run })
    }
}

/// Waits for a commit to be durable.
pub(super) async fn durable(ack: Option<Ack>) -> Result<Committed, RuntimeError> {
    match ack {
        Some(ack) => match ack.await {
            Ok(answer) => Ok(answer?),
            // The writer dropped the command unanswered: it is gone.
            Err(_) => Err(StoreError::Closed.into()),
        },
        None => Err(StoreError::Closed.into()),
    }
}

pub(super) fn has_intent(commit: &Commit) -> bool {
    commit
        .events
        .iter()
        .any(|recorded| matches!(recorded.event, Event::EffectIntended { .. }))
}
