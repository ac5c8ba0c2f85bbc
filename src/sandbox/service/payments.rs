//! The payment API, in Stripe's shapes: form bodies, objects that name their kind, and one error
//! document.
//!
//! | call | does |
//! |---|---|
//! | `POST /payments/v1/refunds` | `refund`: gives back `amount` of `charge`, the rest of it where no amount is named |
//! | `GET /payments/v1/refunds?charge=ID` | `list_refunds`, newest first |
//! | `GET /payments/v1/refunds/{id}` | `find_refund` |
//! | `GET /payments/v1/charges/{id}` | `find_charge` |
//!
//! A charge nobody has seen yet is opened at first use with [`CHARGE_MINOR`]. A key replays its
//! first answer, a no as well as a yes; the same key with other parameters is an error
//! (Stripe API reference, "Idempotent requests").

mod answers;
mod tables;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use self::answers::{Decline, answer, decline};
use self::tables::NewRefund;
use super::{Service, idempotency_key, need_text, read_form};
use crate::domain::limits::{SANDBOX_LIST_MAX, SANDBOX_METADATA_MAX};
use crate::sandbox::error::SandboxError;
use crate::sandbox::misbehave::faulty;
use crate::sandbox::reply;
use crate::sandbox::world::World;
use crate::sandbox::writer::Act;

const NAME: &str = "payments";
const REFUND: &str = "refund";
const LIST_REFUNDS: &str = "list_refunds";
const FIND_REFUND: &str = "find_refund";
const FIND_CHARGE: &str = "find_charge";

/// The amount of a charge that is opened at first use, in cents.
const CHARGE_MINOR: i64 = 100_000_000;

pub(super) const SERVICE: Service = Service {
    name: NAME,
    operations: &[REFUND, LIST_REFUNDS, FIND_REFUND, FIND_CHARGE],
    schema: tables::SCHEMA,
    routes,
};

#[expect(
    clippy::unnecessary_wraps,
    reason = "a service that loads a register may fail; this is its signature too"
)]
fn routes(world: &Arc<World>) -> Result<Router, SandboxError> {
    let state = || Arc::clone(world);
    let refund = faulty(world, NAME, REFUND, post(refund).with_state(state()));
    let list = faulty(
        world,
        NAME,
        LIST_REFUNDS,
        get(list_refunds).with_state(state()),
    );
    let find = get(find_refund).with_state(state());
    let charge = get(find_charge).with_state(state());
    Ok(Router::new()
        .route("/payments/v1/refunds", refund.merge(list))
        .route(
            "/payments/v1/refunds/{id}",
            faulty(world, NAME, FIND_REFUND, find),
        )
        .route(
            "/payments/v1/charges/{id}",
            faulty(world, NAME, FIND_CHARGE, charge),
        ))
}

async fn refund(State(world): State<Arc<World>>, headers: HeaderMap, body: Bytes) -> Response {
    match refund_act(&headers, &body) {
        Ok(act) => answer(world.perform(act).await),
        Err(no) => decline(&no),
    }
}

/// Checks a request whole before anything is done: what is malformed is kept under no key.
fn refund_act(headers: &HeaderMap, body: &Bytes) -> Result<Act, Decline> {
    let key = idempotency_key(headers).map_err(|why| Decline::invalid("idempotency_key", why))?;
    let (fields, fingerprint) = read_form(body);
    let refund = new_refund(fields)?;
    Ok(Act {
        service: NAME,
        operation: REFUND,
        key,
        fingerprint,
        perform: Box::new(move |connection, at| tables::refund(connection, &refund, at)),
    })
}

fn new_refund(fields: Vec<(String, String)>) -> Result<NewRefund, Decline> {
    let mut refund = NewRefund::default();
    for (name, value) in fields {
        need_text(&name, &value).map_err(|why| Decline::invalid(&name, why))?;
        match name.as_str() {
            "charge" => refund.charge = value,
            "amount" => refund.amount = Some(amount(&value)?),
            "reason" => refund.reason = Some(reason(value)?),
            _ => {
                let key = name
                    .strip_prefix("metadata[")
                    .and_then(|rest| rest.strip_suffix(']'));
                let Some(key) = key.filter(|key| !key.is_empty()) else {
                    return Err(Decline::coded(
                        "parameter_unknown",
                        &name,
                        format!("Received unknown parameter: {name}"),
                    ));
                };
                refund.metadata.insert(key.to_owned(), value);
            }
        }
    }
    if refund.charge.is_empty() {
        return Err(Decline::coded(
            "parameter_missing",
            "charge",
            "Missing required param: charge.".to_owned(),
        ));
    }
    if refund.metadata.len() > SANDBOX_METADATA_MAX {
        let why = format!("metadata has more than {SANDBOX_METADATA_MAX} keys");
        return Err(Decline::invalid("metadata", why));
    }
    Ok(refund)
}

fn amount(text: &str) -> Result<i64, Decline> {
    match text.parse::<i64>() {
        Ok(minor) if minor > 0 => Ok(minor),
        _ => Err(Decline::coded(
            "parameter_invalid_integer",
            "amount",
            format!("Invalid positive integer: {text}"),
        )),
    }
}

fn reason(text: String) -> Result<String, Decline> {
    const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];
    if REASONS.contains(&text.as_str()) {
        return Ok(text);
    }
    let why = format!("Invalid reason: must be one of {}", REASONS.join(", "));
    Err(Decline::invalid("reason", why))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfCharge {
    charge: String,
    /// Answers this many at most; ten unless told, a hundred at most.
    limit: Option<usize>,
}

async fn list_refunds(State(world): State<Arc<World>>, Query(of): Query<OfCharge>) -> Response {
    const LIMIT: usize = 10;
    let most = of.limit.unwrap_or(LIMIT).clamp(1, SANDBOX_LIST_MAX);
    let found = world.read(move |connection| tables::refunds_of(connection, &of.charge, most));
    match found.await {
        Ok(list) => reply::json(StatusCode::OK, &list),
        Err(error) => error.into_response(),
    }
}

async fn find_refund(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    let wanted = id.clone();
    match world
        .read(move |connection| tables::find_refund(connection, &wanted))
        .await
    {
        Ok(Some(refund)) => reply::json(StatusCode::OK, &refund),
        Ok(None) => decline(&Decline::missing("refund", &id)),
        Err(error) => error.into_response(),
    }
}

async fn find_charge(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    match world
        .read(move |connection| tables::find_charge(connection, &id))
        .await
    {
        Ok(charge) => reply::json(StatusCode::OK, &charge),
        Err(error) => error.into_response(),
    }
}
