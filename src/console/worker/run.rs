//! Reads one run with everything that its details show.

use super::letters;
use super::reads::Blocking as _;
use super::refusal;
use crate::console::message::{CHANGED, Deed, Message, Refusal, RunRead};
use crate::console::request::TerminateOrder;
use crate::domain::limits::LIST_ROWS_MAX;
use crate::domain::{Actor, RunId, Verdict};
use crate::engine::{BudgetAnswer, Event, Recorded};
use crate::runtime::{Handle, RunMoved, RuntimeError};
use crate::store::{EffectFilter, EventFilter};
use crate::workflow::graph;

pub(super) async fn read(handle: &Handle, run: RunId) -> Message {
    let found = handle.blocking(move |handle| whole(&handle, run)).await;
    Message::Run {
        run,
        found: found.map(Box::new).map_err(refusal),
    }
}

/// A run as it stands after one of its values was overridden. That sends nothing.
pub(super) async fn overridden(handle: &Handle, run: RunId) -> Result<RunMoved, Refusal> {
    let row = handle.blocking(move |handle| handle.run_row(run)).await;
    match row.map_err(refusal)? {
        Some(row) => Ok(RunMoved {
            run,
            status: row.status,
            effects: Vec::new(),
            undoes: false,
        }),
        None => Err(refusal(RuntimeError::NoSuchRun(run))),
    }
}

/// Stops a run for good, unless its effects are others than those that were shown.
pub(super) async fn terminated(
    handle: &Handle,
    actor: &Actor,
    order: TerminateOrder,
) -> Result<RunMoved, Refusal> {
    let run = order.run;
    let now = handle.blocking(move |handle| handle.preview_terminate(run));
    if now.await.map_err(refusal)?.effects != order.shown {
        return Err(Refusal {
            code: CHANGED.to_owned(),
            message: "What the run did changed meanwhile: nothing was done.".to_owned(),
        });
    }
    let how = (order.reason.as_str(), order.compensate);
    let moved = handle.terminate(run, how, actor).await;
    moved.map_err(refusal)
}

fn whole(handle: &Handle, run: RunId) -> Result<RunRead, RuntimeError> {
    let detail = handle.run(run)?;
    let effects = handle.effects(&EffectFilter {
        run: Some(run),
        ..EffectFilter::default()
    })?;
    let events = handle.events(&EventFilter {
        run: Some(run),
        ..EventFilter::default()
    })?;
    let mut tries = letters::history(handle, run)?;
    tries.retain(|told| told.key.is_some());
    let unread = unread(handle, run, events.len())?;
    let mut people = Vec::new();
    for event in &events {
        people.extend(event.recorded()?.and_then(deed));
    }
    // A run stays readable where its definition is not.
    let pinned = handle.pinned(detail.definition);
    Ok(RunRead {
        graph: pinned.map(|definition| graph(&definition)).map_err(refusal),
        detail,
        effects,
        people,
        tries,
        unread,
        terminate: handle.preview_terminate(run).map_err(refusal),
    })
}

/// Events of a run behind the first `read`, of a list that was cut.
fn unread(handle: &Handle, run: RunId, read: usize) -> Result<u64, RuntimeError> {
    if read < LIST_ROWS_MAX as usize {
        return Ok(0);
    }
    let newest = handle.events(&EventFilter {
        run: Some(run),
        newest_first: true,
        limit: Some(1),
        ..EventFilter::default()
    })?;
    let all = newest.first().and_then(|event| event.run_seq).unwrap_or(0);
    Ok(all.saturating_sub(u64::from(LIST_ROWS_MAX)))
}

/// What an event says that a person did; none where the engine wrote it by itself.
fn deed(recorded: Recorded) -> Option<Deed> {
    let (done, reason) = said(recorded.event)?;
    Some(Deed {
        by: recorded.actor.name,
        at: recorded.at,
        done,
        reason,
    })
}

/// The deed in words, and its reason.
fn said(event: Event) -> Option<(String, Option<String>)> {
    Some(match event {
        Event::VoteCast {
            verdict, values, ..
        } => (past(verdict).to_owned(), values.reason),
        Event::PacketAmended {
            version, values, ..
        } => (edited(version), values.reason),
        Event::PacketEscalated { values, .. } => ("escalated it".to_owned(), values.reason),
        Event::PacketExtended { values, .. } => ("extended it".to_owned(), values.reason),
        Event::RunPaused { values } => ("paused".to_owned(), values.reason),
        Event::RunResumed { values } => ("resumed".to_owned(), values.reason),
        Event::StateOverridden { path, values, .. } => (format!("set {path}"), Some(values.reason)),
        Event::EffectSettled {
            settled, values, ..
        } => (format!("said: {settled}"), values.reason),
        Event::BudgetResolved { answer, values, .. } => (answered(answer), values.reason),
        Event::RunTerminated { compensate, values } => (stopped(compensate), values.reason),
        Event::DeadLetterRedriven { values, .. } => ("redrove the step".to_owned(), values.reason),
        Event::DeadLetterDiscarded { values, .. } => ("gave the step up".to_owned(), values.reason),
        Event::CommandRefused {
            command, values, ..
        } => (format!("was refused: {command}"), Some(values.message)),
        // These the engine wrote by itself.
        Event::RunStarted { .. }
        | Event::CallStarted { .. }
        | Event::CallFailed { .. }
        | Event::StepCompleted { .. }
        | Event::GatePassed { .. }
        | Event::PacketOpened { .. }
        | Event::PacketClosed { .. }
        | Event::GrantVoided { .. }
        | Event::EffectIntended { .. }
        | Event::EffectConfirmed { .. }
        | Event::EffectRefused { .. }
        | Event::EffectDeferred { .. }
        | Event::EffectUnknown { .. }
        | Event::ProbeStarted { .. }
        | Event::ProbeAnswered { .. }
        | Event::EffectBlocked { .. }
        | Event::WaitStarted { .. }
        | Event::StepParked { .. }
        | Event::CompensationStarted { .. }
        | Event::RunEnded { .. } => return None,
    })
}

fn answered(answer: BudgetAnswer) -> String {
    format!("answered: {}", answer.verb())
}

fn edited(version: u32) -> String {
    format!("edited the state: the packet is version {version}")
}

fn stopped(compensate: bool) -> String {
    if compensate {
        "terminated, to be undone".to_owned()
    } else {
        "terminated".to_owned()
    }
}

fn past(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
        Verdict::Return => "returned",
    }
}
