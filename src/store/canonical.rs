//! Canonical JSON (RFC 8785) without the detour where it is not needed.
//!
//! Sorted compact JSON already is canonical unless a number or a member name is unusual, and it
//! is written several times faster. A whole number written as a double (`1.0`) is only changed to
//! an integer; other unusual values take the general way. An integer past 2^53 - 1 has no exact
//! canonical form; it is kept exactly as it is rather than rounded.

use serde_json::{Number, Value};

use crate::domain::limits::STORE_JSON_DEPTH_MAX;
use crate::domain::{canonical_json, money::MINOR_MAX};
use crate::store::StoreError;

/// Writes `value` as canonical JSON text.
pub(super) fn canonical_text(value: &Value) -> Result<String, StoreError> {
    let text = match shape(value, 1) {
        Shape::Plain | Shape::Exact => serde_json::to_string(value),
        Shape::Whole => serde_json::to_string(&with_integers(value)),
        Shape::TooDeep => {
            return Err(StoreError::Failed {
                why: format!(
                    "a value nests more than {STORE_JSON_DEPTH_MAX} deep and could not be read again"
                ),
            });
        }
        Shape::Unusual => {
            let bytes = canonical_json(value).map_err(|error| unwritable(&error))?;
            return String::from_utf8(bytes).map_err(|error| StoreError::Failed {
                why: format!("canonical JSON is no text: {error}"),
            });
        }
    };
    text.map_err(|error| unwritable(&error))
}

/// Reports a value that JSON cannot hold.
pub(super) fn unwritable(error: &serde_json::Error) -> StoreError {
    StoreError::Failed {
        why: format!("a value cannot be written as JSON: {error}"),
    }
}

/// Why a value may or may not be written as it stands; the greatest of its parts wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Compact JSON is canonical.
    Plain,
    /// Compact JSON is canonical once whole doubles are integers.
    Whole,
    /// A number or a name needs the general way.
    Unusual,
    /// An integer that canonical JSON would round.
    Exact,
    /// It could be written and not be read again.
    TooDeep,
}

fn shape(value: &Value, depth: usize) -> Shape {
    if depth > STORE_JSON_DEPTH_MAX {
        return Shape::TooDeep;
    }
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Shape::Plain,
        Value::Number(number) => number_shape(number),
        Value::Array(items) => items
            .iter()
            .map(|item| shape(item, depth + 1))
            .max()
            .unwrap_or(Shape::Plain),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name_shape(name).max(shape(value, depth + 1)))
            .max()
            .unwrap_or(Shape::Plain),
    }
}

fn number_shape(number: &Number) -> Shape {
    if let Some(integer) = number.as_i64() {
        let exact = (-MINOR_MAX..=MINOR_MAX).contains(&integer);
        return if exact { Shape::Plain } else { Shape::Exact };
    }
    if number.is_u64() {
        return Shape::Exact;
    }
    if whole(number).is_some() {
        return Shape::Whole;
    }
    let text = number.to_string();
    // ECMAScript changes to exponents at other magnitudes; the digits are the same.
    if text.ends_with(".0") || text.contains(['e', 'E']) {
        Shape::Unusual
    } else {
        Shape::Plain
    }
}

/// The integer that a double is, where it is one that JSON keeps exactly.
fn whole(number: &Number) -> Option<i64> {
    if !number.is_f64() {
        return None;
    }
    let digits = number.to_string();
    let integer = digits.strip_suffix(".0")?.parse().ok()?;
    (-MINOR_MAX..=MINOR_MAX)
        .contains(&integer)
        .then_some(integer)
}

/// The value with its whole doubles as integers. `-0.0` becomes 0, as RFC 8785 has it.
fn with_integers(value: &Value) -> Value {
    match value {
        Value::Number(number) => whole(number).map_or_else(|| value.clone(), Value::from),
        Value::Array(items) => items.iter().map(with_integers).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), with_integers(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// Names are sorted by UTF-16 code units, which differs from byte order only past ASCII.
fn name_shape(name: &str) -> Shape {
    if name.is_ascii() {
        Shape::Plain
    } else {
        Shape::Unusual
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_large_integer_is_kept_exactly() {
        let value = json!({"id": 12_345_678_901_234_567_890_u64, "x": 1.0});
        let text = canonical_text(&value).unwrap();
        assert!(text.contains("12345678901234567890"), "{text}");
    }

    #[test]
    fn unusual_numbers_and_names_take_their_canonical_form() {
        let value =
            json!({"\u{ff5e}": 1.0, "\u{1f600}": 1e-7, "a": 1e21, "\u{7f}": "\u{7f}/\u{1}"});
        let expected = String::from_utf8(canonical_json(&value).unwrap()).unwrap();
        assert_eq!(canonical_text(&value).unwrap(), expected);
    }

    #[test]
    fn what_nests_too_deep_to_be_read_again_is_refused() {
        let nest = |depth| (1..depth).fold(json!([]), |value, _| json!([value]));
        let deepest = canonical_text(&nest(STORE_JSON_DEPTH_MAX)).unwrap();
        assert!(serde_json::from_str::<Value>(&deepest).is_ok());
        assert!(canonical_text(&nest(STORE_JSON_DEPTH_MAX + 1)).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-MINOR_MAX..=MINOR_MAX).prop_map(Value::from),
            any::<f64>()
                .prop_filter("JSON has finite numbers", |x| x.is_finite())
                .prop_map(Value::from),
            (-10_000_000_i32..10_000_000).prop_map(|x| Value::from(f64::from(x) / 1000.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_short_way_writes_what_the_library_writes(value in any_json()) {
            let expected = String::from_utf8(canonical_json(&value).unwrap()).unwrap();
            prop_assert_eq!(canonical_text(&value).unwrap(), expected);
        }
    }
}
