//! JSON that means one thing: no name stands twice in an object, and each number is kept as written.
//!
//! RFC 8259 §4 leaves open what `{"amount": 10, "amount": 9000}` means, and §6 how exactly
//! `4999.99999999999999999` is read; parsers disagree. Of an amount of money nobody may guess which
//! one was meant, so both are errors.

mod numbers;

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::domain::Fields;
use crate::domain::unique_json::numbers::first_inexact;

/// Parses the bytes of one object.
///
/// # Errors
/// What is wrong, for people: no UTF-8, no JSON, no object, a name given twice, a number that
/// would become another one.
pub fn parse_object(bytes: &[u8]) -> Result<Fields, String> {
    let text = str::from_utf8(bytes).map_err(|error| {
        format!(
            "the row is not UTF-8 (byte {} of it)",
            error.valid_up_to().saturating_add(1)
        )
    })?;
    match serde_json::from_str(text) {
        Ok(Unique(Value::Object(fields))) => first_inexact(text).map_or(Ok(fields), Err),
        Ok(_) => Err("the row is no JSON object".to_owned()),
        Err(error) => {
            let said = error.to_string();
            // The row's own line number is told beside it.
            let (what, _) = said.rsplit_once(" at line ").unwrap_or((&said, ""));
            Err(format!(
                "the row is no JSON object: {what} (column {})",
                error.column()
            ))
        }
    }
}

/// Parses one value.
///
/// # Errors
/// What is wrong, for people: no JSON, a name given twice, a number that would become another one.
pub fn parse_value(text: &str) -> Result<Value, String> {
    let Unique(value) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    first_inexact(text).map_or(Ok(value), Err)
}

/// Parses what a target answered: of a name given twice nobody may guess which value was meant.
/// Numbers are read as every other reader does, for the target did not write them for this one.
///
/// # Errors
/// What is wrong, for people: no JSON, a name given twice.
pub fn parse_answer(bytes: &[u8]) -> Result<Value, String> {
    let read = serde_json::from_slice(bytes);
    read.map(|Unique(value)| value)
        .map_err(|error| error.to_string())
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let Unique(value) = members.next_value()?;
            if map.contains_key(&name) {
                return Err(A::Error::custom(format!("`{name}` stands in it twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_read_as_it_stands() {
        let text =
            r#"{"a": 7850.00, "b": [null, true, "x", {"c": -1}], "d": 18446744073709551615}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            Value::Object(parse_object(text.as_bytes()).unwrap()),
            expected
        );
        assert_eq!(json!(7850.0), *expected.get("a").unwrap());
    }

    #[test]
    fn an_answer_means_one_thing_whatever_its_numbers() {
        let read = parse_answer(br#"{"ok": true, "score": 0.97000000000000000001}"#).unwrap();
        assert_eq!(read, json!({"ok": true, "score": 0.97}));
        for twice in [
            &br#"{"ok": false, "ok": true}"#[..],
            br#"[{"a": {"ok": 1, "ok": 1}}]"#,
        ] {
            assert!(parse_answer(twice).unwrap_err().contains("twice"));
        }
    }

    #[test]
    fn what_cannot_be_one_row_is_refused() {
        let cases: [(&[u8], &str); 8] = [
            (br#"{"amount": 10, "amount": 9000}"#, "twice"),
            (br#"{"a": {"b": 1, "b": 2}}"#, "twice"),
            (br"[1]", "no JSON object"),
            (br"7", "no JSON object"),
            (br#"{"a": 1} x"#, "column 10"),
            (br#"{"a": 1e999}"#, "no JSON object"),
            (b"{\"a\": \"\xff\"}", "UTF-8"),
            (br#"{"a": [4999.99999999999999999]}"#, "write it as text"),
        ];
        for (row, part) in cases {
            let error = parse_object(row).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
