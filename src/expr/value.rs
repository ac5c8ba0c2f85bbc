//! JSON into CEL values and back.

use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt, Kind};
use cel::common::value::Val;
use serde_json::{Map, Number, Value};

use crate::domain::limits::STATE_BYTES_MAX;
use crate::expr::evaluation::Evaluation;
use crate::expr::object::Object;
use crate::expr::wording::type_word;

/// Doubles up to here are told apart from their neighbours, so a whole one is an integer.
const WHOLE_DOUBLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Bytes of text that count as one element.
const TEXT_BYTES_PER_ELEMENT: usize = 64;

/// Lifts a JSON value and books it: texts and objects stay borrowed, lists are lifted element by
/// element. Integers become CEL ints, so that `x * 2` works.
///
/// # Errors
/// An integer past `i64::MAX`, which CEL ints cannot hold; the evaluation has done all its work.
pub(super) fn lift<'v>(
    value: &'v Value,
    evaluation: &'v Evaluation,
) -> Result<Box<dyn Val + 'v>, ExecutionError> {
    evaluation.spend(match value {
        Value::String(text) => text_weight(text),
        _ => 1,
    })?;
    Ok(match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(number) => return lift_number(number, evaluation),
        Value::String(text) => Box::new(CelString::from(text.as_str())),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> =
                items.iter().map(|item| lift(item, evaluation)).collect();
            Box::new(CelList::from(items?))
        }
        Value::Object(map) => Box::new(Object::json(map, evaluation)),
    })
}

fn lift_number<'v>(
    number: &Number,
    evaluation: &Evaluation,
) -> Result<Box<dyn Val + 'v>, ExecutionError> {
    if let Some(value) = number.as_i64() {
        return Ok(Box::new(CelInt::from(value)));
    }
    match number.as_f64().filter(|_| !number.is_u64()) {
        Some(value) => Ok(Box::new(CelDouble::from(value))),
        None => Err(evaluation.refuse(|| format!("the number {number} is too large"))),
    }
}

/// Lowers a CEL value to JSON. A whole double becomes an integer, as it would by being written as
/// canonical JSON and read again.
///
/// # Errors
/// A value JSON has no form for: a double that is not finite, bytes, a type, a duration, a time;
/// a result of more than [`STATE_BYTES_MAX`] bytes.
pub(super) fn lower(value: &dyn Val) -> Result<Value, ExecutionError> {
    lower_within(value, &mut { STATE_BYTES_MAX })
}

fn lower_within(value: &dyn Val, room: &mut usize) -> Result<Value, ExecutionError> {
    take(room, 1)?;
    match value.get_type().kind() {
        Kind::NullType => Ok(Value::Null),
        Kind::Boolean => Ok(Value::Bool(*downcast::<CelBool>(value)?.inner())),
        Kind::Int => Ok(Value::from(*downcast::<CelInt>(value)?.inner())),
        Kind::UInt => i64::try_from(*downcast::<CelUInt>(value)?.inner())
            .map(Value::from)
            .map_err(|_too_large| refusal("the result is too large for an integer".to_owned())),
        Kind::Double => lower_double(*downcast::<CelDouble>(value)?.inner()),
        Kind::String => {
            let text = text_of(value).ok_or_else(|| no_json(value))?;
            take(room, text.len())?;
            Ok(Value::String(text.to_owned()))
        }
        Kind::List => {
            let items = items_of(value).ok_or_else(|| no_json(value))?;
            items
                .iter()
                .map(|item| lower_within(item.as_ref(), room))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array)
        }
        Kind::Map => lower_map(value, room),
        _ => Err(no_json(value)),
    }
}

fn lower_map(value: &dyn Val, room: &mut usize) -> Result<Value, ExecutionError> {
    let (Some(keys), Some(members)) = (value.as_iterable(), value.as_indexer()) else {
        return Err(no_json(value));
    };
    let mut keys = keys.iter();
    let mut map = Map::new();
    while let Some(key) = keys.next() {
        let name = text_of(key).ok_or_else(|| no_json(value))?;
        take(room, name.len())?;
        let member = lower_within(members.get(key)?.as_ref(), room)?;
        map.insert(name.to_owned(), member);
    }
    Ok(Value::Object(map))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the value is whole and within 2^53"
)]
fn lower_double(value: f64) -> Result<Value, ExecutionError> {
    if value.fract() == 0.0 && value.abs() <= WHOLE_DOUBLE_MAX {
        return Ok(Value::from(value as i64));
    }
    Number::from_f64(value)
        .map(Value::Number)
        .ok_or_else(|| refusal("the result is not a finite number".to_owned()))
}

/// The text of a CEL string.
pub(super) fn text_of(value: &dyn Val) -> Option<&str> {
    value.downcast_ref::<CelString<'_>>().map(CelString::inner)
}

/// The elements of a CEL list.
pub(super) fn items_of<'b, 'v>(value: &'b (dyn Val + 'v)) -> Option<&'b [Box<dyn Val + 'v>]> {
    value.downcast_ref::<CelList<'v>>().map(CelList::inner)
}

/// What reading or copying the value costs, in elements. An object is shared, and its members are
/// booked when they are read.
pub(super) fn weight(value: &dyn Val) -> usize {
    if let Some(text) = text_of(value) {
        return text_weight(text);
    }
    let items = items_of(value).unwrap_or_default();
    1 + items
        .iter()
        .map(|item| weight(item.as_ref()))
        .sum::<usize>()
}

fn text_weight(text: &str) -> usize {
    1 + text.len() / TEXT_BYTES_PER_ELEMENT
}

/// An evaluation error in a sentence of our own.
pub(super) fn refusal(message: String) -> ExecutionError {
    ExecutionError::function_error("", message)
}

fn downcast<T: cel::common::value::StaticVal>(value: &dyn Val) -> Result<&T, ExecutionError> {
    value.downcast_ref::<T>().ok_or_else(|| no_json(value))
}

fn take(room: &mut usize, bytes: usize) -> Result<(), ExecutionError> {
    *room = room
        .checked_sub(bytes)
        .ok_or_else(|| refusal(format!("the result is larger than {STATE_BYTES_MAX} bytes")))?;
    Ok(())
}

fn no_json(value: &dyn Val) -> ExecutionError {
    refusal(format!(
        "the result is {}, which has no JSON form",
        type_word(value.get_type().name())
    ))
}
