//! Lifts the shapes of older events to those of today, on read. What is stored stays as it is.
//!
//! One file per step from a version to the next; an event goes through all that lie between its
//! version and [`EVENT_VERSION`].

mod v1;

use serde_json::{Map, Value};

use crate::domain::{RunId, Timestamp};
use crate::engine::event::{EVENT_VERSION, Event};

/// Where an event stands, which its body does not say.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace {
    pub run: RunId,
    /// From 1, without gaps.
    pub run_seq: u64,
    pub at: Timestamp,
}

/// An event that this program cannot read: a newer one wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its version is {found}, this program knows those up to {EVENT_VERSION}")]
pub struct NewerEvent {
    pub found: u32,
}

/// Tells whether this program knows events of `kind`.
pub fn is_known(kind: &str) -> bool {
    let bare = serde_json::json!({ "kind": kind });
    // A known kind misses its members at most.
    serde_json::from_value::<Event>(bare)
        .err()
        .is_none_or(|error| !error.to_string().starts_with("unknown variant"))
}

type Step = fn(&str, EventPlace, &mut Map<String, Value>);

/// The n-th step lifts version n to n + 1.
const STEPS: [Step; EVENT_VERSION as usize - 1] = [v1::lift];

/// Lifts the members of an event of `kind`, its values among them, from `version` to today's.
///
/// # Errors
/// The version is newer than this program.
pub fn upcast(
    (version, kind): (u32, &str),
    place: EventPlace,
    event: &mut Map<String, Value>,
) -> Result<(), NewerEvent> {
    if version > EVENT_VERSION {
        return Err(NewerEvent { found: version });
    }
    let passed = usize::try_from(version).map_or(STEPS.len(), |version| version.saturating_sub(1));
    for step in STEPS.iter().skip(passed) {
        step(kind, place, event);
    }
    Ok(())
}
