//! Gives a person's command to the engine.

use super::work::Command;
use super::{refusal, run};
use crate::console::message::Message;
use crate::domain::Actor;
use crate::runtime::Handle;

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
            let done = handle.override_value(run, edit, &reason, actor).await;
            let outcome = match done {
                Ok(_) => run::overridden(handle, run).await,
                Err(error) => Err(refusal(error)),
            };
            Message::Moved { ticket, outcome }
        }
    }
}
