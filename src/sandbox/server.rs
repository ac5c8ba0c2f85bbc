//! The sandbox's HTTP server: a thread and a runtime of its own, so that it can be dropped whole.

use std::fs::File;
use std::net::TcpListener as StdListener;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};

use super::error::SandboxError;
use super::wire::{Door, Line};
use super::world::World;
use super::{control, reply, service};
use crate::domain::limits::{SANDBOX_BODY_BYTES_MAX, SANDBOX_STOP_MS};

/// How the server is told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    NotYet,
    /// Finishes what is under way, for a moment.
    Gracefully,
    AtOnce,
}

#[derive(Debug)]
pub(super) struct Server {
    leave: watch::Sender<Leave>,
    ended: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves from its own thread; `writer` is waited for at the end, and only then is `lock`
    /// let go.
    pub(super) fn start(
        listener: StdListener,
        world: Arc<World>,
        writer: JoinHandle<()>,
        lock: File,
    ) -> Result<Self, SandboxError> {
        let router = router(&world)?;
        drop(world);
        let (leave, left) = watch::channel(Leave::NotYet);
        let (tell_ended, ended) = oneshot::channel();
        let (tell_ready, ready) = mpsc::sync_channel(1);
        let thread = thread::Builder::new()
            .name("sandbox-http".to_owned())
            .spawn(move || {
                if let Some((runtime, door)) = open(listener, &tell_ready) {
                    runtime.block_on(serve(door, router, left));
                    runtime.shutdown_timeout(Duration::from_millis(SANDBOX_STOP_MS));
                }
                // Only a writer that panicked fails to join; its acts were answered as failed.
                writer.join().ok();
                drop(lock);
                tell_ended.send(()).ok();
            })
            .map_err(SandboxError::Thread)?;
        let server = Self {
            leave,
            ended: Some(ended),
            thread: Some(thread),
        };
        match ready.recv() {
            Ok(Ok(())) => Ok(server),
            Ok(Err(error)) => Err(SandboxError::Thread(error)),
            Err(_) => Err(SandboxError::Stopping),
        }
    }

    pub(super) fn leave(&self, how: Leave) {
        self.leave.send_replace(how);
    }

    /// Waits until every connection is closed and the database too.
    pub(super) async fn ended(&mut self) {
        if let Some(ended) = self.ended.take() {
            // An error means that the thread is gone already.
            ended.await.ok();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.leave(Leave::AtOnce);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Builds the runtime on the thread that will drop it, and takes over the listener.
fn open(
    listener: StdListener,
    ready: &mpsc::SyncSender<std::io::Result<()>>,
) -> Option<(Runtime, Door)> {
    let opened = Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| {
            let door = {
                let _inside = runtime.enter();
                Door::new(TcpListener::from_std(listener)?)
            };
            Ok((runtime, door))
        });
    let (report, opened) = match opened {
        Ok(opened) => (Ok(()), Some(opened)),
        Err(error) => (Err(error), None),
    };
    ready.send(report).ok();
    opened
}

async fn serve(door: Door, router: Router, left: watch::Receiver<Leave>) {
    let graceful = told(left.clone(), |leave| leave != Leave::NotYet);
    let service = router.into_make_service_with_connect_info::<Line>();
    let serving = axum::serve(door, service).with_graceful_shutdown(graceful);
    let overdue = async {
        told(left.clone(), |leave| leave != Leave::NotYet).await;
        tokio::time::sleep(Duration::from_millis(SANDBOX_STOP_MS)).await;
    };
    tokio::select! {
        // Serving ends only after the signal: it answers errors of single connections itself.
        _ = async { serving.await.ok() } => {}
        () = overdue => {}
        () = told(left.clone(), |leave| leave == Leave::AtOnce) => {}
    }
}

/// Waits for the signal; a sender that is gone can tell nothing more, which ends the server too.
async fn told(mut left: watch::Receiver<Leave>, enough: fn(Leave) -> bool) {
    left.wait_for(|leave| enough(*leave)).await.ok();
}

fn router(world: &Arc<World>) -> Result<Router, SandboxError> {
    let mut router = control::routes(world);
    for service in service::ALL {
        router = router.merge((service.routes)(world)?);
    }
    Ok(router
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(SANDBOX_BODY_BYTES_MAX)))
}

async fn unknown_path(uri: Uri) -> Response {
    let message = format!("the sandbox serves nothing at {}", uri.path());
    reply::error(StatusCode::NOT_FOUND, "not_found", &message)
}
