//! Drives one run: whatever it asks of the world is done, and what comes back is decided, until
//! the run waits, is held, or has ended.

mod calls;
mod lost;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use crate::domain::{Actor, RunId};
use crate::engine::{Command, Effect, Phase, Rejection, RunState, effect_of};
use crate::runtime::RuntimeError;
use crate::runtime::apply::Applied;
use crate::runtime::driver::turn::{Placed, Turn};
use crate::runtime::registry::{Handoff, Leave};
use crate::runtime::shared::Shared;
use crate::store::StoreError;
use crate::tools::CallResult;
use crate::workflow::Definition;

/// Times an outcome is recorded again while the store is busy or full.
const OUTCOME_TRIES_MAX: u32 = 40;
/// How long that may take in all: a busy store makes each try wait by itself.
const OUTCOME_SPAN_MS: i64 = 20_000;
/// The wait between two of them.
const OUTCOME_WAIT: Duration = Duration::from_millis(500);

impl Shared {
    /// Starts driving a run, unless somebody does already; then that driver looks again.
    pub(super) fn drive_soon(self: &Arc<Self>, run: RunId) {
        if self.registry.claim(run) {
            self.spawn_driver(run);
        }
    }

    /// Spawns the driver of a run that was claimed.
    pub(super) fn spawn_driver(self: &Arc<Self>, run: RunId) {
        let shared = Arc::clone(self);
        tokio::spawn(async move { shared.drive(run).await });
    }

    async fn drive(self: Arc<Self>, run: RunId) {
        let Some(mut turn) = Turn::take(&self, run).await else {
            return;
        };
        let mut at_work = lost::AtWork::new(&self, run);
        self.give_up_if_lost(run).await;
        let mut handoff = self.registry.take_handoff(run);
        let mut last_seq = 0;
        loop {
            let fresh = handoff.take().filter(|state| state.seq > last_seq);
            let drive = self.drive_until_settled(run, fresh, &mut last_seq, &mut turn);
            let settled = match drive.await {
                Ok(state) => {
                    self.troubles.clear(run);
                    Some(state)
                }
                Err(RuntimeError::Rejected(rejection)) => {
                    self.troubles.lose(run, &rejection.to_string());
                    None
                }
                Err(error) => {
                    self.trouble(run, &error);
                    None
                }
            };
            match self.registry.leave(run, settled.as_ref()) {
                Leave::Again(next) => handoff = next,
                Leave::Gone => {
                    at_work.left();
                    return;
                }
            }
        }
    }

