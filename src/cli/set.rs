//! `PATH=JSON`: one edit of a run's state.

use serde_json::Value;

/// One value to set.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    /// A state field, or a path below one, as in `address.city`.
    pub path: String,
    pub value: Value,
}

/// Reads `amount=78500.00` or `vendor="Alpha Tech Systems"`.
pub fn parse_set(text: &str) -> Result<Set, String> {
    let Some((path, json)) = text.split_once('=') else {
        return Err("write PATH=JSON, as in amount=78500.00".to_owned());
    };
    if path.is_empty() || path.trim() != path {
        return Err("the path before `=` is empty or has spaces around it".to_owned());
    }
    let value = serde_json::from_str(json).map_err(|error| {
        format!("`{json}` is no JSON ({error}); text needs quotes, as in {path}='\"text\"'")
    })?;
    Ok(Set {
        path: path.to_owned(),
        value,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_equals_sign_ends_the_path() {
        let set = parse_set("note=\"a=b\"").unwrap();
        assert_eq!((set.path.as_str(), set.value), ("note", json!("a=b")));
        assert_eq!(parse_set("amount=78500.00").unwrap().value, json!(78500.0));
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_way_to_write_it() {
        for text in ["amount", "=1", " a=1", "vendor=Alpha", "a=1 2", "a="] {
            assert!(parse_set(text).is_err(), "{text}");
        }
        assert!(
            parse_set("vendor=Alpha")
                .unwrap_err()
                .contains("vendor='\"text\"'")
        );
    }
}
