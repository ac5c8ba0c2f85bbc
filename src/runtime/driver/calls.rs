//! The calls a driver makes: each with leave of its target, whose outcome tells how the target does.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::limits::PLACE_WAIT_MS_MAX;
use crate::domain::{PlannedEffect, ToolName};
use crate::engine::{
    CallFailure, Command, Effect, FailureClass, Phase, ReadCall, RetryCall, RunState, Then,
};
use crate::runtime::RuntimeError;
use crate::runtime::driver::turn::{Placed, Turn};
use crate::runtime::shared::Shared;
use crate::runtime::targets::Due;
use crate::store::StoreError;
use crate::tools::{Call, CallResult};
use crate::workflow::{Definition, StepKind, Tool};

impl Shared {
    /// Sees to a place at the target that the run calls next. What is not durable yet waits as long
    /// as it takes, and an INTENT that is for a part of the time in which it may be sent.
    pub(super) async fn place<'a>(
        &'a self,
        (effect, owned): (&Effect<'_>, bool),
        (definition, state): (&Definition, &RunState),
        turn: &mut Turn<'a>,
    ) -> Placed {
        let target = match effect {
            Effect::WakeAt(at) if *at > self.now() && !self.set_back(state) => None,
            Effect::WakeAt(_) => called_anew(definition, state),
            Effect::Proceed => called_first(definition, state),
            Effect::ReadTool { read, .. } | Effect::ProbeTool { read, .. } => {
                connector(definition, &read.tool)
            }
            Effect::WriteTool { effect, .. } => connector(definition, &effect.tool),
        };
        let Some(target) = target else {
            turn.leave_place();
            return Placed::AtOnce;
        };
        // Of an INTENT that another process left nobody here can say that it was not sent.
        let sends = owned && matches!(effect, Effect::WriteTool { .. });
        let patience = Duration::from_millis(PLACE_WAIT_MS_MAX.unsigned_abs());
        turn.place_at(target, sends.then_some(patience)).await
    }

    /// What becomes of an INTENT of this process for whose request there was no place.
    pub(super) fn unplaced(&self, (state, owned): (&RunState, bool)) -> Option<Command> {
        let Phase::Sending { attempt, .. } = &state.phase else {
            return None;
        };
        if !owned {
            return None;
        }
        // It is not sent any more.
        self.in_time(state);
        Some(Command::FailCall {
            attempt: *attempt,
            failure: nothing_sent(
                "target_busy",
                "As many requests as may be were under way at its target for too long; nothing was \
                 sent.",
            ),
        })
    }

    /// Whether a run's due timer is fired now: not while its retry would call a target that takes
    /// nothing. Its row waits on.
    pub(super) fn fires<'a>(
        &'a self,
        (definition, state): (&Definition, &RunState),
        turn: &mut Turn<'a>,
    ) -> bool {
        let Some(target) = called_anew(definition, state) else {
            return true;
        };
        let asked = asked_by_person(state);
        match self.targets.admit_retry((state.run, asked), target) {
            Due::Go(pass) => {
                turn.keep(pass);
                true
            }
            Due::Unsent => true,
            Due::Wait => false,
        }
    }

    pub(super) async fn read<'a>(
        &'a self,
        definition: &Definition,
        read: &ReadCall,
        turn: &mut Turn<'a>,
    ) -> CallResult {
        let Some(tool) = definition.tools.get(&read.tool) else {
            return Err(not_pinned(read.tool.as_str()));
        };
        let target = tool.manifest.connector.as_str();
        let pass = turn.pass_for(target).or_else(|| self.targets.admit(target));
        let Some(pass) = pass else {
            return Err(self.left_alone(target));
        };
        let _place = turn.leave_place();
        let result = self.call_read(tool, read).await;
        pass.settle(&result);
        result
    }

    /// Asks what became of a write: nothing keeps it from being settled.
    pub(super) async fn probe<'a>(
        &'a self,
        definition: &Definition,
        read: &ReadCall,
        turn: &mut Turn<'a>,
    ) -> CallResult {
        let Some(tool) = definition.tools.get(&read.tool) else {
            return Err(not_pinned(read.tool.as_str()));
        };
        let target = tool.manifest.connector.as_str();
        let pass = turn.pass_for(target);
        let pass = pass.unwrap_or_else(|| self.targets.admit_probe(target));
        let _place = turn.leave_place();
        let result = self.call_read(tool, read).await;
        pass.settle(&result);
        result
    }

    async fn call_read(&self, tool: &Tool, read: &ReadCall) -> CallResult {
        let digest = read.request.digest();
        self.tools
            .call(Call {
                tool,
                request: &read.request,
                digest,
            })
            .await
    }

    /// Sends a write whose INTENT is durable, if it still may be sent.
    pub(super) async fn send<'a>(
        &'a self,
        (definition, state): (&Definition, &RunState),
        effect: &PlannedEffect,
        turn: &mut Turn<'a>,
    ) -> Result<CallResult, RuntimeError> {
        let Some(tool) = definition.tools.get(&effect.tool) else {
            return Ok(Err(not_pinned(effect.tool.as_str())));
        };
        let target = tool.manifest.connector.as_str();
        let pass = turn.pass_for(target).or_else(|| self.targets.admit(target));
        let _place = turn.leave_place();
        self.still_executor()?;
        if !self.still_wanted(state)? {
            return Ok(Err(not_wanted()));
        }
        if !self.in_time(state) {
            return Ok(Err(too_late()));
        }
        let Some(pass) = pass else {
            return Ok(Err(self.left_alone(target)));
        };
        let result = self.write(tool, effect).await;
        pass.settle(&result);
        Ok(result)
    }

    /// Recomputes the effect's digest from its parts before anything is sent.
    async fn write(&self, tool: &Tool, effect: &PlannedEffect) -> CallResult {
        if effect.digest_of_parts().ok() != Some(effect.digest) {
            return Err(nothing_sent(
                "digest_mismatch",
                "What would be sent is not what the journal says; nothing was sent.",
            ));
        }
        let digest = effect.request.digest();
        self.tools
            .call(Call {
                tool,
                request: &effect.request,
                digest,
            })
            .await
    }

    /// Reads the fencing token again, right before the first byte.
    fn still_executor(&self) -> Result<(), RuntimeError> {
        let Some(fence) = self.held_fence() else {
            return Err(RuntimeError::Stopped);
        };
        if self.store.fence_holds(fence)? {
            return Ok(());
        }
        self.set_fence(None);
        Err(StoreError::Fenced.into())
    }

    /// Tells whether the INTENT of `state` may still be sent: this process, or the machine, may have
    /// been stopped since it became durable.
    fn in_time(&self, state: &RunState) -> bool {
        let before = match &state.phase {
            Phase::Sending { send_before, .. } => *send_before,
            _ => None,
        };
        let now = (Instant::now(), self.now());
        self.sendable.take(state.run, before, now)
    }

    /// Tells, right before the first byte, whether the run was not terminated since its INTENT.
    fn still_wanted(&self, state: &RunState) -> Result<bool, RuntimeError> {
        if self.store.stands_at(state.run, state.seq)? {
            return Ok(true);
        }
        Ok(self.load(state.run)?.saga.closing == state.saga.closing)
    }

    fn left_alone(&self, target: &str) -> CallFailure {
        let failures = self.targets.failures(target);
        nothing_sent(
            "breaker_open",
            &format!(
                "`{target}` failed {failures} times in a row and is left alone for a while; nothing \
                 was sent."
            ),
        )
    }
}

