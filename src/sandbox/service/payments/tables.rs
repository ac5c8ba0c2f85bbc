//! Charges and refunds as rows and as the API's objects.

use std::collections::BTreeMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::CHARGE_MINOR;
use super::answers::Decline;
use crate::domain::{Currency, Money};
use crate::sandbox::error::SandboxError;
use crate::sandbox::writer::Performed;

pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS payments_charges (
    id TEXT PRIMARY KEY,
    minor INTEGER NOT NULL,
    refunded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payments_refunds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    charge TEXT NOT NULL,
    minor INTEGER NOT NULL,
    reason TEXT,
    metadata TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS payments_refunds_by_charge ON payments_refunds (charge, number);
";

/// The one currency of this account, as the API spells it.
const CURRENCY: &str = "usd";

/// What a caller asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct NewRefund {
    pub(super) charge: String,
    /// In cents; without one all that is left.
    pub(super) amount: Option<i64>,
    pub(super) reason: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Charge {
    id: String,
    object: &'static str,
    /// In cents.
    amount: i64,
    amount_refunded: i64,
    currency: &'static str,
    refunded: bool,
    status: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Refund {
    id: String,
    object: &'static str,
    /// In cents.
    amount: i64,
    charge: String,
    currency: &'static str,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
    status: &'static str,
    /// Seconds since 1970-01-01T00:00:00Z.
    created: i64,
}

#[derive(Debug, Serialize)]
pub(super) struct Refunds {
    object: &'static str,
    data: Vec<Refund>,
    has_more: bool,
}

/// Gives money back, or says why not.
pub(super) fn refund(
    connection: &Connection,
    new: &NewRefund,
    at: &str,
) -> Result<Performed, SandboxError> {
    let (minor, refunded) = charge_row(connection, &new.charge)?.unwrap_or((CHARGE_MINOR, 0));
    let left = minor.saturating_sub(refunded);
    let amount = new.amount.unwrap_or(left);
    if left == 0 {
        let message = format!("Charge {} has already been refunded.", new.charge);
        return Ok(declined(&Decline::coded(
            "charge_already_refunded",
            "charge",
            message,
        )));
    }
    if amount > left {
        let message = format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        );
        return Ok(declined(&Decline::coded(
            "amount_too_large",
            "amount",
            message,
        )));
    }
    connection
        .prepare_cached(
            "INSERT INTO payments_charges (id, minor, refunded) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET refunded = excluded.refunded",
        )?
        .execute(params![new.charge, minor, refunded.saturating_add(amount)])?;
    let metadata = serde_json::to_string(&new.metadata)?;
    connection
        .prepare_cached(
            "INSERT INTO payments_refunds (charge, minor, reason, metadata, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![new.charge, amount, new.reason, metadata, at])?;
    let made = by_number(connection, connection.last_insert_rowid())?;
    let body = serde_json::to_string(&made)?;
    Ok(Performed::Done {
        body,
        subject: new.charge.clone(),
        amount: Some(Money {
            minor: amount,
            currency: Currency::USD,
        }),
    })
}

fn declined(no: &Decline) -> Performed {
    Performed::Declined {
        status: no.status(),
        body: no.document().to_string(),
    }
}

/// A charge; one that was never refunded is as it was opened.
pub(super) fn find_charge(connection: &Connection, id: &str) -> rusqlite::Result<Charge> {
    let (amount, amount_refunded) = charge_row(connection, id)?.unwrap_or((CHARGE_MINOR, 0));
    Ok(Charge {
        id: id.to_owned(),
        object: "charge",
        amount,
        amount_refunded,
        currency: CURRENCY,
        refunded: amount_refunded == amount,
        status: "succeeded",
    })
}

fn charge_row(connection: &Connection, id: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    connection
        .prepare_cached("SELECT minor, refunded FROM payments_charges WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

pub(super) fn find_refund(connection: &Connection, id: &str) -> rusqlite::Result<Option<Refund>> {
    let number = id
        .strip_prefix("re_")
        .and_then(|number| number.parse().ok());
    let Some(number): Option<i64> = number else {
        return Ok(None);
    };
    by_number(connection, number).optional()
}

fn by_number(connection: &Connection, number: i64) -> rusqlite::Result<Refund> {
    connection
        .prepare_cached(
            "SELECT number, charge, minor, reason, metadata, unixepoch(created_at)
             FROM payments_refunds WHERE number = ?1",
        )?
        .query_row([number], refund_of)
}

/// The newest `most` refunds of a charge.
pub(super) fn refunds_of(
    connection: &Connection,
    charge: &str,
    most: usize,
) -> rusqlite::Result<Refunds> {
    let mut statement = connection.prepare_cached(
        "SELECT number, charge, minor, reason, metadata, unixepoch(created_at)
         FROM payments_refunds WHERE charge = ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let ask = i64::try_from(most.saturating_add(1)).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![charge, ask], refund_of)?;
    let mut data = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = data.len() > most;
    data.truncate(most);
    Ok(Refunds {
        object: "list",
        data,
        has_more,
    })
}

fn refund_of(row: &Row<'_>) -> rusqlite::Result<Refund> {
    let metadata: String = row.get(4)?;
    let metadata = serde_json::from_str(&metadata).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(4, Type::Text, Box::new(error))
    })?;
    Ok(Refund {
        id: refund_id(row.get(0)?),
        object: "refund",
        amount: row.get(2)?,
        charge: row.get(1)?,
        currency: CURRENCY,
        reason: row.get(3)?,
        metadata,
        status: "succeeded",
        created: row.get(5)?,
    })
}

fn refund_id(number: i64) -> String {
    format!("re_{number}")
}
