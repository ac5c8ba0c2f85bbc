//! A decision in the making: a copy of the state that every event is folded into at once, so that
//! what is decided next sees what was decided before.

use serde_json::Value;
use uuid::Uuid;

use crate::domain::{
    DeadLetterId, DigestBuilder, IdempotencyKey, PacketId, RunId, RunStatus, StepId, Timestamp,
    limits,
};
use crate::engine::command::{Context, Envelope};
use crate::engine::dead_letter::StuckAt;
use crate::engine::event::{Authority, Event, MessageValues, Next, ParkedValues, Recorded};
use crate::engine::evolve::{apply, evolve};
use crate::engine::plan::run_scope;
use crate::engine::rejection::Rejection;
use crate::engine::state::{RunError, RunState};
use crate::expr::Scope;
use crate::workflow::{Definition, Step, StepKind, Target};

#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) cx: &'a Context<'a>,
    pub(super) envelope: &'a Envelope,
    pub(super) state: RunState,
    pub(super) events: Vec<Recorded>,
    actor: Authority,
    drawn: u64,
    /// The state before the command; none for a run's first.
    before: Option<&'a RunState>,
}

impl<'a> Draft<'a> {
    /// Goes on with a run.
    pub(super) fn of(cx: &'a Context<'a>, envelope: &'a Envelope, state: &'a RunState) -> Self {
        Self {
            cx,
            envelope,
            state: state.clone(),
            events: Vec::with_capacity(4),
            actor: Authority::from(&envelope.actor),
            drawn: 0,
            before: Some(state),
        }
    }

    /// Begins a run with its first event.
    pub(super) fn begin(
        cx: &'a Context<'a>,
        envelope: &'a Envelope,
        run: RunId,
        event: Event,
    ) -> Result<Self, Rejection> {
        let actor = Authority::from(&envelope.actor);
        let first = Recorded {
            run,
            run_seq: 1,
            at: envelope.at,
            actor: actor.clone(),
            event,
        };
        let broken = |why: String| Rejection::Broken { run, why };
        let state = evolve(None, &first).map_err(|misfit| broken(misfit.to_string()))?;
        Ok(Self {
            cx,
            envelope,
            state,
            events: vec![first],
            actor,
            drawn: 0,
            before: None,
        })
    }

