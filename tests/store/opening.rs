//! What is opened, what is refused, and who may read it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use countersign::store::{OpenOptions, SqliteStore, Store, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::given::{Place, assert_whole, commit, open, place, shell, start};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refusal(path: &Path, create: bool) -> StoreError {
    let options = OpenOptions {
        create,
        ..OpenOptions::default()
    };
    SqliteStore::open(path, options).unwrap_err()
}

fn beside(place: &Place, name: &str) -> std::path::PathBuf {
    place.directory.path().join(name)
}

#[test]
fn a_missing_store_is_created_only_where_that_was_asked_for() {
    let place = place();
    let error = refusal(&place.path, false);
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(!place.path.exists());
    drop(open(&place.path));
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 1);
    drop(SqliteStore::open(&place.path, OpenOptions::default()).unwrap());
}

#[test]
fn an_empty_file_becomes_a_store_only_where_that_was_asked_for() {
    let place = place();
    fs::write(&place.path, "").unwrap();
    let error = refusal(&place.path, false);
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    assert_whole(&store);
}

#[test]
fn other_files_are_no_stores_and_stay_as_they_are() {
    let place = place();
    let text = beside(&place, "notes.txt");
    fs::write(&text, "po_number,amount\nPO-1,5\n".repeat(50)).unwrap();
    let short = beside(&place, "short");
    fs::write(&short, "SQLite format 3\0").unwrap();
    let foreign = beside(&place, "foreign.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    Connection::open_with_flags(&foreign, flags)
        .unwrap()
        .execute_batch("CREATE TABLE events (seq INTEGER)")
        .unwrap();
    for path in [&text, &short, &foreign] {
        let before = fs::read(path).unwrap();
        let error = refusal(path, true);
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
        assert_eq!(fs::read(path).unwrap(), before);
    }
    let directory = refusal(place.directory.path(), true);
    assert!(
        matches!(directory, StoreError::NotAStore { .. }),
        "{directory}"
    );
    assert_eq!(fs::read_dir(place.directory.path()).unwrap().count(), 3);
}

/// As many as there are migrations.
fn scripts() -> u32 {
    let scripts = fs::read_dir("assets/migrations").unwrap();
    u32::try_from(scripts.count()).unwrap()
}

#[test]
fn a_newer_store_is_refused_and_named() {
    let place = place();
    drop(open(&place.path));
    shell(&place.path, "PRAGMA user_version = 7000");
    let error = refusal(&place.path, true);
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 7000,
                known,
                ..
            } if known == scripts()
        ),
        "{error}"
    );
}

#[test]
fn a_path_that_cannot_be_is_refused_with_a_sentence() {
    let place = place();
    fs::write(beside(&place, "file"), "x").unwrap();
    for path in ["file/store.db", "no/such/tree/store.db", ".."] {
        let error = refusal(&beside(&place, path), true);
        let told = error.to_string();
        assert!(matches!(error, StoreError::Open { .. }), "{path}: {told}");
        assert!(told.starts_with("cannot open the store"), "{told}");
    }
    assert!(!beside(&place, "no").exists());
}

#[test]
fn a_directory_that_takes_no_files_is_refused() {
    // Nobody, not even root, can make a file in /proc/self.
    let error = refusal(Path::new("/proc/self/store.db"), true);
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
}

#[test]
fn a_symbolic_link_is_refused() {
    let place = place();
    drop(open(&place.path));
    let link = beside(&place, "link.db");
    symlink(&place.path, &link).unwrap();
    let error = refusal(&link, true);
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    symlink("/etc/passwd", beside(&place, "store.db-wal")).unwrap();
    let error = refusal(&place.path, true);
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
}

#[test]
fn a_linked_directory_is_resolved() {
    let place = place();
    let real = beside(&place, "real");
    fs::create_dir(&real).unwrap();
    symlink(&real, beside(&place, "linked")).unwrap();
    let store = open(&beside(&place, "linked/store.db"));
    commit(&store, start(1)).unwrap();
    assert_eq!(
        store.path(),
        fs::canonicalize(&real).unwrap().join("store.db")
    );
}

#[test]
fn only_the_owner_may_read_any_of_its_files() {
    let place = place();
    let path = beside(&place, "own/store.db");
    let store = open(&path);
    commit(&store, start(1)).unwrap();
    store.take_lease(crate::given::NOW).unwrap().unwrap();
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let files: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 4, "store, log, shared memory, lock: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
    }
}

#[test]
fn looser_permissions_are_tightened() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let log = beside(&place, "store.db-wal");
    for file in [&place.path, &log] {
        fs::set_permissions(file, Permissions::from_mode(0o664)).unwrap();
    }
    let second = open(&place.path);
    assert_eq!((mode(&place.path), mode(&log)), (0o600, 0o600));
    assert_whole(&second);
}

#[test]
fn the_safety_switches_are_on() {
    let place = place();
    drop(open(&place.path));
    let conn = Connection::open_with_flags(&place.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let ask = |pragma: &str| -> String {
        conn.query_row(
            &format!("SELECT {pragma} FROM pragma_{pragma}"),
            [],
            |row| row.get::<_, rusqlite::types::Value>(0),
        )
        .map(|value| format!("{value:?}"))
        .unwrap()
    };
    assert_eq!(ask("journal_mode"), r#"Text("wal")"#);
    assert_eq!(ask("application_id"), format!("Integer({})", 0x4353_474e));
    assert_eq!(ask("user_version"), format!("Integer({})", scripts()));
    let loose: i64 = conn
        .query_row(
            "SELECT count(*) FROM pragma_table_list \
             WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(loose, 0, "every table is strict");
}

#[test]
fn two_creators_at_once_end_with_one_store() {
    let place = place();
    let stores: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&place.path))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for (n, store) in (1..).zip(&stores) {
        commit(store, start(n)).unwrap();
    }
    assert_eq!(assert_whole(&stores[0]), 5);
}

#[test]
fn a_file_that_was_taken_away_takes_no_more_writes() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    let aside = beside(&place, "aside.db");
    fs::rename(&place.path, &aside).unwrap();
    for _ in 0..2 {
        let refused = commit(&store, start(2)).unwrap_err();
        assert!(
            refused.to_string().contains("removed or replaced"),
            "{refused}"
        );
        assert!(store.data_version().is_err());
    }
    fs::rename(&aside, &place.path).unwrap();
    commit(&store, start(2)).unwrap();
}