/// Whether a person had the call go on that is due: nothing repeats it by itself.
fn asked_by_person(state: &RunState) -> bool {
    let Phase::Retrying { call, .. } = &state.phase else {
        return false;
    };
    match call {
        RetryCall::Read { anew, .. } => *anew,
        RetryCall::Write { then, .. } => match then {
            Then::Judge => true,
            Then::Send | Then::Settle { .. } => false,
        },
    }
}

/// The target of the step that a run takes next; none where that step calls none.
fn called_first<'a>(definition: &'a Definition, state: &RunState) -> Option<&'a str> {
    let Phase::Ready { step, .. } = &state.phase else {
        return None;
    };
    match &definition.steps.get(step)?.kind {
        StepKind::Tool(call) => connector(definition, &call.tool),
        StepKind::Compute { .. } | StepKind::Gate(_) | StepKind::Wait(_) => None,
    }
}

fn connector<'a>(definition: &'a Definition, tool: &ToolName) -> Option<&'a str> {
    Some(&definition.tools.get(tool)?.manifest.connector)
}

/// The target that a run's due timer calls anew; none where it calls nothing, or asks what became
/// of a write.
fn called_anew<'a>(definition: &'a Definition, state: &RunState) -> Option<&'a str> {
    let Phase::Retrying { call, .. } = &state.phase else {
        return None;
    };
    let tool = match call {
        RetryCall::Read { read, .. } => definition.tools.get(&read.tool)?,
        RetryCall::Write { effect, then, .. } => {
            let tool = definition.tools.get(&effect.tool)?;
            let asks = match then {
                Then::Send | Then::Judge => false,
                // Without a key it is asked about rather than sent again.
                Then::Settle { looks } => *looks > 0 || tool.manifest.key.is_none(),
            };
            if asks {
                return None;
            }
            tool
        }
    };
    Some(&tool.manifest.connector)
}

/// This process alone could have sent it, and did not: the token was read again just before, and
/// this outcome commits only under it.
fn too_late() -> CallFailure {
    nothing_sent(
        "too_late",
        "The time to send this had passed when its turn came, because the process or the machine \
         was stopped meanwhile; nothing was sent.",
    )
}

fn not_wanted() -> CallFailure {
    nothing_sent(
        "not_wanted",
        "The run was terminated before this was sent; nothing was sent.",
    )
}

fn not_pinned(tool: &str) -> CallFailure {
    nothing_sent(
        "tool_missing",
        &format!("The definition pins no tool `{tool}`; nothing was sent."),
    )
}

fn nothing_sent(code: &str, message: &str) -> CallFailure {
    CallFailure {
        class: FailureClass::Safe,
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after_ms: None,
    }
}
