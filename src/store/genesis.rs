//! The journal's first event: which store this is. It is written with whatever is recorded
//! first, because opening a store records nothing and knows no time.

use rusqlite::{Connection, OptionalExtension};
use serde_json::{Map, Value};

use crate::domain::Timestamp;
use crate::store::fault::Fault;
use crate::store::journal::Tip;
use crate::store::prepare::store_entry;
use crate::store::salt;

/// Kind of the first event; its body holds `store`, 16 random bytes in hex.
const KIND: &str = "store_created";

/// Writes the first event if the journal is empty.
pub(super) fn ensure(conn: &Connection, tip: &mut Tip, at: Timestamp) -> Result<(), Fault> {
    if tip.seq > 0 {
        return Ok(());
    }
    let id = salt::draw(1)?.concat();
    let mut body = Map::new();
    body.insert("store".to_owned(), Value::String(hex::encode(id)));
    tip.append(conn, &store_entry(KIND, at, None, body)?)
}

/// The store's id, from its first event; `None` while the journal is empty.
pub(super) fn id(conn: &Connection) -> Result<Option<String>, Fault> {
    let body: Option<String> = conn
        .prepare_cached("SELECT body FROM events WHERE seq = 1 AND kind = ?1")?
        .query_row([KIND], |row| row.get(0))
        .optional()?;
    let body: Option<Value> = body.and_then(|body| serde_json::from_str(&body).ok());
    let id = body.as_ref().and_then(|body| body.get("store")?.as_str());
    Ok(id
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_owned))
}
