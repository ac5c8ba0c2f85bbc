//! Columns back into the domain's words.

use std::str::FromStr;

use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};
use uuid::Uuid;

use crate::domain::{Money, PacketId};

/// Reads a column that holds a word of a closed list, or any other text with one parse.
pub(super) fn word<T>(row: &Row<'_>, index: usize) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text: String = row.get(index)?;
    text.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error))
    })
}

/// Reads a name column.
pub(super) fn name<T: for<'a> From<&'a str>>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    Ok(T::from(row.get_ref(index)?.as_str()?))
}

/// Reads a name column that may be empty.
pub(super) fn optional_name<T: for<'a> From<&'a str>>(
    row: &Row<'_>,
    index: usize,
) -> rusqlite::Result<Option<T>> {
    Ok(row.get_ref(index)?.as_str_or_null()?.map(T::from))
}

/// Reads an amount from its two columns; both or neither are there.
pub(super) fn amount(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Money>> {
    let minor: Option<i64> = row.get(index)?;
    let currency: Option<String> = row.get(index + 1)?;
    match (minor, currency) {
        (None, None) => Ok(None),
        (Some(minor), Some(currency)) => {
            let currency = currency.parse().map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(index + 1, Type::Text, Box::new(error))
            })?;
            Ok(Some(Money { minor, currency }))
        }
        _ => Err(FromSqlError::InvalidType.into()),
    }
}

pub(super) fn packet_id(bytes: [u8; 16]) -> PacketId {
    PacketId(Uuid::from_bytes(bytes))
}
