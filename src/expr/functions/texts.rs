//! Dates and digests.

use cel::ExecutionError;
use cel::common::types::CelString;
use cel::common::value::CowVal;

use crate::domain::{Digest, canonical_value};
use crate::expr::value::{lower, text_of};
use crate::expr::wording::type_word;

/// Bytes of `YYYY-MM-DD`.
const DATE_LEN: usize = 10;

/// `date(text)`: the calendar date of an ISO date or an RFC 3339 time.
pub(super) fn date<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [value] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let Some(text) = text_of(value.as_ref()) else {
        return Err(ExecutionError::function_error(
            "date",
            format!(
                "a date is text such as \"2026-11-21\"; this is {}",
                type_word(value.get_type().name())
            ),
        ));
    };
    calendar_date(text)
        .map(|date| CowVal::owned(CelString::from(date)))
        .ok_or_else(|| {
            ExecutionError::function_error(
                "date",
                "the text is no date: write 2026-11-21 or 2026-11-21T14:38:18Z",
            )
        })
}

/// `hash(value)`: SHA-256 of the value's canonical JSON (RFC 8785), 64 hex digits.
pub(super) fn hash<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [value] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let json = lower(value.as_ref())?;
    let bytes =
        canonical_value(&json).map_err(|error| ExecutionError::function_error("hash", error))?;
    Ok(CowVal::owned(CelString::from(
        Digest::of(&bytes).to_string(),
    )))
}

/// `YYYY-MM-DD` of an ISO 8601 date, or of an RFC 3339 time as its own offset writes it.
pub(in crate::expr) fn calendar_date(text: &str) -> Option<String> {
    let date = text.get(..DATE_LEN)?;
    let digits = date.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    if !digits || date.parse::<jiff::civil::Date>().is_err() {
        return None;
    }
    let time = text.get(DATE_LEN..)?;
    let whole = time.is_empty()
        || (time.starts_with(['T', 't', ' ']) && text.parse::<jiff::Timestamp>().is_ok());
    whole.then(|| date.to_owned())
}
