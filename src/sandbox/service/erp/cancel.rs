//! Cancels a purchase order, once: `POST /erp/orders/{po_id}/cancel` names the order.

use axum::http::StatusCode;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Deserialize;
use serde_json::json;

use super::{COLUMNS, NAME, order_id, order_of};
use crate::domain::{Digest, Money};
use crate::sandbox::error::SandboxError;
use crate::sandbox::writer::{Act, Performed};

pub(super) const CANCEL_ORDER: &str = "cancel_order";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancellation {
    order_id: String,
}

pub(super) fn act(
    po_id: String,
    (key, fingerprint): (Option<String>, Digest),
    cancellation: Cancellation,
) -> Act {
    Act {
        service: NAME,
        operation: CANCEL_ORDER,
        key,
        fingerprint,
        perform: Box::new(move |connection, at| cancel(connection, &po_id, &cancellation, at)),
    }
}

fn cancel(
    connection: &Connection,
    po_id: &str,
    cancellation: &Cancellation,
    at: &str,
) -> Result<Performed, SandboxError> {
    let sql = format!("SELECT {COLUMNS} FROM erp_orders o WHERE o.po_id = ?1");
    let found = connection
        .prepare_cached(&sql)?
        .query_map([po_id], |row| Ok((row.get::<_, i64>(0)?, order_of(row)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let named = |number: &i64| order_id(*number) == cancellation.order_id;
    let Some((number, order)) = found.into_iter().find(|(number, _)| named(number)) else {
        return Ok(declined(
            StatusCode::NOT_FOUND,
            "no_such_order",
            "there is no such order under this number",
        ));
    };
    if order.cancelled {
        let why = "the order was cancelled before";
        return Ok(declined(StatusCode::CONFLICT, "already_cancelled", why));
    }
    connection
        .prepare_cached("INSERT INTO erp_cancelled (number, at) VALUES (?1, ?2)")?
        .execute(params![number, at])?;
    let body = json!({ "order_id": order.id, "po_id": order.po_id, "cancelled": true });
    Ok(Performed::Done {
        body: body.to_string(),
        subject: order.po_id,
        amount: amount_of(connection, number)?,
    })
}

fn amount_of(connection: &Connection, number: i64) -> Result<Option<Money>, SandboxError> {
    let found: Option<(i64, String)> = connection
        .prepare_cached("SELECT minor, currency FROM erp_orders WHERE number = ?1")?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(minor, currency)| {
        let currency = currency.parse().ok()?;
        Some(Money { minor, currency })
    }))
}

fn declined(status: StatusCode, code: &str, message: &str) -> Performed {
    Performed::Declined {
        status,
        body: json!({ "error": { "code": code, "message": message } }).to_string(),
    }
}
