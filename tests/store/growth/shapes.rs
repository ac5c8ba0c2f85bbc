//! The shape of every event of every version ever written, as files. A file that a release has
//! written once is never changed or removed: it is what somebody's journal holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::domain::{Digest, Timestamp};
use countersign::engine::Recorded;
use countersign::engine::event::EVENT_VERSION;
use countersign::engine::event::upcast::is_known;
use countersign::store::StoredEvent;
use serde_json::{Map, Value, json};

use crate::given::{NOW, run_id, started};
use crate::samples::every_event;

/// Set to `add`, samples that are missing are written.
const ADD: &str = "COUNTERSIGN_SAMPLES";

const RAISED: &str = "An event's shape changed. Journals hold the old one: give a new member a default that \
     is not written, or raise EVENT_VERSION and lift the old shape in src/engine/event/upcast/.";

#[test]
fn every_shape_ever_written_is_read_and_stays_as_it_was() {
    for version in 1..=EVENT_VERSION {
        let samples = samples_of(version);
        assert!(samples.len() >= 28, "version {version}: {}", samples.len());
        for path in samples {
            let stored = json_of(&path);
            let lifted = path.with_extension("lifted.json");
            let expected = if lifted.exists() {
                json_of(&lifted)
            } else {
                stored.clone()
            };
            match read(version, &stored) {
                Ok(found) if found == expected => {}
                other => panic!("{}: {other:?}\n{RAISED}", path.display()),
            }
        }
    }
}

#[test]
fn every_event_of_today_has_a_sample() {
    let add = std::env::var(ADD).is_ok_and(|set| set == "add");
    let known: BTreeSet<String> = samples_of(EVENT_VERSION)
        .iter()
        .map(|path| json_of(path).to_string())
        .collect();
    let mut missing = Vec::new();
    for event in every_event().into_iter().chain([started(1)]) {
        let shape = serde_json::to_value(&event).unwrap();
        if known.contains(&shape.to_string()) {
            continue;
        }
        if add {
            let text = serde_json::to_string_pretty(&shape).unwrap();
            fs::write(free(event.kind()), text + "\n").unwrap();
        } else {
            missing.push(event.kind());
        }
    }
    assert_eq!(
        missing, [""; 0],
        "no sample yet; `{ADD}=add cargo test --test store growth` writes them (look at each)"
    );
}

/// The check can fail: a renamed, a missing and an added member are found.
#[test]
fn a_changed_shape_is_found() {
    let path = directory(EVENT_VERSION).join("effect_confirmed.json");
    let good = json_of(&path);
    assert_eq!(read(EVENT_VERSION, &good).unwrap(), good);
    for change in ["renamed", "missing", "added"] {
        let mut bad = good.clone();
        let members = bad.as_object_mut().unwrap();
        if change != "added" {
            members.remove("by_probe").unwrap();
        }
        if change != "missing" {
            members.insert("probed".to_owned(), json!(true));
        }
        assert!(read(EVENT_VERSION, &bad).is_err(), "{change}");
    }
}

#[test]
fn an_event_of_a_newer_version_is_not_read() {
    let sample = json_of(&directory(EVENT_VERSION).join("run_paused.json"));
    let told = read(EVENT_VERSION + 1, &sample).unwrap_err();
    assert!(told.contains("this program knows those up to"), "{told}");
}

/// Reads a sample as the journal holds it, and answers what this program would write of it.
fn read(version: u32, sample: &Value) -> Result<Value, String> {
    let Value::Object(mut body) = sample.clone() else {
        return Err("it is no object".to_owned());
    };
    let Some(Value::String(kind)) = body.remove("kind") else {
        return Err("it has no kind".to_owned());
    };
    let values = body.remove("values");
    if values.is_some() {
        body.insert("commitments".to_owned(), Value::Object(Map::new()));
    }
    let stored = StoredEvent {
        seq: 9,
        run: Some(run_id(1)),
        run_seq: Some(5),
        at: Timestamp(NOW.0),
        actor: "SYSTEM".to_owned(),
        kind,
        version,
        body: Value::Object(body),
        values,
        prev_hash: Digest::ZERO,
        hash: Digest::ZERO,
    };
    let Recorded { event, .. } = stored
        .recorded()
        .map_err(|error| error.to_string())?
        .ok_or("it is no fact about a run")?;
    assert!(is_known(event.kind()));
    serde_json::to_value(event).map_err(|error| error.to_string())
}

fn samples_of(version: u32) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory(version))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".lifted.json"))
        .collect();
    paths.sort();
    paths
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn directory(version: u32) -> PathBuf {
    PathBuf::from(format!("tests/store/golden/events/v{version}"))
}

/// A name that is not taken: a kind may have several samples.
fn free(kind: &str) -> PathBuf {
    let directory = directory(EVENT_VERSION);
    fs::create_dir_all(&directory).unwrap();
    (1..100)
        .map(|n| match n {
            1 => directory.join(format!("{kind}.json")),
            n => directory.join(format!("{kind}_{n}.json")),
        })
        .find(|path| !path.exists())
        .unwrap()
}
