//! What the workflow's state schema makes of a row.

use std::sync::Arc;

use serde_json::Value;

use crate::cli::failure::Failure;
use crate::domain::limits::KEY_BYTES_MAX;
use crate::domain::{Fields, Money};
use crate::runtime::StartRow;
use crate::workflow::Definition;

/// Characters of a useless header that are quoted.
const HEADER_SHOWN_CHARS_MAX: usize = 120;

/// Admits rows to one workflow.
#[derive(Debug)]
pub struct Admission {
    pub definition: Arc<Definition>,
    /// The state field whose value is the key.
    key: Option<String>,
    /// Fields that every row is given.
    loaded: Fields,
}

impl Admission {
    /// `key` is a state field or an alias of one.
    ///
    /// # Errors
    /// A field that the workflow's state does not have.
    pub fn new(
        definition: Arc<Definition>,
        key: Option<&str>,
        loaded: Fields,
    ) -> Result<Self, Failure> {
        let state = &definition.meaning.state;
        let field_of = |name: &str, option: &str| {
            state.field_of(name).map(str::to_owned).ok_or_else(|| {
                let workflow = &definition.name;
                let message = format!("{option} names `{name}`, which is no state field of the workflow {workflow} and no alias of one");
                Failure::usage("unknown_field", message)
                    .hint(format!("`countersign workflow show {workflow}` lists the fields"))
            })
        };
        for name in loaded.keys() {
            field_of(name, "--rows")?;
        }
        let key = key.map(|name| field_of(name, "--key")).transpose()?;
        Ok(Self {
            definition,
            key,
            loaded,
        })
    }

    /// Refuses an input of which no row could ever be used: an empty one, and a CSV whose header
    /// names no field. `columns` is that header, empty for an empty input.
    ///
    /// # Errors
    /// A sentence that names the fields.
    pub fn check_columns(&self, columns: Option<&[String]>) -> Result<(), Failure> {
        let state = &self.definition.meaning.state;
        let fields = state.names();
        let Some(columns) = columns else {
            return Ok(());
        };
        let named = columns.iter().any(|name| state.field_of(name).is_some());
        if named || (fields.is_empty() && !columns.is_empty()) {
            return Ok(());
        }
        let found = if columns.is_empty() {
            "the input is empty".to_owned()
        } else {
            let header = columns.join(",");
            let shown: String = header.chars().take(HEADER_SHOWN_CHARS_MAX).collect();
            format!("the header `{shown}` names no field")
        };
        let workflow = &self.definition.name;
        let expected = fields.join(", ");
        let message =
            format!("{found}: rows of the workflow {workflow} have the fields {expected}");
        Err(Failure::usage("no_usable_row", message).hint(
            "name them in the first line of a CSV or in JSON objects; `[]` is a list of no rows",
        ))
    }

    /// Makes the start of a run of one row.
    ///
    /// # Errors
    /// Every problem of the row, in one sentence.
    pub fn admit(&self, mut row: Fields) -> Result<StartRow, String> {
        row.extend(self.loaded.clone());
        let state = &self.definition.meaning.state;
        let fields = state.admit(&row).map_err(|problems| {
            let problems: Vec<String> = problems
                .into_iter()
                .map(|problem| problem.message)
                .collect();
            problems.join("; ")
        })?;
        let key = self
            .key
            .as_deref()
            .map(|name| key_of(name, &fields))
            .transpose()?;
        Ok(StartRow {
            input: row,
            fields,
            key,
        })
    }
}

/// The key as text: amounts as amounts, numbers and truth values as JSON writes them.
fn key_of(name: &str, fields: &Fields) -> Result<String, String> {
    let value = fields.get(name).unwrap_or(&Value::Null);
    let key = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null => String::new(),
        Value::Array(_) | Value::Object(_) => {
            match serde_json::from_value::<Money>(value.clone()) {
                Ok(money) => money.to_string(),
                Err(_) => {
                    return Err(format!(
                        "the key field {name} holds neither text nor a number"
                    ));
                }
            }
        }
    };
    if key.trim().is_empty() {
        return Err(format!("the key field {name} is empty"));
    }
    if key.len() > KEY_BYTES_MAX {
        return Err(format!(
            "the key in {name} is longer than {KEY_BYTES_MAX} bytes"
        ));
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(value: Value) -> Result<String, String> {
        key_of("f", &Fields::from_iter([("f".to_owned(), value)]))
    }

    #[test]
    fn a_key_is_the_fields_value_as_text() {
        assert_eq!(key(json!("SCMS-13")).as_deref(), Ok("SCMS-13"));
        assert_eq!(key(json!(7)).as_deref(), Ok("7"));
        let money = json!({"minor": 785_000, "currency": "USD"});
        assert_eq!(key(money).as_deref(), Ok("7850.00 USD"));
    }

    #[test]
    fn a_row_without_a_usable_key_is_invalid() {
        let long = "x".repeat(KEY_BYTES_MAX + 1);
        for value in [
            json!(""),
            json!(" "),
            json!(null),
            json!([1]),
            json!({}),
            json!(long),
        ] {
            assert!(key(value.clone()).is_err(), "{value}");
        }
        assert!(key_of("missing", &Fields::new()).is_err());
    }
}
