//! The paths that belong to no service: the ledger and the faults.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::fault::{Fault, FaultError};
use super::ledger;
use super::reply;
use super::world::World;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    /// The last sequence number that was seen.
    #[serde(default)]
    after: i64,
}

pub(super) fn routes(world: &Arc<World>) -> Router {
    Router::new()
        .route("/_ledger", get(read_ledger))
        .route(
            "/_faults",
            get(list_faults).post(set_fault).delete(clear_faults),
        )
        .with_state(Arc::clone(world))
}

async fn read_ledger(State(world): State<Arc<World>>, Query(since): Query<Since>) -> Response {
    let entries = world.read(move |connection| ledger::entries(connection, since.after));
    match entries.await {
        Ok(entries) => reply::json(StatusCode::OK, &entries),
        Err(error) => error.into_response(),
    }
}

async fn list_faults(State(world): State<Arc<World>>) -> Response {
    reply::json(StatusCode::OK, &world.faults().active())
}

async fn set_fault(State(world): State<Arc<World>>, body: Bytes) -> Response {
    let set = serde_json::from_slice::<Fault>(&body)
        .map_err(|error| FaultError::Shape(error.to_string()))
        .and_then(|fault| world.faults().set(fault.clone()).map(|()| fault));
    match set {
        Ok(fault) => reply::json(StatusCode::CREATED, &fault),
        Err(error) => reply::error(StatusCode::BAD_REQUEST, "bad_fault", &error.to_string()),
    }
}

async fn clear_faults(State(world): State<Arc<World>>) -> StatusCode {
    world.faults().clear();
    StatusCode::NO_CONTENT
}