    /// Acts and decides until the run asks for nothing now. `fresh` is a state this process
    /// committed and has not acted on: only then may a write be sent without recovering first.
    /// `last_seq` is kept at the newest state seen, so that no older one is ever acted on.
    async fn drive_until_settled<'a>(
        &'a self,
        run: RunId,
        fresh: Option<Handoff>,
        last_seq: &mut u64,
        turn: &mut Turn<'a>,
    ) -> Result<Arc<RunState>, RuntimeError> {
        let mut owned = fresh.is_some();
        let mut state = match fresh {
            Some(state) => state,
            None => self.load(run)?,
        };
        loop {
            *last_seq = state.seq;
            if !self.may_go_on(&state, owned) {
                return Ok(state);
            }
            let definition = self.library.pinned(state.definition)?;
            let Some(command) = self
                .next_command((&definition, &state), owned, turn)
                .await?
            else {
                return Ok(state);
            };
            let actor = actor_of(&definition, &command);
            match self.record(run, &state, &actor, command).await {
                Ok(applied) => {
                    if applied.state.seq == *last_seq {
                        return Ok(applied.state);
                    }
                    owned = true;
                    state = applied.state;
                }
                // Woken a moment too early.
                Err(RuntimeError::Rejected(Rejection::NotDue { .. })) => return Ok(state),
                // The run went another way meanwhile; the answer was kept as evidence.
                Err(RuntimeError::Rejected(rejection)) => {
                    owned = false;
                    state = self.load(run)?;
                    if state.seq == *last_seq {
                        return Err(rejection.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// An executor that stops takes up nothing more, but an INTENT it just made durable is sent:
    /// left unsent, it would look possibly sent for ever.
    fn may_go_on(&self, state: &RunState, owned: bool) -> bool {
        let intends = owned && matches!(state.phase, Phase::Sending { .. });
        self.fence().is_some() || (intends && self.held_fence().is_some())
    }

    /// Commits what the driver decided. An outcome is not dropped because the store is busy or
    /// full for a while: it is tried again, and nothing else is sent for this run meanwhile.
    async fn record(
        &self,
        run: RunId,
        state: &Arc<RunState>,
        actor: &Actor,
        command: Command,
    ) -> Result<Applied, RuntimeError> {
        let outcome = matches!(
            command,
            Command::CompleteCall { .. } | Command::FailCall { .. }
        );
        let mut tries = 0;
        let began = self.now();
        loop {
            let known = Some(Arc::clone(state));
            let applied = self
                .apply_as_executor(run, known, actor, command.clone())
                .await;
            let passing = matches!(
                applied,
                Err(RuntimeError::Store(
                    StoreError::Busy { .. } | StoreError::Full { .. }
                ))
            );
            let over = tries >= OUTCOME_TRIES_MAX || self.now().ms_since(began) >= OUTCOME_SPAN_MS;
            if !(outcome && passing) || over {
                return applied;
            }
            tries += 1;
            tokio::time::sleep(OUTCOME_WAIT).await;
        }
    }

    /// Does what the run asks for and turns the outcome into a command.
    async fn next_command<'a>(
        &'a self,
        (definition, state): (&Definition, &RunState),
        owned: bool,
        turn: &mut Turn<'a>,
    ) -> Result<Option<Command>, RuntimeError> {
        let Some(effect) = effect_of(state) else {
            return Ok(None);
        };
        match self
            .place((&effect, owned), (definition, state), turn)
            .await
        {
            Placed::AtOnce => {}
            Placed::Waited if self.may_go_on(state, owned) => {}
            Placed::Waited => return Ok(None),
            Placed::TooLong => return Ok(self.unplaced((state, owned))),
        }
        match effect {
            Effect::Proceed if owned => Ok(Some(Command::Proceed)),
            Effect::Proceed => Ok(Some(Command::Recover)),
            Effect::ReadTool { attempt, read, .. } => {
                let result = self.read(definition, read, turn).await;
                Ok(Some(outcome(attempt, result)))
            }
            Effect::ProbeTool { attempt, read, .. } => {
                let result = self.probe(definition, read, turn).await;
                Ok(Some(outcome(attempt, result)))
            }
            Effect::WriteTool { .. } if !owned => Ok(Some(Command::Recover)),
            Effect::WriteTool {
                attempt, effect, ..
            } => {
                let result = self.send((definition, state), effect, turn).await?;
                Ok(Some(outcome(attempt, result)))
            }
            Effect::WakeAt(at) if at <= self.now() || self.set_back(state) => {
                let fires = self.fires((definition, state), turn);
                Ok(fires.then_some(Command::FireTimer))
            }
            Effect::WakeAt(at) => {
                self.arm_timer(at.0);
                Ok(None)
            }
        }
    }

    /// A driver that cannot go on: the store says no, or a definition is unusable. The run stays
    /// as the journal has it and is taken up again by the next wake-up or process.
    fn trouble(&self, run: RunId, error: &RuntimeError) {
        if let RuntimeError::Store(StoreError::Fenced | StoreError::Broken { .. }) = error {
            self.set_fence(None);
        }
        self.troubles.record(run, error);
    }
}

/// Who issues a command: what an agent's tool answered is the agent's doing, the rest the system's.
fn actor_of(definition: &Definition, command: &Command) -> Actor {
    match command {
        Command::CompleteCall { .. } | Command::FailCall { .. } => {
            Actor::agent(&definition.scope.agent)
        }
        _ => Actor::system(),
    }
}

fn outcome(attempt: u32, result: CallResult) -> Command {
    match result {
        Ok(answer) => Command::CompleteCall {
            attempt,
            status: answer.status,
            output: answer.output,
        },
        Err(failure) => Command::FailCall { attempt, failure },
    }
}
