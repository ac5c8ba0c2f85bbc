//! A run's timeline: one line for each attempt of each step, folded from its events.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{Packet, PacketStatus, PlannedEffect, Question, StepId, StepStatus, Timestamp};
use crate::engine::{Event, Recorded, Settled};

/// One attempt of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepLine {
    pub step: StepId,
    pub visit: u32,
    pub attempt: u32,
    /// It undoes what the step did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    pub status: StepStatus,
    pub output: Option<Value>,
    pub error: Option<String>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// Folds a run's events, in order, into its timeline.
pub fn timeline<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Vec<StepLine> {
    let mut lines = Vec::new();
    for recorded in events {
        fold(&mut lines, recorded);
    }
    lines
}

fn fold(lines: &mut Vec<StepLine>, recorded: &Recorded) {
    let at = recorded.at;
    match &recorded.event {
        Event::CallStarted {
            step,
            visit,
            attempt,
            ..
        } => begin(lines, step, (*visit, *attempt), StepStatus::Running, at),
        Event::EffectIntended { .. } => sent(lines, &recorded.event, at),
        Event::WaitStarted { step, visit, .. } => {
            begin(lines, step, (*visit, 1), StepStatus::Pending, at);
        }
        Event::PacketOpened { visit, values, .. } => opened(lines, *visit, &values.packet, at),
        Event::GatePassed { step, visit, .. } => {
            begin(lines, step, (*visit, 1), StepStatus::Success, at);
            finish(lines, at, None);
        }
        Event::StepCompleted {
            step,
            visit,
            attempt,
            values,
            ..
        } => {
            begin_unless_open(lines, step, (*visit, *attempt), at);
            finish(lines, at, values.output.as_ref());
        }
        Event::PacketClosed { status, .. } => closed(lines, *status, at),
        Event::EffectConfirmed { .. }
        | Event::EffectSettled {
            settled: Settled::Happened,
            ..
        } => undone(lines, at),
        Event::CallFailed { values, .. }
        | Event::EffectRefused { values, .. }
        | Event::EffectDeferred { values, .. }
        | Event::EffectUnknown { values, .. } => fail(lines, at, &values.message),
        Event::EffectBlocked {
            at_step,
            visit,
            reason,
            ..
        } => {
            begin_unless_open(lines, at_step, (*visit, 1), at);
            fail(lines, at, reason);
        }
        Event::StepParked { step, values, .. } => park(lines, step, &values.message, at),
        // These change no step's line: they are about the run, its votes, or a call's inside.
        Event::RunStarted { .. }
        | Event::PacketAmended { .. }
        | Event::PacketEscalated { .. }
        | Event::PacketExtended { .. }
        | Event::VoteCast { .. }
        | Event::BudgetResolved { .. }
        | Event::GrantVoided { .. }
        | Event::ProbeStarted { .. }
        | Event::ProbeAnswered { .. }
        | Event::EffectSettled { .. }
        | Event::RunPaused { .. }
        | Event::RunResumed { .. }
        | Event::StateOverridden { .. }
        | Event::DeadLetterRedriven { .. }
        | Event::DeadLetterDiscarded { .. }
        | Event::CompensationStarted { .. }
        | Event::RunTerminated { .. }
        | Event::RunEnded { .. }
        | Event::CommandRefused { .. } => {}
    }
}

/// A question about what was sent belongs to the attempt that sent it.
fn opened(lines: &mut Vec<StepLine>, visit: u32, packet: &Packet, at: Timestamp) {
    match &packet.question {
        Question::Effects => {
            begin(lines, &packet.step, (visit, 1), StepStatus::NeedsReview, at);
            packet.effects.iter().for_each(|effect| mark(lines, effect));
        }
        Question::Outcome { message, .. } => park(lines, &packet.step, message, at),
        // The step or call was not begun.
        Question::Budget { .. } => {}
    }
}

fn begin(
    lines: &mut Vec<StepLine>,
    step: &StepId,
    (visit, attempt): (u32, u32),
    status: StepStatus,
    at: Timestamp,
) {
    lines.push(StepLine {
        step: step.clone(),
        visit,
        attempt,
        undo: false,
        status,
        output: None,
        error: None,
        started_at: at,
        finished_at: None,
    });
}

fn sent(lines: &mut Vec<StepLine>, event: &Event, at: Timestamp) {
    if let Event::EffectIntended {
        step,
        visit,
        attempt,
        values,
        ..
    } = event
    {
        begin(lines, step, (*visit, *attempt), StepStatus::Running, at);
        mark(lines, &values.effect);
    }
}

/// An undoing is told from the step's own attempts.
fn mark(lines: &mut [StepLine], effect: &PlannedEffect) {
    if let Some(line) = lines.last_mut() {
        line.undo = effect.undoes.is_some();
    }
}

/// An undoing is finished once it is confirmed; a step, once its answer was taken in.
fn undone(lines: &mut [StepLine], at: Timestamp) {
    if lines.last().is_some_and(|line| line.undo) {
        finish(lines, at, None);
    }
}

/// A step that called nothing, or was judged in the same decision, begins where it ends.
fn begin_unless_open(lines: &mut Vec<StepLine>, step: &StepId, place: (u32, u32), at: Timestamp) {
    let open = lines
        .last()
        .is_some_and(|line| line.step == *step && line.finished_at.is_none());
    if !open {
        begin(lines, step, place, StepStatus::Running, at);
    }
}

fn finish(lines: &mut [StepLine], at: Timestamp, output: Option<&Value>) {
    if let Some(line) = lines.last_mut() {
        line.status = StepStatus::Success;
        line.finished_at = Some(at);
        line.output = output.cloned();
    }
}

/// A packet that nobody decided leaves its step as it was.
fn closed(lines: &mut [StepLine], status: PacketStatus, at: Timestamp) {
    if status != PacketStatus::Withdrawn {
        finish(lines, at, None);
    }
}

fn fail(lines: &mut [StepLine], at: Timestamp, error: &str) {
    if let Some(line) = lines.last_mut() {
        line.status = StepStatus::Failed;
        line.finished_at = Some(at);
        line.error = Some(error.to_owned());
    }
}

/// A dead letter: the attempt that failed last now waits for a person.
fn park(lines: &mut Vec<StepLine>, step: &StepId, error: &str, at: Timestamp) {
    if lines.last().is_none_or(|line| line.step != *step) {
        let last = lines.iter().rev().find(|line| line.step == *step);
        let place = last.map_or((1, 1), |line| (line.visit, line.attempt));
        begin(lines, step, place, StepStatus::NeedsReview, at);
    }
    if let Some(line) = lines.last_mut() {
        line.status = StepStatus::NeedsReview;
        line.error = Some(error.to_owned());
        line.finished_at = None;
    }
}
