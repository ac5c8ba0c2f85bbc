//! Gives a person's command to the engine.

use std::time::Duration;

use serde_json::Value;

use super::work::{Command, OnAlert, OnLetter};
use super::{refusal, run};
use crate::console::message::{Message, Refusal};
use crate::console::request::Ticket;
use crate::domain::{Actor, DeadLetterId, RunId};
use crate::runtime::{Handle, RunMoved};
use crate::store::EffectFilter;

/// How long a run is watched after a verdict: retries take 7 s, a call its own time limit.
const WATCH: Duration = Duration::from_mins(2);

/// The run that goes on because of what was answered here.
pub(super) fn decided_run(answer: &Message) -> Option<RunId> {
    match answer {
        Message::Decided {
            outcome: Ok(taken), ..
        } => Some(taken.run),
        Message::Resolved {
            outcome: Ok(answered),
            ..
        } => Some(answered.run),
        Message::LetterMoved {
            outcome: Ok(moved), ..
        } => Some(moved.run),
        Message::EffectMoved {
            outcome: Ok(moved), ..
        } => Some(moved.run),
        // It goes on with undoing what it did.
        Message::Moved {
            outcome: Ok(moved), ..
        } if moved.undoes => Some(moved.run),
        _ => None,
    }
}

/// Waits until the run has settled; none where that takes too long or cannot be told.
pub(super) async fn settled(handle: &Handle, run: RunId) -> Option<Message> {
    let row = tokio::time::timeout(WATCH, handle.settled(run)).await;
    let status = row.ok()?.ok()?.status;
    let error = handle.run(run).ok()?.error;
    let effects = handle.effects(&EffectFilter {
        run: Some(run),
        ..EffectFilter::default()
    });
    Some(Message::Settled {
        run,
        status,
        error,
        effects: effects.ok()?,
    })
}

pub(super) async fn perform(handle: &Handle, actor: &Actor, command: Command) -> Message {
    match command {
        Command::Decide { ticket, verdict } => Message::Decided {
            ticket,
            outcome: handle.verdict(verdict, actor).await.map_err(refusal),
        },
        Command::Amend { ticket, amendment } => Message::Amended {
            ticket,
            outcome: handle.amend(amendment, actor).await.map_err(refusal),
        },
        Command::Resolve { ticket, answer } => Message::Resolved {
            ticket,
            outcome: handle.resolve_budget(answer, actor).await.map_err(refusal),
        },
        Command::Settle { ticket, settlement } => Message::EffectMoved {
            ticket,
            outcome: handle.settle(settlement, actor).await.map_err(refusal),
        },
        Command::Pause {
            ticket,
            run,
            reason,
        } => Message::Moved {
            ticket,
            outcome: handle.pause(run, &reason, actor).await.map_err(refusal),
        },
        Command::Resume {
            ticket,
            run,
            reason,
        } => Message::Moved {
            ticket,
            outcome: handle.resume(run, &reason, actor).await.map_err(refusal),
        },
        Command::Override {
            ticket,
            run,
            path,
            value,
            reason,
        } => {
            let edit = (path.as_str(), value);
            let outcome = overridden(handle, actor, run, (edit, &reason)).await;
            Message::Moved { ticket, outcome }
        }
        Command::Alert(what) => about_alert(handle, actor, what).await,
        Command::Terminate { ticket, order } => {
            let outcome = run::terminated(handle, actor, *order).await;
            Message::Moved { ticket, outcome }
        }
        Command::Letter {
            ticket,
            letter,
            what,
        } => about_letter(handle, actor, (ticket, letter), what).await,
    }
}

async fn about_alert(handle: &Handle, actor: &Actor, what: OnAlert) -> Message {
    match what {
        OnAlert::Acknowledge(ticket, alert, reason) => {
            let done = handle.acknowledge(alert, reason.as_deref(), actor).await;
            let outcome = done.map(Box::new).map_err(refusal);
            Message::Acknowledged { ticket, outcome }
        }
        OnAlert::Take(ids) => {
            let taken = handle.notifications_shown(ids).await;
            Message::NotificationsTaken(taken.map_err(refusal))
        }
    }
}

async fn overridden(
    handle: &Handle,
    actor: &Actor,
    run: RunId,
    (edit, reason): ((&str, Value), &str),
) -> Result<RunMoved, Refusal> {
    let done = handle.override_value(run, edit, reason, actor).await;
    match done {
        Ok(_) => run::overridden(handle, run).await,
        Err(error) => Err(refusal(error)),
    }
}

async fn about_letter(
    handle: &Handle,
    actor: &Actor,
    (ticket, letter): (Ticket, DeadLetterId),
    what: OnLetter,
) -> Message {
    let moved = match what {
        OnLetter::Preview { set, output } => {
            let preview = handle.preview_redrive(letter, (set, output), actor).await;
            let outcome = preview.map(Box::new).map_err(refusal);
            return Message::Previewed { ticket, outcome };
        }
        OnLetter::Redrive {
            set,
            output: Some(output),
            reason,
        } => {
            let edits = (set, reason);
            handle.redrive_answered(letter, output, edits, actor).await
        }
        OnLetter::Redrive {
            set,
            output: None,
            reason,
        } => handle.redrive(letter, (set, reason), actor).await,
        OnLetter::Discard { reason } => handle.discard(letter, &reason, actor).await,
    };
    let outcome = moved.map_err(refusal);
    Message::LetterMoved { ticket, outcome }
}
