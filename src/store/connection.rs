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
    refuse_old_sqlite(path)?;
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let configure = || -> rusqlite::Result<Connection> {
        let conn = Connection::open_with_flags(path, flags)?;
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

fn refuse_old_sqlite(path: &Path) -> Result<(), StoreError> {
    if rusqlite::version_number() >= SQLITE_VERSION_MIN {
        return Ok(());
    }
    Err(StoreError::Open {
        path: path.to_owned(),
        why: format!(
            "SQLite {} can damage a store that two processes use; build with the bundled one",
            rusqlite::version()
        ),
    })
}
