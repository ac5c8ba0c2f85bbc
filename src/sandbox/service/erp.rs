//! The ERP: takes purchase orders, under an idempotency key where one is given.
//!
//! `POST /erp/orders` performs `commit_order`; `POST /erp/orders/{po_id}/cancel` performs
//! `cancel_order`; `GET /erp/orders/{po_id}` answers the orders of that number, each with the key it
//! came under as its reference: those that stand before those that were cancelled, and the first of
//! them apart.

mod cancel;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::cancel::CANCEL_ORDER;
use super::{Service, idempotency_key, need_text, read_body};
use crate::domain::{Currency, Money};
use crate::sandbox::error::SandboxError;
use crate::sandbox::misbehave::faulty;
use crate::sandbox::reply;
use crate::sandbox::world::World;
use crate::sandbox::writer::{Act, Performed};

const NAME: &str = "erp";
const COMMIT_ORDER: &str = "commit_order";
const FIND_ORDER: &str = "find_order";
/// Orders that one answer lists.
const LISTED_MAX: u32 = 100;

pub(super) const SERVICE: Service = Service {
    name: NAME,
    operations: &[COMMIT_ORDER, CANCEL_ORDER, FIND_ORDER],
    schema: "
CREATE TABLE IF NOT EXISTS erp_orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    po_id TEXT NOT NULL,
    vendor TEXT NOT NULL,
    minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS erp_orders_by_po ON erp_orders (po_id, number);
CREATE TABLE IF NOT EXISTS erp_cancelled (
    number INTEGER PRIMARY KEY REFERENCES erp_orders (number),
    at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS erp_references (
    number INTEGER PRIMARY KEY REFERENCES erp_orders (number),
    reference TEXT NOT NULL
) STRICT;
",
    routes,
};

/// What a buyer sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrder {
    po_id: String,
    vendor: String,
    /// Decimal text, as in `7850.00`.
    amount: String,
    currency: String,
}

#[derive(Debug, Serialize)]
struct Order {
    #[serde(rename = "order_id")]
    id: String,
    po_id: String,
    vendor: String,
    amount: String,
    currency: String,
    created_at: String,
    cancelled: bool,
    /// The key it came under.
    reference: Option<String>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a service that loads a register may fail; this is its signature too"
)]
fn routes(world: &Arc<World>) -> Result<Router, SandboxError> {
    let commit = post(commit_order).with_state(Arc::clone(world));
    let cancel = post(cancel_order).with_state(Arc::clone(world));
    let find = get(find_order).with_state(Arc::clone(world));
    Ok(Router::new()
        .route("/erp/orders", faulty(world, NAME, COMMIT_ORDER, commit))
        .route(
            "/erp/orders/{po_id}/cancel",
            faulty(world, NAME, CANCEL_ORDER, cancel),
        )
        .route("/erp/orders/{po_id}", faulty(world, NAME, FIND_ORDER, find)))
}

async fn commit_order(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match order_act(&headers, &body) {
        Ok(act) => reply::outcome(world.perform(act).await),
        Err(message) => reply::error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_order", &message),
    }
}

/// Checks a request whole before anything is done, so a refusal is kept under no key.
fn order_act(headers: &HeaderMap, body: &Bytes) -> Result<Act, String> {
    let key = idempotency_key(headers)?;
    let (order, fingerprint) = read_body::<NewOrder>(body)?;
    need_text("po_id", &order.po_id)?;
    need_text("vendor", &order.vendor)?;
    let currency: Currency = order.currency.parse().map_err(text_of)?;
    let amount = Money::from_decimal(&order.amount, currency).map_err(text_of)?;
    if amount.minor <= 0 {
        return Err(format!("amount is {}; it must be above zero", order.amount));
    }
    let reference = key.clone();
    Ok(Act {
        service: NAME,
        operation: COMMIT_ORDER,
        key,
        fingerprint,
        perform: Box::new(move |connection, at| insert(connection, order, (amount, reference), at)),
    })
}

fn insert(
    connection: &Connection,
    order: NewOrder,
    (amount, reference): (Money, Option<String>),
    at: &str,
) -> Result<Performed, SandboxError> {
    connection
        .prepare_cached(
            "INSERT INTO erp_orders (po_id, vendor, minor, currency, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            order.po_id,
            order.vendor,
            amount.minor,
            amount.currency.as_str(),
            at
        ])?;
    let number = connection.last_insert_rowid();
    if let Some(reference) = &reference {
        connection
            .prepare_cached("INSERT INTO erp_references (number, reference) VALUES (?1, ?2)")?
            .execute(params![number, reference])?;
    }
    let body = serde_json::to_string(&Order {
        id: order_id(number),
        po_id: order.po_id.clone(),
        vendor: order.vendor,
        amount: amount.decimal(),
        currency: amount.currency.to_string(),
        created_at: at.to_owned(),
        cancelled: false,
        reference,
    })?;
    Ok(Performed::Done {
        body,
        subject: order.po_id,
        amount: Some(amount),
    })
}

async fn cancel_order(
    State(world): State<Arc<World>>,
    Path(po_id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let read = idempotency_key(&headers).and_then(|key| {
        let (cancellation, fingerprint) = read_body(&body)?;
        Ok(cancel::act(po_id, (key, fingerprint), cancellation))
    });
    match read {
        Ok(act) => reply::outcome(world.perform(act).await),
        Err(message) => reply::error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_cancel", &message),
    }
}

async fn find_order(State(world): State<Arc<World>>, Path(po_id): Path<String>) -> Response {
    match world
        .read(move |connection| select(connection, &po_id))
        .await
    {
        Ok(mut orders) => {
            let has_more = orders.len() > LISTED_MAX as usize;
            orders.truncate(LISTED_MAX as usize);
            let first = orders.first();
            let answer = json!({
                "found": first.is_some(), "order": first, "orders": orders, "has_more": has_more,
            });
            reply::text(StatusCode::OK, answer.to_string())
        }
        Err(error) => error.into_response(),
    }
}

/// What one order's row says, for [`order_of`].
const COLUMNS: &str = "o.number, o.po_id, o.vendor, o.minor, o.currency, o.created_at,
    EXISTS (SELECT 1 FROM erp_cancelled c WHERE c.number = o.number) AS cancelled,
    (SELECT r.reference FROM erp_references r WHERE r.number = o.number)";

/// The orders of a number, one more than are listed.
fn select(connection: &Connection, po_id: &str) -> rusqlite::Result<Vec<Order>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM erp_orders o WHERE o.po_id = ?1 ORDER BY cancelled, o.number LIMIT ?2"
    );
    connection
        .prepare_cached(&sql)?
        .query_map(params![po_id, LISTED_MAX + 1], order_of)?
        .collect()
}

fn order_of(row: &Row<'_>) -> rusqlite::Result<Order> {
    let currency: String = row.get(4)?;
    let amount = Money {
        minor: row.get(3)?,
        currency: currency.parse().map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                4,
                rusqlite::types::Type::Text,
                Box::<crate::domain::money::MoneyError>::new(error),
            )
        })?,
    };
    Ok(Order {
        id: order_id(row.get(0)?),
        po_id: row.get(1)?,
        vendor: row.get(2)?,
        amount: amount.decimal(),
        currency,
        created_at: row.get(5)?,
        cancelled: row.get(6)?,
        reference: row.get(7)?,
    })
}

fn order_id(number: i64) -> String {
    format!("ORD-{number:06}")
}

fn text_of(error: impl std::fmt::Display) -> String {
    error.to_string()
}
