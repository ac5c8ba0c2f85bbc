//! Does what the console asks for, and follows the store. Never on the thread that draws.

mod follow;
mod reads;
mod run;

use std::sync::Arc;

use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use crate::console::message::{Message, Refusal};
use crate::console::request::Request;
use crate::domain::Actor;
use crate::engine::Rejection;
use crate::runtime::{Handle, RuntimeError};
use tokio::sync::Notify;

/// The console's hands.
pub(super) struct Worker {
    handle: Handle,
    actor: Arc<Actor>,
    answers: Sender<Message>,
    /// Told when everything must be read anew.
    refresh: Arc<Notify>,
    follower: JoinHandle<()>,
}

impl Worker {
    pub(super) fn start(handle: Handle, actor: Actor, answers: Sender<Message>) -> Self {
        let refresh = Arc::new(Notify::new());
        let follower = tokio::spawn(follow::follow(
            handle.clone(),
            answers.clone(),
            Arc::clone(&refresh),
        ));
        Self {
            handle,
            actor: Arc::new(actor),
            answers,
            refresh,
            follower,
        }
    }

    /// Begins what was asked for; the answer comes as a message.
    pub(super) fn ask(&self, request: Request) {
        if matches!(request, Request::Refresh) {
            self.refresh.notify_one();
            return;
        }
        let (handle, actor) = (self.handle.clone(), Arc::clone(&self.actor));
        let answers = self.answers.clone();
        tokio::spawn(async move {
            if let Some(answer) = perform(&handle, &actor, request, &answers).await {
                // The console is gone: then nobody waits for it.
                drop(answers.send(answer).await);
            }
        });
    }

    /// Hands the lease back, once calls in flight recorded their outcomes.
    pub(super) fn step_back(&self) -> impl Future<Output = Result<(), RuntimeError>> + use<> {
        let handle = self.handle.clone();
        async move { handle.step_back().await }
    }

    /// Runs with a call or a command in flight.
    pub(super) fn under_way(&self) -> usize {
        self.handle.under_way()
    }

    pub(super) fn step_up(&self) {
        self.handle.step_up();
        self.refresh.notify_one();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

async fn perform(
    handle: &Handle,
    actor: &Actor,
    request: Request,
    answers: &Sender<Message>,
) -> Option<Message> {
    match request {
        Request::ReadPacket(packet) => Some(reads::packet(handle, packet).await),
        Request::ReadDefinition(digest) => Some(reads::definition(handle, digest).await),
        Request::ReadRuns(status) => Some(reads::runs(handle, status).await),
        Request::ReadRun(run) => Some(run::read(handle, run).await),
        Request::ReadEvents { ticket, wanted } => Some(reads::events(handle, ticket, wanted).await),
        Request::Verify => Some(reads::verify(handle, answers.clone()).await),
        Request::Decide { .. }
        | Request::Amend { .. }
        | Request::Pause { .. }
        | Request::Resume { .. }
        | Request::Override { .. } => command(handle, actor, request).await,
        // These are the loop's own.
        Request::Edit(_)
        | Request::Refresh
        | Request::Redraw
        | Request::Suspend
        | Request::Quit => None,
    }
}

/// Gives a person's command to the engine.
async fn command(handle: &Handle, actor: &Actor, request: Request) -> Option<Message> {
    let moved = |ticket, outcome: Result<_, RuntimeError>| Message::Moved {
        ticket,
        outcome: outcome.map_err(refusal),
    };
    match request {
        Request::Decide { ticket, verdict } => Some(Message::Decided {
            ticket,
            outcome: handle.verdict(verdict, actor).await.map_err(refusal),
        }),
        Request::Amend { ticket, amendment } => Some(Message::Amended {
            ticket,
            outcome: handle.amend(amendment, actor).await.map_err(refusal),
        }),
        Request::Pause {
            ticket,
            run,
            reason,
        } => Some(moved(ticket, handle.pause(run, &reason, actor).await)),
        Request::Resume {
            ticket,
            run,
            reason,
        } => Some(moved(ticket, handle.resume(run, &reason, actor).await)),
        Request::Override {
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
            Some(Message::Moved { ticket, outcome })
        }
        _ => None,
    }
}

/// An error of the runtime in words for the screen.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
pub(super) fn refusal(error: RuntimeError) -> Refusal {
    let code = match &error {
        RuntimeError::Rejected(rejection) => Rejection::code(rejection),
        RuntimeError::Store(_) => "store",
        _ => "runtime",
    };
    Refusal {
        code: code.to_owned(),
        message: error.to_string(),
    }
}
