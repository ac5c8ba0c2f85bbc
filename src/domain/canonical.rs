//! Canonical JSON (RFC 8785): the one byte form that is hashed and sent.
//!
//! Sorted compact JSON already is canonical unless a number or a member name is unusual, and it
//! is written several times faster. A whole number written as a double (`1.0`) is only changed to
//! an integer; other unusual values take the general way.

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Number, Value};

use crate::domain::limits::STORE_JSON_DEPTH_MAX;
use crate::domain::money::MINOR_MAX;

/// Writes `value` as canonical JSON.
///
/// # Errors
/// Fails where RFC 8785 has no exact form: a number that is not finite, a map key that is not
/// text, an integer past 2^53 - 1, which it would round to another one.
pub fn canonical_json<T: Serialize>(value: &T) -> Result<Vec<u8>, serde_json::Error> {
    canonical_value(&serde_json::to_value(value)?)
}

/// Writes a JSON value as canonical JSON.
///
/// # Errors
/// An integer past 2^53 - 1.
pub fn canonical_value(value: &Value) -> Result<Vec<u8>, serde_json::Error> {
    match canonical_shape(value) {
        Shape::Plain => serde_json::to_vec(value),
        Shape::Whole => serde_json::to_vec(&with_integers(value)),
        Shape::Unusual => serde_json_canonicalizer::to_vec(value),
        Shape::Exact | Shape::TooDeep => match inexact(value) {
            Some(number) => Err(serde_json::Error::custom(format!(
                "the integer {number} is larger than JSON carries exactly: give it as text"
            ))),
            None => serde_json_canonicalizer::to_vec(value),
        },
    }
}

/// Tells how `value` can be written.
pub fn canonical_shape(value: &Value) -> Shape {
    shape_at(value, STORE_JSON_DEPTH_MAX)
}

/// Why a value may or may not be written as it stands; the greatest of its parts wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
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

/// Tells how `value` can be written where `room` more levels may be nested.
fn shape_at(value: &Value, room: usize) -> Shape {
    let Some(inside) = room.checked_sub(1) else {
        return Shape::TooDeep;
    };
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Shape::Plain,
        Value::Number(number) => number_shape(number),
        Value::Array(items) => items
            .iter()
            .map(|item| shape_at(item, inside))
            .max()
            .unwrap_or(Shape::Plain),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| name_shape(name).max(shape_at(value, inside)))
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
pub fn with_integers(value: &Value) -> Value {
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
    use proptest::prelude::*;
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

    #[test]
    fn unusual_numbers_and_names_take_their_canonical_form() {
        let value =
            json!({"\u{ff5e}": 1.0, "\u{1f600}": 1e-7, "a": 1e21, "\u{7f}": "\u{7f}/\u{1}"});
        let expected = serde_json_canonicalizer::to_vec(&value).unwrap();
        assert_eq!(canonical_value(&value).unwrap(), expected);
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
            let expected = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(canonical_value(&value).unwrap(), expected);
        }
    }
}
