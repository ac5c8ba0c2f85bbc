//! The shape of a state: what coercion needs to know of its schema, and the JSON Schema that is
//! left once `x-money` is spelled out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Problem;
use super::coerce::escaped;
use crate::domain::money::MINOR_MAX;
use crate::domain::{Currency, Money};

/// Keywords that may stand beside `x-money`.
const BESIDE_MONEY: [&str; 13] = [
    "x-money",
    "x-aliases",
    "type",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "$comment",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];
const BOUNDS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
/// Keywords whose values are data, not schemas.
const DATA: [&str; 4] = ["default", "enum", "const", "examples"];

/// How values of one place in the state are read.
#[derive(Debug)]
pub(super) enum Shape {
    Money(Currency),
    Text,
    Integer,
    Number,
    Boolean,
    Object(Fields),
    List(Box<Shape>),
    /// No coercion.
    Any,
}

/// The properties of an object.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) shapes: BTreeMap<String, Shape>,
    /// Alias to property; of the state's own fields alone.
    pub(super) aliases: BTreeMap<String, String>,
    pub(super) required: BTreeSet<String>,
    /// Values as written, not yet coerced.
    pub(super) defaults: BTreeMap<String, Value>,
    /// Properties that may be null.
    pub(super) nullable: BTreeSet<String>,
}

impl Shape {
    /// The shape of the member or element `name`.
    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.shapes.get(name),
            Self::List(items) => Some(items),
            Self::Money(_)
            | Self::Text
            | Self::Integer
            | Self::Number
            | Self::Boolean
            | Self::Any => None,
        }
    }
}

/// Reads a state's schema: its shape, and `schema` rewritten into plain JSON Schema.
pub(super) fn read_state(schema: &mut Value, problems: &mut Vec<Problem>) -> Fields {
    let Value::Object(map) = schema else {
        problems.push(Problem::new("", "the state's schema must be an object"));
        return Fields::default();
    };
    match map.get("type") {
        Some(Value::String(word)) if word == "object" => {}
        None => {
            map.insert("type".to_owned(), "object".into());
        }
        Some(_) => problems.push(Problem::new("/type", "the state's type is `object`")),
    }
    let mut fields = read_fields(map, "", problems);
    // A row's further columns never reach the state, so the state has its properties and no more.
    fields.aliases = read_aliases(map, &fields, problems);
    for name in fields
        .required
        .iter()
        .filter(|name| !fields.shapes.contains_key(*name))
    {
        let message = format!("`required` names `{name}`, which is no property");
        problems.push(Problem::new("/required", message));
    }
    fields
}

fn read_shape(schema: &mut Value, pointer: &str, problems: &mut Vec<Problem>) -> Shape {
    let Value::Object(map) = schema else {
        return Shape::Any;
    };
    if map.contains_key("x-money") {
        return read_money(map, pointer, problems);
    }
    if !pointer.is_empty() && pointer.matches('/').count() > 2 && map.contains_key("x-aliases") {
        problems.push(Problem::new(
            format!("{pointer}/x-aliases"),
            "only the state's own fields have aliases",
        ));
    }
    let word = single_type(map);
    let has_properties = map.contains_key("properties");
    let shape = match word.as_deref() {
        Some("string") => Shape::Text,
        Some("integer") => Shape::Integer,
        Some("number") => Shape::Number,
        Some("boolean") => Shape::Boolean,
        Some("array") => match map.get_mut("items") {
            Some(items) => Shape::List(Box::new(read_shape(
                items,
                &format!("{pointer}/items"),
                problems,
            ))),
            None => Shape::Any,
        },
        Some("object") => Shape::Object(read_fields(map, pointer, problems)),
        None if has_properties => Shape::Object(read_fields(map, pointer, problems)),
        _ => Shape::Any,
    };
    let read = match shape {
        Shape::Object(_) => "properties",
        Shape::List(_) => "items",
        _ => "",
    };
    refuse_hidden_money(map, read, pointer, problems);
    shape
}

fn read_fields(map: &mut Map<String, Value>, pointer: &str, problems: &mut Vec<Problem>) -> Fields {
    let mut fields = Fields::default();
    let names = map.get("required").and_then(Value::as_array);
    for name in names.into_iter().flatten().filter_map(Value::as_str) {
        fields.required.insert(name.to_owned());
    }
    if pointer.is_empty() {
        refuse_hidden_money(map, "properties", pointer, problems);
    }
    let Some(Value::Object(properties)) = map.get_mut("properties") else {
        return fields;
    };
    for (name, property) in properties {
        let below = format!("{pointer}/properties/{}", escaped(name));
        if let Some(default) = property.get("default") {
            fields.defaults.insert(name.clone(), default.clone());
        }
        if admits_null(property) {
            fields.nullable.insert(name.clone());
        }
        fields
            .shapes
            .insert(name.clone(), read_shape(property, &below, problems));
    }
    fields
}

