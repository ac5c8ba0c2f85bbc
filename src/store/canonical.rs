//! Canonical JSON (RFC 8785) as it is stored. An integer past 2^53 - 1 has no exact canonical
//! form; it is kept exactly as it is rather than rounded.

use serde_json::Value;

use crate::domain::canonical::{Shape, canonical_shape, with_integers};
use crate::domain::canonical_value;
use crate::domain::limits::STORE_JSON_DEPTH_MAX;
use crate::store::StoreError;

/// Writes `value` as canonical JSON text.
pub(super) fn canonical_text(value: &Value) -> Result<String, StoreError> {
    let text = match canonical_shape(value) {
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
            let bytes = canonical_value(value).map_err(|error| unwritable(&error))?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_large_integer_is_kept_exactly() {
        let value = json!({"id": 12_345_678_901_234_567_890_u64, "x": 1.0});
        let text = canonical_text(&value).unwrap();
        assert!(text.contains("12345678901234567890"), "{text}");
    }

    #[test]
    fn what_nests_too_deep_to_be_read_again_is_refused() {
        let nest = |depth| (1..depth).fold(json!([]), |value, _| json!([value]));
        let deepest = canonical_text(&nest(STORE_JSON_DEPTH_MAX)).unwrap();
        assert!(serde_json::from_str::<Value>(&deepest).is_ok());
        assert!(canonical_text(&nest(STORE_JSON_DEPTH_MAX + 1)).is_err());
    }
}
