//! Stores that released programs wrote: real files, never changed. Each opens, verifies, lists and
//! replays, and its runs are lifted to the same states for ever.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::domain::{Digest, RunId, canonical_json};
use countersign::engine::{Phase, RunState, Stuck, replay};
use countersign::store::{
    DeadLetterFilter, EventFilter, OpenOptions, RunFilter, SqliteStore, Store,
};
use countersign::views::run_row;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::given::{Place, assert_whole, intrude, place, verify};

/// Written by the first program, whose events are of version 1.
const V1: [&str; 3] = ["v1_orders.db", "v1_in_flight.db", "v1_retrying.db"];
/// Written by a program of version 2.
const V2: [&str; 1] = ["v2_orders.db"];

/// A copy of a golden store.
fn copy(name: &str) -> Place {
    let place = place();
    std::fs::copy(Path::new("tests/store/golden").join(name), &place.path).unwrap();
    place
}

/// A program of today on a golden store, which it must not make anew.
fn open(place: &Place) -> SqliteStore {
    SqliteStore::open(&place.path, OpenOptions::default()).unwrap()
}

fn all() -> impl Iterator<Item = &'static str> {
    V1.into_iter().chain(V2)
}

fn runs(store: &SqliteStore) -> Vec<RunId> {
    let rows = store.runs(&RunFilter::default()).unwrap();
    assert!(!rows.is_empty());
    rows.into_iter().map(|row| row.run).collect()
}

fn replayed(store: &SqliteStore, run: RunId) -> RunState {
    let filter = EventFilter {
        run: Some(run),
        ..EventFilter::default()
    };
    let events: Vec<_> = store
        .events(&filter)
        .unwrap()
        .iter()
        .map(|event| event.recorded().unwrap().unwrap())
        .collect();
    replay(&events).unwrap().unwrap()
}

#[test]
fn a_golden_store_verifies_lists_and_replays() {
    for name in all() {
        let place = copy(name);
        let store = open(&place);
        assert_whole(&store);
        for run in runs(&store) {
            let state = store.load(run).unwrap().unwrap();
            let replayed = replayed(&store, run);
            assert_eq!(canonical(&replayed), canonical(&state), "{name} {run}");
            assert_eq!(
                store.run(run).unwrap().unwrap(),
                run_row(&state),
                "{name} {run}"
            );
        }
        assert_whole(&store);
    }
}

#[test]
fn a_journal_of_this_version_replays_to_its_rows() {
    for name in V2 {
        let place = copy(name);
        let store = open(&place);
        let mut phases = std::collections::BTreeSet::new();
        for run in runs(&store) {
            let state = replayed(&store, run);
            let stored: Value = serde_json::from_str(&stored_text(&place, run)).unwrap();
            assert_eq!(canonical(&state), canonical(&stored), "{name}");
            phases.insert(phase_word(&state));
        }
        let expected = "asking calling ended parked probing sending unsettled";
        assert_eq!(Vec::from_iter(phases).join(" "), expected);
    }
}

