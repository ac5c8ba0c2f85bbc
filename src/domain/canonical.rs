//! Canonical JSON (RFC 8785): the one byte form that is hashed and sent.

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Number, Value};

use crate::domain::money::MINOR_MAX;

/// Writes `value` as canonical JSON.
///
/// # Errors
/// Fails where RFC 8785 has no exact form: a number that is not finite, a map key that is not
/// text, an integer past 2^53 - 1, which it would round to another one.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    let value = serde_json::to_value(value)?;
    if let Some(number) = inexact(&value) {
        return Err(serde_json::Error::custom(format!(
            "the integer {number} is larger than JSON carries exactly: give it as text"
        )));
    }
    serde_json_canonicalizer::to_vec(&value)
}

/// The first integer that would be rounded.
fn inexact(value: &Value) -> Option<&Number> {
    match value {
        Value::Number(number) if number.is_f64() => None,
        Value::Number(number) => {
            let exact = number
                .as_i64()
                .is_some_and(|integer| (-MINOR_MAX..=MINOR_MAX).contains(&integer));
            (!exact).then_some(number)
        }
        Value::Array(items) => items.iter().find_map(inexact),
        Value::Object(members) => members.values().find_map(inexact),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_integer_that_would_be_rounded_is_refused() {
        assert!(canonical_json(&json!({ "account": 9_007_199_254_740_993_i64 })).is_err());
        assert!(canonical_json(&json!([u64::MAX])).is_err());
        let exact = canonical_json(&json!({ "b": 9_007_199_254_740_991_i64, "a": 1.0 }));
        assert_eq!(
            exact.ok().as_deref(),
            Some(br#"{"a":1,"b":9007199254740991}"#.as_slice())
        );
    }
}
