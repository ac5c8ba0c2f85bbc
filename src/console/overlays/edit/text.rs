//! Between the values of a state and what is typed in a field of one line.

use serde_json::Value;

use crate::domain::{escape_json, is_hidden};
use crate::workflow::schema::{FieldAbout, FieldKind};

/// A value as text for a field, and whether that is the inside of a JSON string. Money comes as
/// people write it.
///
/// # Errors
/// The value itself, where a field of this kind cannot say it.
pub(super) fn text_of(kind: &FieldKind, value: Option<&Value>) -> Result<(String, bool), Value> {
    match (kind, value) {
        (FieldKind::Json, value) => Err(value.cloned().unwrap_or_default()),
        (_, None | Some(Value::Null)) => Ok((String::new(), false)),
        (FieldKind::Money(currency), Some(Value::String(text))) => {
            let own = text.strip_suffix(currency.as_str());
            Ok((own.map_or(text.as_str(), str::trim_end).to_owned(), false))
        }
        (FieldKind::Text, Some(Value::String(text))) if text.chars().any(is_hidden) => {
            Ok((escape(text), true))
        }
        (_, Some(Value::String(text))) => Ok((text.clone(), false)),
        (FieldKind::Boolean, Some(Value::Bool(is))) => Ok((is.to_string(), false)),
        (
            FieldKind::Integer | FieldKind::Number | FieldKind::Money(_),
            Some(Value::Number(number)),
        ) => Ok((number.to_string(), false)),
        (_, Some(value)) => Err(value.clone()),
    }
}

/// The value that `text` means in a field; the schema judges what it is.
pub(super) fn value_of(about: &FieldAbout, text: &str) -> Value {
    let blank = text.trim().is_empty();
    match about.kind {
        FieldKind::Text => text.into(),
        _ if blank && about.nullable => Value::Null,
        FieldKind::Choice(_) => text.into(),
        FieldKind::Money(_) => without_thousands(text).into(),
        _ => text.trim().into(),
    }
}

/// The inside of the JSON string that means `text`, without a hidden character in it.
pub(super) fn escape(text: &str) -> String {
    let json = Value::from(text).to_string();
    let json = escape_json(&json);
    let inside = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or_default().to_owned()
}

/// The text that the inside of a JSON string means.
pub(super) fn unescape(inside: &str) -> Result<String, String> {
    serde_json::from_str(&format!("\"{inside}\"")).map_err(|_told_in_our_words| {
        "this is JSON text: \\n, \\t and \\u202e stand for characters that do not show, \
         \\\" for a quote, \\\\ for a backslash"
            .to_owned()
    })
}

/// `7 850.00 USD` as `7850.00 USD`.
fn without_thousands(text: &str) -> String {
    let (amount, currency) = match text.trim().rsplit_once(char::is_whitespace) {
        Some((amount, word)) if word.chars().all(char::is_alphabetic) => (amount, Some(word)),
        _ => (text, None),
    };
    let amount: String = amount.split_whitespace().collect();
    match currency {
        Some(currency) => format!("{amount} {currency}"),
        None => amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_may_stand_apart() {
        for (typed, amount) in [
            (" 7 850.00 ", "7850.00"),
            ("1 234 567 USD", "1234567 USD"),
            ("9000 USD", "9000 USD"),
            ("", ""),
        ] {
            assert_eq!(without_thousands(typed), amount);
        }
    }

    #[test]
    fn escaped_text_hides_nothing_and_means_the_same() {
        for text in [
            "a\u{202e}b",
            "line\nbreak \"quoted\" \\n",
            "t\u{e0041}g",
            "plain",
        ] {
            let inside = escape(text);
            assert!(!inside.chars().any(is_hidden), "{inside}");
            assert_eq!(unescape(&inside).as_deref(), Ok(text));
        }
        assert!(unescape("a\"b").is_err() && unescape("\\x").is_err());
    }
}
