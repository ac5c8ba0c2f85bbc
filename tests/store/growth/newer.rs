//! Runs that a newer program wrote.

use countersign::domain::{Digest, DigestBuilder};
use countersign::engine::event::EVENT_VERSION;
use countersign::store::{Store, StoreError};
use rusqlite::{Connection, OpenFlags, params};

use crate::given::{assert_whole, commit, open, place, run_id, start, step};

/// What a newer program would have written as the journal's last event.
fn rewrite_last(path: &std::path::Path, kind: &str, version: u32) {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let trigger: String = conn
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'events_never_change'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    conn.execute_batch("DROP TRIGGER events_never_change")
        .unwrap();
    let (seq, run, run_seq, at, actor, body, prev): (i64, [u8; 16], u64, i64, String, String, [u8; 32]) = conn
        .query_row(
            "SELECT seq, run, run_seq, at, actor, body, prev_hash FROM events ORDER BY seq DESC LIMIT 1",
            [],
            |row| {
                let run_seq: i64 = row.get(2)?;
                Ok((row.get(0)?, row.get(1)?, run_seq.cast_unsigned(), row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
            },
        )
        .unwrap();
    let hash = DigestBuilder::new("countersign/event/v1")
        .digest(&Digest(prev))
        .number(seq.cast_unsigned())
        .bytes(&run)
        .number(run_seq)
        .bytes(&at.to_be_bytes())
        .text(&actor)
        .text(kind)
        .number(version.into())
        .text(&body)
        .finish();
    conn.execute(
        "UPDATE events SET kind = ?2, version = ?3, hash = ?4 WHERE seq = ?1",
        params![seq, kind, version, hash.0],
    )
    .unwrap();
    conn.execute_batch(&trigger).unwrap();
}

#[test]
fn a_run_of_a_newer_program_is_named_and_the_others_go_on() {
    for (kind, version) in [
        ("step_completed", EVENT_VERSION + 1),
        ("step_teleported", EVENT_VERSION),
    ] {
        let place = place();
        let store = open(&place.path);
        commit(&store, start(1)).unwrap();
        commit(&store, start(2)).unwrap();
        drop(store);
        rewrite_last(&place.path, kind, version);

        let store = open(&place.path);
        let refusal = store.load(run_id(2)).unwrap_err();
        assert!(
            matches!(&refusal, StoreError::NewerRun { run, .. } if *run == run_id(2)),
            "{refusal}"
        );
        assert!(
            refusal.to_string().contains("use that program"),
            "{refusal}"
        );
        assert_eq!(store.load(run_id(1)).unwrap().unwrap().seq, 1);
        commit(&store, step(1, 1, "on")).unwrap();
        assert_whole(&store);
    }
}
