//! Values as rows and people give them, made into values of the state.

use serde_json::{Map, Number, Value};

use super::Problem;
use super::shape::{Fields, Shape};
use crate::domain::{Currency, Money};

/// What a given value means.
#[derive(Debug, PartialEq)]
pub(super) enum Given {
    Value(Value),
    /// Nothing: a blank cell, or null where null is no value.
    Nothing,
}

/// How much may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leniency {
    /// Text becomes the property's type.
    Text,
    /// Money may be given as text or number; nothing else changes.
    MoneyAlone,
}

/// Coerces `value` to `shape`. What does not fit is left as it is, for the validator to name.
///
/// # Errors
/// What was meant as money but is none, at `at`.
pub(super) fn coerce(
    value: Value,
    shape: &Shape,
    leniency: Leniency,
    at: &At<'_>,
) -> Result<Value, Vec<Problem>> {
    match (shape, value) {
        (
            Shape::Money(currency),
            value @ (Value::String(_) | Value::Number(_) | Value::Object(_)),
        ) => money(value, *currency, at).map_err(|problem| vec![problem]),
        (Shape::Object(fields), Value::Object(map)) => {
            coerce_members(map, fields, leniency, at).map(Value::Object)
        }
        (Shape::List(items), Value::Array(values)) => {
            let mut problems = Vec::new();
            let mut list = Vec::with_capacity(values.len());
            for (index, value) in values.into_iter().enumerate() {
                match coerce(value, items, leniency, &at.element(index)) {
                    Ok(value) => list.push(value),
                    Err(more) => problems.extend(more),
                }
            }
            none_or(problems, Value::Array(list))
        }
        (_, Value::String(text)) if leniency == Leniency::Text => {
            Ok(typed(text.trim(), shape).unwrap_or(Value::String(text)))
        }
        (_, value) => Ok(value),
    }
}

/// Puts defaults in and coerces each member; members the schema does not name stay as they are.
fn coerce_members(
    mut map: Map<String, Value>,
    fields: &Fields,
    leniency: Leniency,
    at: &At<'_>,
) -> Result<Map<String, Value>, Vec<Problem>> {
    if leniency == Leniency::Text {
        defaults(fields, &mut map);
    }
    let mut problems = Vec::new();
    let mut members = Map::new();
    for (name, member) in map {
        let coerced = match fields.shapes.get(&name) {
            Some(shape) => coerce(member, shape, leniency, &at.member(&name)),
            None => Ok(member),
        };
        match coerced {
            Ok(member) => drop(members.insert(name, member)),
            Err(more) => problems.extend(more),
        }
    }
    none_or(problems, members)
}

/// As [`coerce`], for a field of which a blank cell and null may mean nothing.
pub(super) fn coerce_given(
    value: &Value,
    shape: &Shape,
    nullable: bool,
    at: &At<'_>,
) -> Result<Given, Vec<Problem>> {
    match value {
        Value::Null if !nullable => Ok(Given::Nothing),
        Value::String(text)
            if text.trim().is_empty() && !matches!(shape, Shape::Text | Shape::Any) =>
        {
            Ok(Given::Nothing)
        }
        _ => coerce(value.clone(), shape, Leniency::Text, at).map(Given::Value),
    }
}

/// Puts defaults where members are absent.
pub(super) fn defaults(fields: &Fields, members: &mut Map<String, Value>) {
    for (name, default) in &fields.defaults {
        if !members.contains_key(name) {
            members.insert(name.clone(), default.clone());
        }
    }
}

/// Where a value stands: its pointer, and what it is called.
#[derive(Debug)]
pub(super) struct At<'n> {
    pub(super) pointer: String,
    pub(super) name: std::borrow::Cow<'n, str>,
}

impl<'n> At<'n> {
    pub(super) fn field(field: &str, name: &'n str) -> Self {
        Self {
            pointer: format!("/{}", escaped(field)),
            name: name.into(),
        }
    }

    pub(super) fn member(&self, name: &str) -> At<'static> {
        At {
            pointer: format!("{}/{}", self.pointer, escaped(name)),
            name: format!("{}.{name}", self.name).into(),
        }
    }

    /// What is said of the value here: `address.city is empty`.
    pub(super) fn problem(self, said: &str) -> Problem {
        Problem::new(self.pointer, format!("{} {said}", self.name))
    }

    fn element(&self, index: usize) -> At<'static> {
        At {
            pointer: format!("{}/{index}", self.pointer),
            name: format!("{}[{index}]", self.name).into(),
        }
    }
}

/// A JSON pointer's segment (RFC 6901).
pub(super) fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

fn none_or<T>(problems: Vec<Problem>, value: T) -> Result<T, Vec<Problem>> {
    if problems.is_empty() {
        Ok(value)
    } else {
        Err(problems)
    }
}

/// Reads decimal text, with or without its currency; a number by its shortest text; the object.
fn money(value: Value, currency: Currency, at: &At<'_>) -> Result<Value, Problem> {
    let problem = |said: String| Problem::new(at.pointer.clone(), format!("{} {said}", at.name));
    let read = match &value {
        Value::String(text) => {
            let text = text.trim();
            if text.contains(' ') {
                text.parse()
            } else {
                Money::from_decimal(text, currency)
            }
        }
        Value::Number(number) => Money::from_decimal(&number.to_string(), currency),
        other => {
            return match serde_json::from_value::<Money>(other.clone()) {
                Ok(money) if money.currency == currency => Ok(value),
                Ok(money) => Err(problem(wrong_currency(money.currency, currency))),
                Err(_no_money) => Err(problem(format!(
                    "must be an amount in {currency}, such as 5000.00"
                ))),
            };
        }
    };
    match read {
        Ok(money) if money.currency == currency => Ok(lowered(&money)),
        Ok(money) => Err(problem(wrong_currency(money.currency, currency))),
        Err(error) => Err(problem(format!("is no amount: {error}"))),
    }
}

fn lowered(money: &Money) -> Value {
    serde_json::json!({"minor": money.minor, "currency": money.currency})
}

fn wrong_currency(given: Currency, wanted: Currency) -> String {
    format!("is in {given}, but must be in {wanted}")
}

/// Text as a value of the shape's type, or `None` where it reads as none.
fn typed(text: &str, shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Integer => text.parse::<i64>().ok().map(Value::from),
        Shape::Number => text.parse::<Number>().ok().map(Value::Number),
        Shape::Boolean => text.parse::<bool>().ok().map(Value::from),
        Shape::Money(_) | Shape::Text | Shape::Object(_) | Shape::List(_) | Shape::Any => None,
    }
}
