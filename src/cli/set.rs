//! `PATH=JSON`: one edit of a run's state.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cli::failure::Failure;
use crate::domain::unique_json::parse_value;

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
    let value = parse_value(json).map_err(|why| {
        format!("`{json}` is no value ({why}); text needs quotes, as in {path}='\"text\"'")
    })?;
    Ok(Set {
        path: path.to_owned(),
        value,
    })
}

/// Reads what a target answered.
pub fn parse_answer(text: &str) -> Result<Value, String> {
    parse_value(text).map_err(|why| format!("this is no JSON: {why}"))
}

/// Refuses a path that is given twice: which of its values was meant cannot be told.
pub fn each_once(edits: &[Set]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    match edits.iter().find(|edit| !seen.insert(edit.path.as_str())) {
        None => Ok(()),
        Some(twice) => {
            let message = format!("--set names `{}` twice", twice.path);
            Err(Failure::usage("set_twice", message).hint("give each path one value"))
        }
    }
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
    fn a_value_that_could_mean_two_things_is_refused() {
        for (text, why) in [
            ("address={\"city\":\"A\",\"city\":\"B\"}", "twice"),
            ("amount=4999.99999999999999999", "write it as text"),
            ("amount=99999999999999999999", "write it as text"),
        ] {
            let error = parse_set(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let edits = ["a=1", "b=1", "a=1"].map(|text| parse_set(text).unwrap());
        assert!(each_once(&edits[..2]).is_ok());
        assert_eq!(each_once(&edits).unwrap_err().code, "set_twice");
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
