//! Opens connections: the bundled `SQLite` alone, with every safety switch on.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::domain::limits::{
    STATEMENTS_CACHED_MAX, STORE_BUSY_MS, STORE_PAGE_BYTES, WAL_KEPT_BYTES_MAX,
};
use crate::store::StoreError;
use crate::store::fault::Fault;
use crate::store::migrate;

/// Older versions can lose data where two connections write and checkpoint at once.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

/// Marks a `SQLite` file as a store of this program: `CSGN`.
pub(super) const APPLICATION_ID: i32 = 0x4353_474e;

/// How a commit becomes durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// A commit is on the disk before it is answered.
    #[default]
    Full,
    /// A power cut may take answered commits away. For measuring alone.
    Normal,
}

/// Opens the connection that writes, on a file that is a store already.
pub(super) fn open_writer(path: &Path, synchronous: Synchronous) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let conn = open(path, flags)?;
    let settle = || -> rusqlite::Result<()> {
        let word = match synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        };
        conn.pragma_update(None, "synchronous", word)?;
        conn.pragma_update(None, "secure_delete", true)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        // The writer copies the log itself, where it can see errors.
        conn.pragma_update(None, "wal_autocheckpoint", 0)?;
        conn.pragma_update(None, "journal_size_limit", WAL_KEPT_BYTES_MAX)
    };
    settle().map_err(|error| Fault::Sql(error).told(path))?;
    Ok(conn)
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let settle = || -> rusqlite::Result<()> {
        conn.pragma_update(None, "query_only", true)?;
        // The first look at the file: a full disk says so here.
        conn.pragma_query_value(None, "schema_version", |_| Ok(()))
    };
    settle().map_err(|error| Fault::Sql(error).told(path))?;
    Ok(conn)
}

/// Opens the file alone for reading: no log, no shared memory, no lock. Only where the log is empty
/// and nothing can be written.
pub(super) fn open_frozen(path: &Path) -> Result<Connection, StoreError> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_');
        if plain {
            uri.push(char::from(*byte));
        } else {
            uri.push('%');
            uri.push_str(&hex::encode([*byte]));
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let conn = open_named(path, Path::new(&uri), flags)?;
    conn.pragma_update(None, "query_only", true)
        .map_err(|error| Fault::Sql(error).told(path))?;
    Ok(conn)
}

/// Makes an empty file at `path` a store, whole in the file itself with no log beside it.
pub(super) fn make_store(path: &Path) -> Result<(), StoreError> {
    let conn = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let make = || -> Result<(), Fault> {
        conn.pragma_update(None, "page_size", STORE_PAGE_BYTES)?;
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
        let mode: String =
            conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(Fault::Told(StoreError::Open {
                path: path.to_owned(),
                why: "the file system has no shared memory for a write-ahead log; \
                      use a local disk"
                    .to_owned(),
            }));
        }
        migrate::up(&conn, path)
    };
    make().map_err(|fault| fault.told(path))?;
    conn.close()
        .map_err(|(_, error)| Fault::Sql(error).told(path))
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    open_named(path, path, access)
}

/// Opens the store at `path` under the name that `SQLite` is given.
fn open_named(path: &Path, name: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    refuse_old_sqlite(path, rusqlite::version_number())?;
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let configure = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(name, flags)?;
        conn.busy_timeout(Duration::from_millis(STORE_BUSY_MS))?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // Plans do not look at bound values: else every look-up through a partial index would be
        // planned anew for each of them.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        conn.pragma_update(None, "cell_size_check", true)?;
        conn.pragma_update(None, "mmap_size", 0)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        Ok(conn)
    };
    configure().map_err(|error| Fault::Sql(error).told(path))
}

fn refuse_old_sqlite(path: &Path, version: i32) -> Result<(), StoreError> {
    if version >= SQLITE_VERSION_MIN {
        return Ok(());
    }
    let parts = [
        version / 1_000_000,
        version / 1_000 % 1_000,
        version % 1_000,
    ];
    let named = parts.map(|part| part.to_string()).join(".");
    Err(StoreError::Open {
        path: path.to_owned(),
        why: format!(
            "SQLite {named} can damage a store that two processes use; \
             build with the bundled one"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sqlite_that_can_damage_a_store_is_refused() {
        let path = Path::new("store.db");
        for version in [3_040_001, 3_051_002] {
            let refused = refuse_old_sqlite(path, version).unwrap_err().to_string();
            assert!(refused.contains("can damage a store"), "{refused}");
        }
        for version in [3_051_003, 3_052_000, rusqlite::version_number()] {
            assert!(refuse_old_sqlite(path, version).is_ok(), "{version}");
        }
    }
}
