//! Does what the console asks for, and follows the store. Never on the thread that draws.

mod alerts;
mod command;
mod desk;
mod doubts;
mod follow;
mod letters;
mod packet;
mod reads;
mod run;
mod told;
mod work;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use crate::console::message::{Message, Refusal};
use crate::console::request::Request;
use crate::domain::Actor;
use crate::engine::Rejection;
use crate::runtime::{Handle, RuntimeError};

use desk::Desk;
use work::{Command, Kind, Read, Work};

/// The console's hands.
pub(super) struct Worker {
    handle: Handle,
    actor: Arc<Actor>,
    answers: Sender<Message>,
    desk: Arc<Mutex<Desk>>,
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
            desk: Arc::default(),
            refresh,
            follower,
        }
    }

    /// Begins what was asked for; the answer comes as a message. A read that waits is left out for
    /// a newer one of its kind, a command never is.
    pub(super) fn ask(&self, request: Request) {
        match Work::of(request) {
            Some(Work::Read(read)) => {
                lock(&self.desk).ask(read);
                begin(&self.desk, &self.handle, &self.answers);
            }
            Some(Work::Do(command)) => self.tell(command),
            Some(Work::Refresh) => self.refresh.notify_one(),
            None => {}
        }
    }

    fn tell(&self, command: Command) {
        let (handle, actor) = (self.handle.clone(), Arc::clone(&self.actor));
        let answers = self.answers.clone();
        tokio::spawn(async move {
            let answer = command::perform(&handle, &actor, command).await;
            let decided = command::decided_run(&answer);
            // The console is gone: then nobody waits for it.
            if answers.send(answer).await.is_err() {
                return;
            }
            if let Some(run) = decided
                && let Some(settled) = command::settled(&handle, run).await
            {
                drop(answers.send(settled).await);
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

/// Begins every read that may begin now.
fn begin(desk: &Arc<Mutex<Desk>>, handle: &Handle, answers: &Sender<Message>) {
    while let Some(read) = next(desk) {
        let turn = Turn {
            desk: Arc::clone(desk),
            kind: read.kind(),
        };
        let (handle, answers) = (handle.clone(), answers.clone());
        tokio::spawn(async move {
            let answer = reads::perform(&handle, read, &answers).await;
            // The console is gone: then nobody waits for it, nor for those after it.
            if answers.send(answer).await.is_err() {
                return;
            }
            let desk = Arc::clone(&turn.desk);
            drop(turn);
            begin(&desk, &handle, &answers);
        });
    }
}

fn next(desk: &Mutex<Desk>) -> Option<Read> {
    lock(desk).begin()
}

/// A read under way. Dropping it makes room for another one, whatever became of it.
struct Turn {
    desk: Arc<Mutex<Desk>>,
    kind: Kind,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.desk).done(self.kind);
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
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
        RuntimeError::NoSuchRun(_)
        | RuntimeError::NoSuchPacket(_)
        | RuntimeError::NoSuchEffect(_)
        | RuntimeError::NoSuchDeadLetter(_)
        | RuntimeError::NoSuchAlert(_)
        | RuntimeError::AlertAcknowledged { .. }
        | RuntimeError::NoSuchWorkflow(_)
        | RuntimeError::TooManyConflicts { .. }
        | RuntimeError::Definition { .. }
        | RuntimeError::Entropy(_)
        | RuntimeError::Stopped => "runtime",
    };
    Refusal {
        code: code.to_owned(),
        message: error.to_string(),
    }
}
