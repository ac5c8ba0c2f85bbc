//! `--rows FIELD=PATH[:N]`: a whole file as one field of every row.

use std::path::PathBuf;

use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::start::input::open_rows;
use crate::domain::Fields;
use crate::domain::limits::ROWS_FIELD_BYTES_MAX;

/// One field to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowsField {
    field: String,
    path: PathBuf,
    /// The first this many rows; all where absent.
    first: Option<usize>,
}

/// Reads `bills=invoices.jsonl:500`.
pub(crate) fn parse_rows_field(text: &str) -> Result<RowsField, String> {
    let shape = "write FIELD=PATH or FIELD=PATH:N, as in bills=invoices.jsonl:500";
    let (field, rest) = text.split_once('=').ok_or(shape)?;
    let (path, first) = match rest.rsplit_once(':') {
        Some((path, digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            let first: Option<usize> = digits.parse().ok();
            (path, Some(first.ok_or(shape)?))
        }
        _ => (rest, None),
    };
    if field.is_empty() || path.is_empty() || path == "-" || first == Some(0) {
        return Err(shape.to_owned());
    }
    Ok(RowsField {
        field: field.to_owned(),
        path: path.into(),
        first,
    })
}

/// Loads every field named.
///
/// # Errors
/// A field given twice, an unreadable file, a bad row (a list with holes is not what was asked
/// for), more than a run's state may hold.
pub(crate) fn load(fields: &[RowsField]) -> Result<Fields, Failure> {
    let mut loaded = Fields::new();
    for field in fields {
        let rows = load_one(field)?;
        if loaded.insert(field.field.clone(), rows).is_some() {
            let message = format!("--rows names the field `{}` twice", field.field);
            return Err(Failure::usage("rows_twice", message));
        }
    }
    Ok(loaded)
}

fn load_one(field: &RowsField) -> Result<Value, Failure> {
    let bad = |message: String| {
        Failure::usage(
            "bad_rows",
            format!("--rows {}: {message}", field.path.display()),
        )
        .hint("mend the file, or load fewer rows with PATH:N")
    };
    let (mut list, mut bytes) = (Vec::new(), 0);
    for row in open_rows(Some(&field.path))?
        .rows
        .take(field.first.unwrap_or(usize::MAX))
    {
        let row = row?;
        let fields = row
            .fields
            .map_err(|why| bad(format!("line {}: {why}", row.line)))?;
        let value = Value::Object(fields);
        bytes += value.to_string().len();
        if bytes > ROWS_FIELD_BYTES_MAX {
            return Err(bad(format!(
                "its rows are larger than {ROWS_FIELD_BYTES_MAX} bytes"
            )));
        }
        list.push(value);
    }
    Ok(Value::Array(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_after_the_last_colon_is_a_count() {
        let parsed = parse_rows_field("bills=a:b/c.jsonl:500").unwrap();
        assert_eq!(parsed.path, PathBuf::from("a:b/c.jsonl"));
        assert_eq!((parsed.field.as_str(), parsed.first), ("bills", Some(500)));
        assert_eq!(parse_rows_field("b=C:x.csv").unwrap().first, None);
    }

    #[test]
    fn what_names_no_field_or_file_is_refused() {
        for text in [
            "",
            "a",
            "=b",
            "a=",
            "a=-",
            "a=b:0",
            "a=b:99999999999999999999999",
        ] {
            assert!(parse_rows_field(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_rows_become_a_list() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.csv");
        std::fs::write(&path, "a\n1\n2\n3\n").unwrap();
        let field = parse_rows_field(&format!("list={}:2", path.display())).unwrap();
        let loaded = load(std::slice::from_ref(&field)).unwrap();
        let expected = serde_json::json!({"list": [{"a": "1"}, {"a": "2"}]});
        assert_eq!(Value::Object(loaded), expected);
        assert!(load(&[field.clone(), field]).is_err());
        std::fs::write(&path, "a\n1\n2,2\n").unwrap();
        let field = parse_rows_field(&format!("list={}", path.display())).unwrap();
        assert_eq!(load(&[field]).unwrap_err().code, "bad_rows");
    }
}
