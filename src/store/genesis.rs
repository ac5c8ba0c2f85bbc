//! The journal's first event: which store this is. It is written with whatever is recorded
//! first, because opening a store records nothing and knows no time.

use rusqlite::Connection;
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
