//! Whether the store's tables, indexes, triggers and views are those that the migrations make: a
//! dropped index or a foreign trigger changes what a write does, and no hash covers it.
//!
//! Compared as normalised SQL, without comments and needless white space. What `SQLite` keeps for
//! itself, statistics for one, is not looked at: it changes no answer.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::Connection;

use crate::domain::{Digest, DigestBuilder};
use crate::store::fault::Fault;
use crate::store::{StoreError, migrate};

/// SQL by kind and name; none for an index that a constraint makes.
type Objects = BTreeMap<(String, String), Option<String>>;

/// The digest of what the migrations make: a new one changes it. Another digest is no difference by
/// itself, it only has everything compared.
const DIGEST: &str = "a9d8414c7ad0976c9b675c4e699c027b1b474eded022a669d618556e9f791b78";

/// Refuses a store whose schema is not this program's.
pub(super) fn check(conn: &Connection, path: &Path) -> Result<(), Fault> {
    match difference(conn)? {
        None => Ok(()),
        Some(what) => Err(Fault::Told(StoreError::Schema {
            path: path.to_owned(),
            what,
        })),
    }
}

/// Names the first object that is missing, foreign or another one.
pub(super) fn difference(conn: &Connection) -> Result<Option<String>, Fault> {
    let found = objects(conn)?;
    if digest(&found).to_string() == DIGEST {
        return Ok(None);
    }
    let known = made()?;
    for ((kind, name), sql) in known {
        match found.get(&(kind.clone(), name.clone())) {
            None => return Ok(Some(format!("the {kind} {name} is missing"))),
            Some(other) if other != sql => {
                return Ok(Some(format!("the {kind} {name} is another one")));
            }
            Some(_) => {}
        }
    }
    let foreign = found.keys().find(|object| !known.contains_key(object));
    Ok(foreign.map(|(kind, name)| format!("the {kind} {name} is foreign")))
}

fn digest(objects: &Objects) -> Digest {
    let mut digest = DigestBuilder::new("countersign/schema/v1");
    for ((kind, name), sql) in objects {
        let sql = sql.as_deref().map(str::as_bytes);
        digest = digest.text(kind).text(name).optional(sql);
    }
    digest.finish()
}

/// What the migrations make, made once in memory.
fn made() -> Result<&'static Objects, Fault> {
    static MADE: OnceLock<Objects> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let conn = Connection::open_in_memory()?;
    migrate::up(&conn, Path::new(":memory:"))?;
    let made = objects(&conn)?;
    Ok(MADE.get_or_init(|| made))
}

fn objects(conn: &Connection) -> Result<Objects, Fault> {
    let mut statement = conn.prepare(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT GLOB 'sqlite_stat[0-9]'",
    )?;
    let rows = statement.query_map([], |row| {
        let sql: Option<String> = row.get(2)?;
        Ok(((row.get(0)?, row.get(1)?), sql.map(|sql| normalised(&sql))))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// SQL with one space for white space and comments, and none where it parts nothing. What stands
/// in quotes stays.
fn normalised(sql: &str) -> String {
    let mut kept = String::with_capacity(sql.len());
    let mut gap = false;
    let mut rest = sql.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '-' if rest.peek() == Some(&'-') => {
                gap = true;
                rest.by_ref().find(|next| *next == '\n');
            }
            '/' if rest.peek() == Some(&'*') => {
                gap = true;
                let mut last = ' ';
                rest.by_ref()
                    .find(|next| std::mem::replace(&mut last, *next) == '*' && *next == '/');
            }
            next if next.is_whitespace() => gap = true,
            next => {
                let parts = |next: char| next.is_alphanumeric() || "_'\"`[]?:@$".contains(next);
                if std::mem::take(&mut gap) && parts(next) && kept.ends_with(parts) {
                    kept.push(' ');
                }
                kept.push(next);
                if let Some(end) = quote_end(next) {
                    let quoted = rest.by_ref();
                    for inside in quoted {
                        kept.push(inside);
                        if inside == end {
                            break;
                        }
                    }
                }
            }
        }
    }
    kept
}

fn quote_end(begin: char) -> Option<char> {
    match begin {
        '\'' | '"' | '`' => Some(begin),
        '[' => Some(']'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        migrate::up(&conn, Path::new(":memory:")).unwrap();
        conn
    }

    #[test]
    fn comments_and_white_space_are_no_difference() {
        let plain = "CREATE TABLE a(b TEXT,c CHECK(c<>'-- no  comment'))";
        let written = "CREATE  TABLE a (\n  b TEXT, -- why\n /* more\n * of it */ c CHECK (c <> '-- no  comment')\n)";
        assert_eq!(normalised(written), normalised(plain));
        assert_ne!(normalised("SELECT 'a  b'"), normalised("SELECT 'a b'"));
        assert_ne!(normalised("SELECT a b"), normalised("SELECT ab"));
    }

    #[test]
    fn what_the_migrations_make_is_no_difference_and_all_else_is_named() {
        assert!(made().unwrap().len() > 20);
        assert_eq!(difference(&store()).unwrap(), None);
        for (change, named) in [
            ("DROP INDEX runs_by_key", "the index runs_by_key is missing"),
            (
                "DROP INDEX events_of_run; CREATE INDEX events_of_run ON events (run, run_seq) WHERE run IS NOT NULL",
                "the index events_of_run is another one",
            ),
            (
                "DROP TRIGGER events_never_change",
                "the trigger events_never_change is missing",
            ),
            (
                "CREATE TRIGGER evil BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
                "the trigger evil is foreign",
            ),
            ("CREATE TABLE other (a)", "the table other is foreign"),
            ("DROP TABLE notifications", "is missing"),
            (
                "DROP VIEW outbox; CREATE VIEW outbox AS SELECT key FROM effects",
                "the view outbox is another one",
            ),
        ] {
            let conn = store();
            conn.execute_batch(change).unwrap();
            let told = difference(&conn).unwrap().unwrap();
            assert!(told.contains(named), "{told}");
        }
        let conn = store();
        conn.execute_batch("ANALYZE").unwrap();
        assert_eq!(difference(&conn).unwrap(), None);
    }

    #[test]
    fn the_digest_is_that_of_what_the_migrations_make() {
        assert_eq!(digest(made().unwrap()).to_string(), DIGEST);
    }
}