/// Whatever is changed in lifting or folding: what an old journal says stays what it says.
#[test]
fn old_journals_are_lifted_to_the_same_states_for_ever() {
    for name in all() {
        let place = copy(name);
        let store = open(&place);
        let found: BTreeMap<String, String> = runs(&store)
            .into_iter()
            .map(|run| {
                let state = replayed(&store, run);
                let digest = Digest::of(canonical(&state).as_bytes());
                (run.to_string(), format!("{} {digest}", phase_word(&state)))
            })
            .collect();
        let path = Path::new("tests/store/golden")
            .join(name)
            .with_extension("states.json");
        if !path.exists() && std::env::var("COUNTERSIGN_SAMPLES").is_ok_and(|set| set == "add") {
            let text = serde_json::to_string_pretty(&found).unwrap();
            std::fs::write(&path, text + "\n").unwrap();
        }
        let expected: BTreeMap<String, String> =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn letters_older_than_their_table_are_listed() {
    let place = copy("v1_orders.db");
    let store = open(&place);
    let listed = store.dead_letters(&DeadLetterFilter::default()).unwrap();
    let stuck: Vec<&str> = listed.iter().map(|letter| letter.stuck.as_str()).collect();
    assert_eq!(stuck, ["reading", "not_done", "unsettled"]);
    for letter in &listed {
        assert_eq!(letter.attempts, 4);
        assert_eq!(
            store.dead_letter(letter.dead_letter).unwrap().as_ref(),
            Some(letter)
        );
        let state = store.load(letter.run).unwrap().unwrap();
        let Phase::Parked { letter: parked, .. } = &state.phase else {
            panic!("{:?}", state.phase);
        };
        let sent = matches!(parked.stuck, Stuck::Unsettled { .. });
        assert_eq!(state.live_effect().is_some(), sent);
    }
    for (limit, after, left) in [(2, None, 2), (9, Some(0), 2), (9, Some(2), 0)] {
        let filter = DeadLetterFilter {
            after: after.map(|place: usize| listed[place].dead_letter),
            limit: Some(limit),
            ..DeadLetterFilter::default()
        };
        assert_eq!(store.dead_letters(&filter).unwrap().len(), left);
    }
    for (after, left) in [
        (None, vec![2, 1, 0]),
        (Some(2), vec![1, 0]),
        (Some(0), vec![]),
    ] {
        let filter = DeadLetterFilter {
            after: after.map(|place: usize| listed[place].dead_letter),
            newest_first: true,
            ..DeadLetterFilter::default()
        };
        let left: Vec<_> = left
            .into_iter()
            .map(|at: usize| listed[at].clone())
            .collect();
        assert_eq!(store.dead_letters(&filter).unwrap(), left);
    }
    let filter = DeadLetterFilter {
        code: Some("probe_inconclusive".to_owned()),
        ..DeadLetterFilter::default()
    };
    assert_eq!(store.dead_letters(&filter).unwrap(), listed[2..]);
}

/// A row of an older program is still checked against the journal byte by byte.
#[test]
fn an_altered_row_of_an_older_program_is_refused() {
    let place = copy("v1_orders.db");
    crate::given::intrude(
        &place.path,
        "UPDATE runs SET state = replace(state, '7850.00', '7850.01') WHERE key = 'PO-2026-9901'",
    );
    let store = open(&place);
    let of_run = |key: &str| {
        let filter = RunFilter {
            key: Some(key.to_owned()),
            ..RunFilter::default()
        };
        store.load(store.runs(&filter).unwrap()[0].run)
    };
    let refusal = of_run("PO-2026-9901").unwrap_err().to_string();
    assert!(refusal.contains("does not match the journal"), "{refusal}");
    of_run("PO-1").unwrap();
}

/// So are the values that its state is rebuilt from.
#[test]
fn an_altered_value_of_an_older_program_is_refused() {
    let place = copy("v1_in_flight.db");
    crate::given::intrude(
        &place.path,
        "UPDATE event_values SET members = replace(members, '20.00', '90.00')",
    );
    let store = open(&place);
    let refused: Vec<String> = runs(&store)
        .into_iter()
        .filter_map(|run| store.load(run).err())
        .map(|error| error.to_string())
        .collect();
    // Two have sent a request with this amount.
    assert_eq!(refused.len(), 2);
    for refusal in refused {
        assert!(
            refusal.contains("does not match its commitment"),
            "{refusal}"
        );
    }
}

fn stored_text(place: &Place, run: RunId) -> String {
    let conn = Connection::open_with_flags(&place.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.query_row(
        "SELECT state FROM runs WHERE run = ?1",
        [run.0.as_bytes()],
        |row| row.get(0),
    )
    .unwrap()
}

/// The journal's form of numbers: 1.0 is written as 1.
fn canonical(value: &impl serde::Serialize) -> String {
    String::from_utf8(canonical_json(value).unwrap()).unwrap()
}

fn phase_word(state: &RunState) -> String {
    let phase = serde_json::to_value(&state.phase).unwrap();
    phase["is"].as_str().unwrap().to_owned()
}

#[test]
fn a_letter_that_an_intruder_hides_or_invents_is_found() {
    let parked = {
        let place = copy("v1_orders.db");
        let store = open(&place);
        store.dead_letters(&DeadLetterFilter::default()).unwrap()
    };
    assert!(parked.len() > 1);
    for (sql, named) in [
        ("DELETE FROM parked_before", "is parked, and no list shows"),
        (
            "DELETE FROM parked_before WHERE id = (SELECT max(id) FROM parked_before)",
            "is parked, and no list shows",
        ),
        (
            "UPDATE parked_before SET run = zeroblob(16)",
            "was never parked",
        ),
        (
            "INSERT INTO parked_before SELECT id, run FROM runs WHERE status = 'succeeded'",
            "was never parked",
        ),
    ] {
        let place = copy("v1_orders.db");
        assert_whole(&open(&place));
        intrude(&place.path, sql);
        let report = verify(&open(&place));
        assert!(!report.ok, "not found: {sql}");
        let problem = report.problem.unwrap();
        assert!(problem.contains(named), "{sql}: {problem}");
    }
}
