//! The CRM: keeps deals, and knows no idempotency keys.
//!
//! | call | does |
//! |---|---|
//! | `PATCH /crm/deals/{id}` | `update_deal`: sets properties; every request counts, whatever its headers say |
//! | `GET /crm/deals/{id}` | `find_deal` |
//!
//! A deal nobody has seen yet is opened at first use, without properties. Its history names the
//! reference each update came with, so that a caller can find its own.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Service, need_text, read_body};
use crate::domain::limits::{SANDBOX_DEAL_PROPERTIES_MAX, SANDBOX_LIST_MAX};
use crate::sandbox::error::SandboxError;
use crate::sandbox::misbehave::faulty;
use crate::sandbox::reply;
use crate::sandbox::world::World;
use crate::sandbox::writer::{Act, Outcome, Performed};

const NAME: &str = "crm";
const UPDATE_DEAL: &str = "update_deal";
const FIND_DEAL: &str = "find_deal";

pub(super) const SERVICE: Service = Service {
    name: NAME,
    operations: &[UPDATE_DEAL, FIND_DEAL],
    schema: "
CREATE TABLE IF NOT EXISTS crm_deals (
    id TEXT PRIMARY KEY,
    properties TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS crm_updates (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    deal TEXT NOT NULL,
    reference TEXT,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS crm_updates_by_deal ON crm_updates (deal, number);
",
    routes,
};

/// What a caller sends; a property that is `null` is taken away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    properties: Map<String, Value>,
    /// The caller's own name for this update.
    #[serde(default)]
    reference: Option<String>,
}

#[derive(Debug, Serialize)]
struct Past {
    reference: Option<String>,
    at: String,
}

#[derive(Debug, Serialize)]
struct Deal {
    #[serde(rename = "deal_id")]
    id: String,
    properties: Map<String, Value>,
    /// Counts the updates.
    revision: i64,
    updated_at: Option<String>,
    /// The latest updates, newest first.
    history: Vec<Past>,
    /// There were more than the history names.
    has_more: bool,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a service that loads a register may fail; this is its signature too"
)]
fn routes(world: &Arc<World>) -> Result<Router, SandboxError> {
    let update = axum::routing::patch(update_deal).with_state(Arc::clone(world));
    let find = get(find_deal).with_state(Arc::clone(world));
    let deal = faulty(world, NAME, UPDATE_DEAL, update);
    Ok(Router::new().route(
        "/crm/deals/{id}",
        deal.merge(faulty(world, NAME, FIND_DEAL, find)),
    ))
}

async fn update_deal(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let act = match update_act(id, &body) {
        Ok(act) => act,
        Err(message) => {
            return reply::error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_update", &message);
        }
    };
    match world.perform(act).await {
        Ok(Outcome::Done { body }) => reply::text(StatusCode::OK, body),
        other => reply::outcome(other),
    }
}

fn update_act(id: String, body: &Bytes) -> Result<Act, String> {
    need_text("the deal's id", &id)?;
    let (update, fingerprint) = read_body::<Update>(body)?;
    if update.properties.is_empty() {
        return Err("properties is empty: name at least one".to_owned());
    }
    for name in update.properties.keys() {
        need_text("a property's name", name)?;
    }
    if let Some(reference) = &update.reference {
        need_text("reference", reference)?;
    }
    Ok(Act {
        service: NAME,
        operation: UPDATE_DEAL,
        key: None,
        fingerprint,
        perform: Box::new(move |connection, at| apply(connection, id, update, at)),
    })
}

fn apply(
    connection: &Connection,
    id: String,
    update: Update,
    at: &str,
) -> Result<Performed, SandboxError> {
    let mut deal = select(connection, &id)?;
    for (name, value) in update.properties {
        if value.is_null() {
            deal.properties.remove(&name);
        } else {
            deal.properties.insert(name, value);
        }
    }
    if deal.properties.len() > SANDBOX_DEAL_PROPERTIES_MAX {
        let message = format!("a deal has {SANDBOX_DEAL_PROPERTIES_MAX} properties at most");
        return Ok(Performed::Declined {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body: reply::error_document("too_many_properties", &message),
        });
    }
    connection
        .prepare_cached(
            "INSERT INTO crm_deals (id, properties, revision, updated_at)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET properties = excluded.properties,
                 revision = excluded.revision, updated_at = excluded.updated_at",
        )?
        .execute(params![
            id,
            serde_json::to_string(&deal.properties)?,
            deal.revision.saturating_add(1),
            at
        ])?;
    connection
        .prepare_cached("INSERT INTO crm_updates (deal, reference, at) VALUES (?1, ?2, ?3)")?
        .execute(params![id, update.reference, at])?;
    Ok(Performed::Done {
        body: serde_json::to_string(&select(connection, &id)?)?,
        subject: id,
        amount: None,
    })
}

async fn find_deal(State(world): State<Arc<World>>, Path(id): Path<String>) -> Response {
    let found = world.read(move |connection| select(connection, &id));
    match found.await {
        Ok(deal) => reply::json(StatusCode::OK, &deal),
        Err(error) => error.into_response(),
    }
}

/// A deal; one that was never updated has no properties.
fn select(connection: &Connection, id: &str) -> rusqlite::Result<Deal> {
    let row = connection
        .prepare_cached("SELECT properties, revision, updated_at FROM crm_deals WHERE id = ?1")?
        .query_row([id], |row| {
            let properties: String = row.get(0)?;
            let properties = serde_json::from_str(&properties).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
            })?;
            Ok((properties, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let (properties, revision, updated_at) = row.unwrap_or_default();
    let mut history = past(connection, id)?;
    let has_more = history.len() > SANDBOX_LIST_MAX;
    history.truncate(SANDBOX_LIST_MAX);
    Ok(Deal {
        id: id.to_owned(),
        properties,
        revision,
        updated_at,
        history,
        has_more,
    })
}

/// The latest updates of a deal, newest first: one more than are shown, where there are more.
fn past(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Past>> {
    let most = i64::try_from(SANDBOX_LIST_MAX.saturating_add(1)).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "SELECT reference, at FROM crm_updates WHERE deal = ?1 ORDER BY number DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![id, most], |row| {
        Ok(Past {
            reference: row.get(0)?,
            at: row.get(1)?,
        })
    })?;
    rows.collect()
}