    pub(super) fn definition(&self) -> &'a Definition {
        self.cx.definition
    }

    pub(super) fn now(&self) -> Timestamp {
        self.envelope.at
    }

    pub(super) fn step(&self, id: &StepId) -> Result<&'a Step, Rejection> {
        self.cx
            .definition
            .steps
            .get(id)
            .ok_or_else(|| self.broken(&format!("its definition has no step `{id}`")))
    }

    /// Whether what a step calls may be called now: by this process, and with room at its target.
    pub(super) fn may_call_at(&self, step: &Step) -> bool {
        let StepKind::Tool(call) = &step.kind else {
            return true;
        };
        let tool = self.cx.definition.tools.get(&call.tool);
        let full = tool.is_some_and(|tool| self.cx.full.contains(&tool.manifest.connector));
        self.cx.executes && !full
    }

    /// Adds an event and folds it in.
    pub(super) fn emit(&mut self, event: Event) -> Result<(), Rejection> {
        if self.events.len() >= limits::EVENTS_PER_COMMAND_MAX {
            return Err(self.broken("one command would cause too many events"));
        }
        let recorded = Recorded {
            run: self.state.run,
            run_seq: self.state.seq.saturating_add(1),
            at: self.envelope.at,
            actor: self.actor.clone(),
            event,
        };
        apply(&mut self.state, &recorded).map_err(|misfit| self.broken(&misfit.to_string()))?;
        self.events.push(recorded);
        Ok(())
    }

    /// Forgets all but the first `kept` events, by folding those anew: it is seldom needed, and
    /// a copy of the state before each risk would be made every time.
    pub(super) fn rewind(&mut self, kept: usize) -> Result<(), Rejection> {
        self.events.truncate(kept);
        let mut state = self.before.cloned();
        for recorded in &self.events {
            let folded = evolve(state, recorded);
            state = Some(folded.map_err(|misfit| self.broken(&misfit.to_string()))?);
        }
        self.state = state.ok_or_else(|| self.broken("it has no first event"))?;
        Ok(())
    }

    /// Ends the run; one that fails after effects that can be undone undoes them first.
    pub(super) fn end(
        &mut self,
        status: RunStatus,
        error: Option<RunError>,
    ) -> Result<(), Rejection> {
        let saga = &self.state.saga;
        let fails = status == RunStatus::Failed && saga.closing.is_none();
        let error = if fails {
            error.map(|error| saga.told(error))
        } else {
            error
        };
        if !fails || saga.done.is_empty() {
            return self.ended(status, error, Vec::new());
        }
        let (code, values) = told(error);
        self.emit(Event::CompensationStarted {
            end: status,
            code,
            values,
        })
    }

    /// Ends the run and leaves what it did as it is, which the journal names.
    pub(super) fn end_as_it_stands(
        &mut self,
        status: RunStatus,
        error: Option<RunError>,
    ) -> Result<(), Rejection> {
        let done = self.state.saga.done.iter();
        let left = done.map(|done| done.key).collect();
        self.ended(status, error, left)
    }

    fn ended(
        &mut self,
        status: RunStatus,
        error: Option<RunError>,
        left: Vec<IdempotencyKey>,
    ) -> Result<(), Rejection> {
        let (code, values) = told(error);
        self.emit(Event::RunEnded {
            status,
            left,
            code,
            values,
        })
    }

    /// Parks a step as a dead letter.
    pub(super) fn park(
        &mut self,
        step: &StepId,
        stuck: StuckAt,
        (code, message): (&str, String),
    ) -> Result<(), Rejection> {
        self.park_with(step, stuck, (code, message), None)
    }

    /// Parks a step with what it was answered.
    pub(super) fn park_with(
        &mut self,
        step: &StepId,
        stuck: StuckAt,
        (code, message): (&str, String),
        output: Option<Value>,
    ) -> Result<(), Rejection> {
        let random = self.draw("dead letter");
        self.emit(Event::StepParked {
            dead_letter: DeadLetterId(uuid_v7(self.now(), &random)),
            step: step.clone(),
            code: code.to_owned(),
            stuck,
            attempts: self.state.phase.attempt(),
            values: ParkedValues { message, output },
        })
    }

    /// The visit that would begin if `step` were entered now.
    pub(super) fn next_visit(&self, step: &StepId) -> u32 {
        self.state
            .visits
            .get(step)
            .copied()
            .unwrap_or(0)
            .saturating_add(1)
    }

    /// The review as expressions see it.
    pub(super) fn review(&self) -> Value {
        self.state.review.as_ref().map_or(Value::Null, |review| {
            serde_json::to_value(review).unwrap_or(Value::Null)
        })
    }

    pub(super) fn scope<'s>(&'s self, review: &'s Value) -> Scope<'s> {
        run_scope(&self.state, review)
    }

    /// 32 bytes that no other draw of this command gives.
    pub(super) fn draw(&mut self, purpose: &str) -> [u8; 32] {
        self.drawn = self.drawn.saturating_add(1);
        DigestBuilder::new("countersign/draw/v1")
            .bytes(&self.envelope.seed)
            .text(purpose)
            .number(self.drawn)
            .finish()
            .0
    }

    pub(super) fn draw_packet_id(&mut self) -> PacketId {
        let random = self.draw("packet");
        PacketId(uuid_v7(self.now(), &random))
    }

    pub(super) fn broken(&self, why: &str) -> Rejection {
        Rejection::Broken {
            run: self.state.run,
            why: why.to_owned(),
        }
    }
}

/// A target as an event states it.
pub(super) fn next_of(target: &Target) -> Next {
    match target {
        Target::Step(step) => Next::Step(step.clone()),
        Target::End(status) => Next::End(*status),
    }
}

/// A UUID version 7 (RFC 9562) of a time and random bytes that came in with a command.
pub fn uuid_v7(at: Timestamp, random: &[u8; 32]) -> Uuid {
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, ..] = *random;
    let millis = u64::try_from(at.0).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[b0, b1, b2, b3, b4, b5, b6, b7, b8, b9])
        .into_uuid()
}

/// Why a run ended, as its events hold it.
fn told(error: Option<RunError>) -> (Option<String>, Option<MessageValues>) {
    let (code, message) = error.map(|error| (error.code, error.message)).unzip();
    (code, message.map(|message| MessageValues { message }))
}
