//! From version 1 to 2: a parked step has a dead letter, and says where it is stuck.
//!
//! The first programs wrote `effect_unknown` alone. Later ones wrote today's shape under the same
//! version; those have a `dead_letter` already.

use serde_json::{Map, Value, json};

use crate::domain::{DeadLetterId, DigestBuilder};
use crate::engine::dead_letter::StuckAt;
use crate::engine::draft::uuid_v7;
use crate::engine::event::upcast::EventPlace;

pub(super) fn lift(kind: &str, place: EventPlace, event: &mut Map<String, Value>) {
    if kind != "step_parked" || event.contains_key("dead_letter") {
        return;
    }
    let unknown = event.remove("effect_unknown") == Some(Value::Bool(true));
    let stuck = if unknown {
        StuckAt::Unsettled
    } else {
        StuckAt::Unrecorded
    };
    event.insert("dead_letter".to_owned(), json!(letter(place)));
    event.insert("stuck".to_owned(), json!(stuck));
    // How often it was tried stands in the state it is folded into.
    event.insert("attempts".to_owned(), json!(0));
}

/// The same letter each time the event is read.
fn letter(place: EventPlace) -> DeadLetterId {
    let random = DigestBuilder::new("countersign/upcast/dead-letter/v1")
        .bytes(place.run.0.as_bytes())
        .number(place.run_seq)
        .finish();
    DeadLetterId(uuid_v7(place.at, &random.0))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{RunId, Timestamp};

    const PLACE: EventPlace = EventPlace {
        run: RunId(Uuid::from_u128(1)),
        run_seq: 7,
        at: Timestamp(1_795_271_898_007),
    };

    fn parked(unknown: bool) -> Map<String, Value> {
        let event = json!({ "step": "commit", "code": "timeout", "effect_unknown": unknown });
        let Value::Object(mut event) = event else {
            unreachable!("an object was written above");
        };
        lift("step_parked", PLACE, &mut event);
        event
    }

    #[test]
    fn a_write_that_may_have_happened_stays_one() {
        assert_eq!(parked(true)["stuck"], "unsettled");
        assert_eq!(parked(false)["stuck"], "unrecorded");
    }

    #[test]
    fn a_letter_is_the_same_each_time_it_is_read() {
        assert_eq!(parked(false), parked(false));
        let mut lifted = parked(false);
        lift(
            "step_parked",
            EventPlace {
                run_seq: 8,
                ..PLACE
            },
            &mut lifted,
        );
        assert_eq!(lifted, parked(false), "what has a letter keeps it");
    }
}
