//! What a page of the journal says, and which of its events hold the words that are looked for.

use std::fmt::Write as _;

use serde_json::Value;

use crate::console::message::EventsRead;
use crate::console::model::audit::filter::Word;
use crate::console::request::EventsWanted;
use crate::store::{EventFilter, Head, StoredEvent};

/// Events read at a time.
pub const PAGE: u32 = 500;

/// What to ask the store for.
pub fn store_filter(wanted: &EventsWanted) -> EventFilter {
    EventFilter {
        run: wanted.run,
        actor: wanted.actor.clone(),
        kind: wanted.kind.clone(),
        before_seq: wanted.before,
        after_seq: wanted.after,
        newest_first: wanted.after.is_none(),
        limit: Some(PAGE),
        ..EventFilter::default()
    }
}

/// The page that the store's answer makes. `head` was read before `events`.
pub fn page(wanted: &EventsWanted, head: Head, mut events: Vec<StoredEvent>) -> EventsRead {
    let first_of_all = wanted.after.is_none() && events.last().is_some_and(|event| event.seq == 1);
    let end = first_of_all || events.len() < PAGE as usize;
    if wanted.after.is_some() {
        events.reverse();
    }
    let first = events.first().map(|event| event.seq);
    let last = events.last().map(|event| event.seq);
    let (newest, oldest) = match (wanted.after, wanted.before) {
        (Some(after), _) => {
            let reached = if end { head.size.max(after) } else { after };
            (first.unwrap_or(0).max(reached), after.saturating_add(1))
        }
        (None, before) => {
            // Nothing is known of what was written since.
            let last_known = first.unwrap_or(0).max(head.size);
            let below = before.map_or(u64::MAX, |before| before.saturating_sub(1));
            (last_known.min(below), last.unwrap_or(1))
        }
    };
    let oldest = if end && wanted.after.is_none() {
        1
    } else {
        oldest
    };
    if !wanted.words.is_empty() {
        events.retain(|event| holds(event, &wanted.words));
    }
    EventsRead {
        events,
        oldest,
        newest,
        end,
        head,
    }
}

/// Tells whether an event holds every word, in whatever it says, and none of those it must not.
pub fn holds(event: &StoredEvent, words: &[Word]) -> bool {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _infallible = write!(text, "{}\n{}\n{}\n", event.seq, event.kind, event.actor);
    if let Some(run) = event.run {
        let _infallible = writeln!(text, "{run}");
    }
    gather(&event.body, &mut text);
    if let Some(values) = &event.values {
        gather(values, &mut text);
    }
    let text = text.to_lowercase();
    words
        .iter()
        .all(|word| text.contains(&word.text) != word.not)
}

/// Every name and scalar of a value, one a line.
fn gather(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                text.push_str(name);
                text.push('\n');
                gather(member, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                gather(item, text);
            }
        }
        Value::String(said) => {
            text.push_str(said);
            text.push('\n');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            let _infallible = writeln!(text, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{Digest, Timestamp};

    fn event(seq: u64) -> StoredEvent {
        StoredEvent {
            seq,
            run: None,
            run_seq: None,
            at: Timestamp(0),
            actor: "MGR_JANE_DOE".to_owned(),
            kind: "vote_cast".to_owned(),
            version: 1,
            body: json!({"verdict": "approve", "item": 0}),
            values: Some(json!({"reason": "Checked \"by\" phone"})),
            prev_hash: Digest::ZERO,
            hash: Digest::ZERO,
        }
    }

    #[test]
    fn words_are_found_in_all_that_an_event_says() {
        let words = |text: &str| {
            let words = text.split(' ').map(|word| Word {
                not: word.starts_with('!'),
                text: word.trim_start_matches('!').to_owned(),
            });
            words.collect::<Vec<_>>()
        };
        for found in [
            "jane",
            "checked",
            "\"by\"",
            "verdict approve",
            "vote",
            "17",
            "!reject",
        ] {
            assert!(holds(&event(17), &words(found)), "{found}");
        }
        for missing in ["reject", "!phone", "approve reject"] {
            assert!(!holds(&event(17), &words(missing)), "{missing}");
        }
    }

    #[test]
    fn a_page_says_how_far_it_looked() {
        let head = Head {
            size: 2_000,
            hash: Digest::ZERO,
        };
        let reach = |wanted: &EventsWanted, seqs: &mut dyn Iterator<Item = u64>| {
            let read = page(wanted, head, seqs.map(event).collect());
            (read.oldest, read.newest, read.end, read.events.len())
        };
        let none = EventsWanted::default();
        assert_eq!(
            reach(&none, &mut (1_501..=2_000).rev()),
            (1_501, 2_000, false, 500)
        );
        assert_eq!(reach(&none, &mut [7].into_iter()), (1, 2_000, true, 1));
        let words = EventsWanted {
            words: vec![Word {
                not: false,
                text: "nothing".to_owned(),
            }],
            before: Some(1_001),
            ..EventsWanted::default()
        };
        assert_eq!(
            reach(&words, &mut (501..=1_000).rev()),
            (501, 1_000, false, 0)
        );
        let after = EventsWanted {
            after: Some(10),
            ..EventsWanted::default()
        };
        assert_eq!(reach(&after, &mut (11..=510)), (11, 510, false, 500));
        assert_eq!(
            reach(&after, &mut [12, 14].into_iter()),
            (11, 2_000, true, 2)
        );
    }
}
