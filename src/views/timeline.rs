//! A run's timeline: one line for each attempt of each step, folded from its events.

use serde::Serialize;
use serde_json::Value;

use crate::domain::{StepId, StepStatus, Timestamp};
use crate::engine::{Event, Recorded};

/// One attempt of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepLine {
    pub step: StepId,
    pub visit: u32,
    pub attempt: u32,
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
        }
        | Event::EffectIntended {
            step,
            visit,
            attempt,
            ..
        } => {
            begin(lines, step, (*visit, *attempt), StepStatus::Running, at);
        }
        Event::WaitStarted { step, visit, .. } => {
            begin(lines, step, (*visit, 1), StepStatus::Pending, at);
        }
        Event::PacketOpened { step, visit, .. } => {
            begin(lines, step, (*visit, 1), StepStatus::NeedsReview, at);
        }
        Event::GatePassed { step, visit, .. } => {
            begin(lines, step, (*visit, 1), StepStatus::Success, at);
            finish(lines, StepStatus::Success, at, None, None);
        }
        Event::StepCompleted {
            step,
            visit,
            attempt,
            values,
            ..
        } => {
            if !open_line_of(lines, step) {
                begin(lines, step, (*visit, *attempt), StepStatus::Running, at);
            }
            finish(lines, StepStatus::Success, at, values.output.as_ref(), None);
        }
        Event::PacketClosed { .. } => finish(lines, StepStatus::Success, at, None, None),
        Event::CallFailed { values, .. }
        | Event::EffectRefused { values, .. }
        | Event::EffectDeferred { values, .. }
        | Event::EffectUnknown { values, .. } => {
            finish(lines, StepStatus::Failed, at, None, Some(&values.message));
        }
        Event::EffectBlocked {
            at_step,
            visit,
            reason,
            ..
        } => {
            if !open_line_of(lines, at_step) {
                begin(lines, at_step, (*visit, 1), StepStatus::Failed, at);
            }
            finish(lines, StepStatus::Failed, at, None, Some(reason));
        }
        Event::StepParked { step, values, .. } => {
            let again = lines
                .last()
                .is_some_and(|line| line.step == *step && line.error.is_some());
            if !again {
                begin(lines, step, (1, 1), StepStatus::NeedsReview, at);
            }
            if let Some(line) = lines.last_mut() {
                line.status = StepStatus::NeedsReview;
                line.error = Some(values.message.clone());
                line.finished_at = None;
            }
        }
        // These change no step's line: they are about the run, its votes, or a call's inside.
        Event::RunStarted { .. }
        | Event::PacketAmended { .. }
        | Event::VoteCast { .. }
        | Event::GrantVoided { .. }
        | Event::EffectConfirmed { .. }
        | Event::ProbeStarted { .. }
        | Event::ProbeAnswered { .. }
        | Event::RunPaused { .. }
        | Event::RunResumed { .. }
        | Event::StateOverridden { .. }
        | Event::RunEnded { .. }
        | Event::CommandRefused { .. } => {}
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
        status,
        output: None,
        error: None,
        started_at: at,
        finished_at: None,
    });
}

fn finish(
    lines: &mut [StepLine],
    status: StepStatus,
    at: Timestamp,
    output: Option<&Value>,
    error: Option<&String>,
) {
    if let Some(line) = lines.last_mut() {
        line.status = status;
        line.finished_at = Some(at);
        line.output = output.cloned().or(line.output.take());
        line.error = error.cloned();
    }
}

fn open_line_of(lines: &[StepLine], step: &StepId) -> bool {
    lines
        .last()
        .is_some_and(|line| line.step == *step && line.finished_at.is_none())
}
