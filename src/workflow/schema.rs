//! JSON Schemas: of a run's state (with money, aliases and coercion), of arguments and answers.

mod coerce;
mod describe;
mod shape;
mod state;
mod wording;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use crate::domain::limits::{JSON_DEPTH_MAX, PROBLEMS_MAX};
use wording::{Names, worded};

pub use describe::{FieldAbout, FieldKind};
pub use state::StateSchema;

/// A compiled JSON Schema.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
}

/// One way in which a value misses its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}", if pointer.is_empty() { message.clone() } else { format!("{pointer}: {message}") })]
pub struct Problem {
    /// JSON pointer into the value; empty for the whole.
    pub pointer: String,
    pub message: String,
}

impl Problem {
    fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl Schema {
    /// Compiles a schema. References reach only into the schema itself: nothing is fetched, no
    /// file is read. Patterns run on a linear engine.
    ///
    /// # Errors
    /// The first fault, its pointer into the schema.
    pub fn compile(schema: &Value) -> Result<Self, Problem> {
        if nests_deeper(schema, JSON_DEPTH_MAX) {
            let message = format!("the schema nests more than {JSON_DEPTH_MAX} deep");
            return Err(Problem::new("", message));
        }
        jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .build(schema)
            .map(|validator| Self { validator })
            .map_err(|error| {
                let message = format!("this is no JSON Schema: {}", error.masked());
                Problem::new(error.instance_path().as_str(), message)
            })
    }

    /// All problems at once, at most [`PROBLEMS_MAX`].
    pub fn problems(&self, value: &Value) -> Vec<Problem> {
        self.problems_named(value, &Names::plain(), PROBLEMS_MAX)
    }

    fn problems_named(&self, value: &Value, names: &Names<'_>, most: usize) -> Vec<Problem> {
        if nests_deeper(value, JSON_DEPTH_MAX) {
            let message = format!("the value nests more than {JSON_DEPTH_MAX} deep");
            return vec![Problem::new("", message)];
        }
        // Most values are right, and saying so takes less than listing no errors.
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        self.validator
            .iter_errors(value)
            .take(most)
            .map(|error| worded(&error, names))
            .collect()
    }
}

/// Tells whether lists and objects stand more than `room` deep.
fn nests_deeper(value: &Value, room: usize) -> bool {
    match (value, room.checked_sub(1)) {
        (Value::Array(_) | Value::Object(_), None) => true,
        (Value::Array(items), Some(room)) => items.iter().any(|item| nests_deeper(item, room)),
        (Value::Object(map), Some(room)) => map.values().any(|member| nests_deeper(member, room)),
        _ => false,
    }
}
