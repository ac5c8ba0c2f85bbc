//! Carries out faults, in front of every operation of every service.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;

use super::fault::{Fault, FaultKind};
use super::reply;
use super::wire::{Fate, Line};
use super::world::World;

#[derive(Clone)]
struct Target {
    world: Arc<World>,
    service: &'static str,
    operation: &'static str,
}

/// Puts the faults of an operation in front of it.
pub(super) fn faulty(
    world: &Arc<World>,
    service: &'static str,
    operation: &'static str,
    route: MethodRouter,
) -> MethodRouter {
    let target = Target {
        world: Arc::clone(world),
        service,
        operation,
    };
    route.layer(from_fn_with_state(target, misbehave))
}

async fn misbehave(
    State(target): State<Target>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let struck = target
        .world
        .faults()
        .strike(target.service, target.operation);
    match struck {
        None => next.run(request).await,
        Some(fault) => strike(&fault, &line, request, next).await,
    }
}

async fn strike(fault: &Fault, line: &Line, request: Request, next: Next) -> Response {
    let answer = match fault.kind {
        FaultKind::Delay | FaultKind::ResetAfter | FaultKind::Truncated => next.run(request).await,
        FaultKind::ResetBefore => Response::new(Body::empty()),
        FaultKind::Status429 => reply::retry_later(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            "nothing was done; ask again later",
        ),
        FaultKind::Status500 => reply::error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong",
        ),
        FaultKind::Status503 => reply::retry_later(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "nothing was done; ask again later",
        ),
    };
    if fault.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.delay_ms)).await;
    }
    match fault.kind {
        FaultKind::ResetBefore | FaultKind::ResetAfter => {
            line.set(Fate::Reset);
            answer
        }
        FaultKind::Truncated => cut(answer, line).await,
        FaultKind::Delay | FaultKind::Status429 | FaultKind::Status500 | FaultKind::Status503 => {
            answer
        }
    }
}

/// Lets the answer announce its whole length and end after half its body.
async fn cut(answer: Response, line: &Line) -> Response {
    let (head, body) = answer.into_parts();
    // Every body here is text in memory, so reading it cannot fail for its length.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    line.set(Fate::Cut {
        last: bytes.len().div_ceil(2),
    });
    Response::from_parts(head, Body::from(bytes))
}
