//! What the fields of a state are, for a form: their names, kinds and words.

use serde_json::Value;

use super::coerce::escaped;
use super::shape::Shape;
use super::state::StateSchema;
use crate::domain::{Currency, Fields, Money};

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Money(Currency),
    Integer,
    Number,
    Text,
    Boolean,
    /// One of these texts.
    Choice(Vec<String>),
    /// A list, an object, or what may be of several types.
    Json,
}

/// One field of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldAbout {
    pub name: String,
    pub kind: FieldKind,
    pub required: bool,
    pub nullable: bool,
    /// The schema's own words.
    pub description: Option<String>,
}

impl StateSchema {
    /// The state's fields: those it requires before the others, each group by name.
    pub fn fields(&self) -> Vec<FieldAbout> {
        let Shape::Object(fields) = self.shape() else {
            return Vec::new();
        };
        let about = |(name, shape): (&String, &Shape)| {
            let pointer = format!("/properties/{}", escaped(name));
            let property = self.source().pointer(&pointer).unwrap_or(&Value::Null);
            let word = |keyword: &str| property.get(keyword)?.as_str().map(str::to_owned);
            FieldAbout {
                name: name.clone(),
                kind: kind(shape, property),
                required: fields.required.contains(name),
                nullable: fields.nullable.contains(name),
                description: word("description").or_else(|| word("title")),
            }
        };
        let mut described: Vec<FieldAbout> = fields.shapes.iter().map(about).collect();
        described.sort_by_key(|field| !field.required);
        described
    }

    /// A state as people write it: money as `7850.00 USD`, all else as it stands.
    /// [`StateSchema::edit`] reads each of its values back.
    pub fn written(&self, state: &Fields) -> Fields {
        match written(&Value::Object(state.clone()), self.shape()) {
            Value::Object(state) => state,
            _ => state.clone(),
        }
    }
}

fn kind(shape: &Shape, property: &Value) -> FieldKind {
    if let (Shape::Text | Shape::Any, Some(choices)) = (shape, choices(property)) {
        return FieldKind::Choice(choices);
    }
    match shape {
        Shape::Money(currency) => FieldKind::Money(*currency),
        Shape::Text => FieldKind::Text,
        Shape::Integer => FieldKind::Integer,
        Shape::Number => FieldKind::Number,
        Shape::Boolean => FieldKind::Boolean,
        Shape::Object(_) | Shape::List(_) | Shape::Any => FieldKind::Json,
    }
}

/// The texts of an `enum` of texts; null beside them is told by the field's `nullable`.
fn choices(property: &Value) -> Option<Vec<String>> {
    let options = property.get("enum")?.as_array()?;
    let texts = options.iter().filter(|option| !option.is_null());
    let texts: Option<Vec<String>> = texts
        .map(|option| option.as_str().map(str::to_owned))
        .collect();
    texts.filter(|texts| !texts.is_empty())
}

fn written(value: &Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Money(_), Value::Object(_)) => match serde_json::from_value::<Money>(value.clone())
        {
            Ok(money) => money.to_string().into(),
            Err(_no_money) => value.clone(),
        },
        (Shape::Object(fields), Value::Object(members)) => {
            let members = members.iter().map(|(name, member)| {
                let shape = fields.shapes.get(name).unwrap_or(&Shape::Any);
                (name.clone(), written(member, shape))
            });
            Value::Object(members.collect())
        }
        (Shape::List(items), Value::Array(values)) => {
            values.iter().map(|value| written(value, items)).collect()
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> StateSchema {
        StateSchema::compile(&json!({
            "required": ["sum"],
            "properties": {
                "sum": {"x-money": "USD", "description": "What is paid."},
                "count": {"type": "integer"},
                "level": {"type": ["string", "null"], "enum": ["low", "high", null]},
                "grade": {"type": "integer", "enum": [1, 2]},
                "lines": {"type": "array", "items": {
                    "type": "object", "properties": {"price": {"x-money": "EUR"}}
                }},
                "free": {},
            },
        }))
        .unwrap()
    }

    #[test]
    fn fields_are_described_with_the_required_ones_first() {
        let fields = schema().fields();
        let kinds: Vec<(&str, &FieldKind)> = fields
            .iter()
            .map(|field| (field.name.as_str(), &field.kind))
            .collect();
        let level = FieldKind::Choice(vec!["low".to_owned(), "high".to_owned()]);
        let usd = FieldKind::Money("USD".parse().unwrap());
        let expected = [
            ("sum", &usd),
            ("count", &FieldKind::Integer),
            ("free", &FieldKind::Json),
            ("grade", &FieldKind::Integer),
            ("level", &level),
            ("lines", &FieldKind::Json),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(fields[0].description.as_deref(), Some("What is paid."));
        assert!(fields[0].required && !fields[0].nullable && fields[4].nullable);
    }

    #[test]
    fn a_written_state_is_read_back_as_it_was() {
        let schema = schema();
        let state = json!({
            "sum": {"minor": 785_000, "currency": "USD"},
            "lines": [{"price": {"minor": 5, "currency": "EUR"}, "note": "7"}],
            "free": {"minor": 1, "currency": "USD"},
        });
        let state = state.as_object().unwrap();
        let written = schema.written(state);
        let expected = json!({
            "sum": "7850.00 USD",
            "lines": [{"price": "0.05 EUR", "note": "7"}],
            "free": {"minor": 1, "currency": "USD"},
        });
        assert_eq!(Value::Object(written.clone()), expected);
        for (name, value) in &written {
            assert_eq!(&schema.edit(state, name, value).unwrap(), state, "{name}");
        }
    }
}
