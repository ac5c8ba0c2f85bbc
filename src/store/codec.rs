//! From a stored event back to the engine's, so that journals can be replayed.

use serde_json::{Map, Value};

use crate::engine::event::upcast::{EventPlace, upcast};
use crate::engine::{Authority, Recorded};
use crate::store::prepare::implied_authority;
use crate::store::{StoreError, StoredEvent};

/// What the store adds to an event's body.
const ADDED: [&str; 4] = ["authority", "commitments", "rows", "state_digest"];

impl StoredEvent {
    /// The engine's form of this event, lifted to today's shape; `None` for facts about the store
    /// itself.
    ///
    /// # Errors
    /// Fails where version or kind are unknown to this program, or a value was destroyed that the
    /// event cannot do without.
    pub fn recorded(&self) -> Result<Option<Recorded>, StoreError> {
        let (Some(run), Some(run_seq)) = (self.run, self.run_seq) else {
            return Ok(None);
        };
        let unreadable = |why: String| StoreError::Failed {
            why: format!(
                "event {} of kind {} cannot be replayed: {why}",
                self.seq, self.kind
            ),
        };
        let Value::Object(mut event) = self.body.clone() else {
            return Err(unreadable("its body is no object".to_owned()));
        };
        let actor: Authority = match event.get("authority") {
            Some(authority) => serde_json::from_value(authority.clone())
                .map_err(|error| unreadable(error.to_string()))?,
            None => implied_authority(&self.actor),
        };
        if event.contains_key("commitments") {
            let values = self.values.clone();
            event.insert(
                "values".to_owned(),
                values.unwrap_or_else(|| Value::Object(Map::new())),
            );
        }
        for added in ADDED {
            event.remove(added);
        }
        let place = EventPlace {
            run,
            run_seq,
            at: self.at,
        };
        upcast((self.version, &self.kind), place, &mut event)
            .map_err(|newer| unreadable(newer.to_string()))?;
        event.insert("kind".to_owned(), Value::String(self.kind.clone()));
        let event = serde_json::from_value(Value::Object(event))
            .map_err(|error| unreadable(error.to_string()))?;
        Ok(Some(Recorded {
            run,
            run_seq,
            at: self.at,
            actor,
            event,
        }))
    }
}