fn read_aliases(
    map: &Map<String, Value>,
    fields: &Fields,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut aliases: BTreeMap<String, String> = BTreeMap::new();
    let properties = map.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let Some(written) = property.get("x-aliases") else {
            continue;
        };
        let pointer = format!("/properties/{}/x-aliases", escaped(name));
        let Some(words) = written.as_array() else {
            problems.push(Problem::new(pointer, "`x-aliases` is a list of names"));
            continue;
        };
        for word in words {
            let fault = match word.as_str() {
                None => Some("an alias is text".to_owned()),
                Some(alias) if fields.shapes.contains_key(alias) => {
                    Some(format!("the alias `{alias}` is itself a field"))
                }
                Some(alias) => aliases
                    .insert(alias.to_owned(), name.clone())
                    .filter(|other| other != name)
                    .map(|other| format!("the alias `{alias}` also means `{other}`")),
            };
            problems.extend(fault.map(|fault| Problem::new(pointer.clone(), fault)));
        }
    }
    aliases
}

/// Turns an `x-money` property into the schema of a money object, bounds in minor units.
fn read_money(map: &mut Map<String, Value>, pointer: &str, problems: &mut Vec<Problem>) -> Shape {
    let word = map
        .get("x-money")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let currency: Currency = match word.parse() {
        Ok(currency) => currency,
        Err(error) => {
            problems.push(Problem::new(
                format!("{pointer}/x-money"),
                error.to_string(),
            ));
            return Shape::Any;
        }
    };
    for keyword in map
        .keys()
        .filter(|keyword| !BESIDE_MONEY.contains(&keyword.as_str()))
    {
        let message = format!("`{keyword}` has no meaning beside `x-money`");
        problems.push(Problem::new(format!("{pointer}/{keyword}"), message));
    }
    let mut minor = Map::new();
    minor.insert("type".to_owned(), "integer".into());
    minor.insert("minimum".to_owned(), (-MINOR_MAX).into());
    minor.insert("maximum".to_owned(), MINOR_MAX.into());
    for bound in BOUNDS {
        let Some(limit) = map.remove(bound) else {
            continue;
        };
        match bound_in(&limit, currency) {
            Some(money) => {
                minor.insert(bound.to_owned(), money.minor.into());
            }
            None => problems.push(Problem::new(
                format!("{pointer}/{bound}"),
                format!("`{bound}` is an amount such as 0 or \"0.01\""),
            )),
        }
    }
    let types = if map.get("type").is_some_and(names_null) {
        json!(["object", "null"])
    } else {
        json!("object")
    };
    map.insert("type".to_owned(), types);
    map.remove("default");
    map.remove("examples");
    map.insert("required".to_owned(), json!(["minor", "currency"]));
    map.insert("additionalProperties".to_owned(), false.into());
    map.insert(
        "properties".to_owned(),
        json!({"minor": minor, "currency": {"const": currency}}),
    );
    Shape::Money(currency)
}

fn bound_in(limit: &Value, currency: Currency) -> Option<Money> {
    match limit {
        Value::String(text) => Money::from_decimal(text, currency).ok(),
        Value::Number(number) => Money::from_decimal(&number.to_string(), currency).ok(),
        _ => None,
    }
}

/// Money that stands where it would not be read (in a branch, behind a reference) would be checked
/// as something else: better refused.
fn refuse_hidden_money(
    map: &Map<String, Value>,
    read: &str,
    pointer: &str,
    problems: &mut Vec<Problem>,
) {
    for (keyword, value) in map {
        let skipped = keyword == read || keyword == "x-money" || DATA.contains(&keyword.as_str());
        if !skipped && holds_money(value) {
            problems.push(Problem::new(
                format!("{pointer}/{keyword}"),
                "`x-money` stands on a property or on the items of a list, nowhere else",
            ));
        }
    }
}

fn holds_money(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.iter().any(|(keyword, value)| {
            keyword == "x-money" || (!DATA.contains(&keyword.as_str()) && holds_money(value))
        }),
        Value::Array(items) => items.iter().any(holds_money),
        _ => false,
    }
}

/// The one type beside null, where there is one.
fn single_type(map: &Map<String, Value>) -> Option<String> {
    match map.get("type")? {
        Value::String(word) => Some(word.clone()),
        Value::Array(words) => {
            let mut words = words
                .iter()
                .filter_map(Value::as_str)
                .filter(|word| *word != "null");
            let first = words.next()?;
            words.next().is_none().then(|| first.to_owned())
        }
        _ => None,
    }
}

/// Tells whether a property's own `type` lets null through; without a type, anything passes.
fn admits_null(property: &Value) -> bool {
    match property.get("type") {
        Some(types) => names_null(types),
        None => property.get("x-money").is_none(),
    }
}

fn names_null(types: &Value) -> bool {
    match types {
        Value::String(word) => word == "null",
        Value::Array(words) => words.iter().any(|word| word.as_str() == Some("null")),
        _ => false,
    }
}
