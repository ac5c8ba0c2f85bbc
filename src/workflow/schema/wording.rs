//! Schema errors as sentences for business users.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::Problem;
use super::coerce::escaped;
use super::shape::Shape;
use crate::domain::{Currency, Money};

/// Choices an error lists.
const CHOICES_TOLD: usize = 12;

/// How the parts of a value are called.
#[derive(Debug)]
pub(super) struct Names<'s> {
    shape: Option<&'s Shape>,
    /// The names a row used, by field.
    given: BTreeMap<&'s str, &'s str>,
}

impl<'s> Names<'s> {
    /// Names as the pointers spell them.
    pub(super) fn plain() -> Self {
        Self {
            shape: None,
            given: BTreeMap::new(),
        }
    }

    /// Names of a state's fields.
    pub(super) fn of(shape: &'s Shape) -> Self {
        Self {
            shape: Some(shape),
            given: BTreeMap::new(),
        }
    }

    /// Calls `field` what the row called it.
    pub(super) fn call(&mut self, field: &'s str, name: &'s str) {
        self.given.insert(field, name);
    }

    /// What a top-level field is called.
    pub(super) fn field<'n>(&self, field: &'n str) -> &'n str
    where
        's: 'n,
    {
        self.given.get(field).copied().unwrap_or(field)
    }

    /// The place a pointer leads to; inside money it is the money.
    fn place(&self, pointer: &str) -> Place<'s> {
        let mut place = Place {
            pointer: String::new(),
            name: String::new(),
            money: None,
        };
        let mut shape = self.shape;
        for segment in pointer.split('/').skip(1) {
            if let Some(Shape::Money(money)) = shape {
                place.money = Some(money);
                break;
            }
            place.pointer.push('/');
            place.pointer.push_str(segment);
            let member = segment.replace("~1", "/").replace("~0", "~");
            if member.bytes().all(|byte| byte.is_ascii_digit()) {
                for part in ["[", &member, "]"] {
                    place.name.push_str(part);
                }
            } else if place.name.is_empty() {
                place.name.push_str(self.field(&member));
            } else {
                place.name.push('.');
                place.name.push_str(&member);
            }
            shape = shape.and_then(|shape| shape.below(&member));
        }
        if let Some(Shape::Money(money)) = shape {
            place.money = Some(money);
        }
        if place.name.is_empty() {
            place.name.push_str("the value");
        }
        place
    }
}

struct Place<'s> {
    pointer: String,
    name: String,
    money: Option<&'s Currency>,
}

/// Words one error of the validator.
pub(super) fn worded(error: &ValidationError<'_>, names: &Names<'_>) -> Problem {
    let mut place = names.place(error.instance_path().as_str());
    if let (ValidationErrorKind::Required { property }, None) = (error.kind(), place.money) {
        let property = property.as_str().unwrap_or_default();
        place = names.place(&format!("{}/{}", place.pointer, escaped(property)));
        return Problem::new(place.pointer, format!("{} is required", place.name));
    }
    let said = match place.money {
        Some(currency) => said_of_money(error.kind(), *currency),
        None => said(error.kind()),
    };
    Problem::new(place.pointer, format!("{} {said}", place.name))
}

fn said_of_money(kind: &ValidationErrorKind, currency: Currency) -> String {
    let bound = |limit: &Value| match limit.as_i64() {
        Some(minor) => Money { minor, currency }.to_string(),
        None => limit.to_string(),
    };
    match kind {
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("must be more than {}", bound(limit))
        }
        ValidationErrorKind::Minimum { limit } => format!("must be at least {}", bound(limit)),
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("must be less than {}", bound(limit))
        }
        ValidationErrorKind::Maximum { limit } => format!("must be at most {}", bound(limit)),
        _ => format!("must be an amount in {currency}, such as 5000.00"),
    }
}

fn said(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Type { kind } => format!("must be {}", types_said(kind)),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        ValidationErrorKind::Minimum { limit } => format!("must be at least {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("must be at most {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("must be a multiple of {multiple_of}")
        }
        ValidationErrorKind::MinLength { limit: 1 } => "is empty".to_owned(),
        ValidationErrorKind::MinLength { limit } => {
            format!("must have at least {limit} characters")
        }
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} entries"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} entries"),
        ValidationErrorKind::UniqueItems => "must not hold the same entry twice".to_owned(),
        ValidationErrorKind::Pattern { pattern } => format!("must match the pattern {pattern}"),
        ValidationErrorKind::Format { format } => format!("must have the form `{format}`"),
        ValidationErrorKind::Constant { expected_value } => format!("must be {expected_value}"),
        ValidationErrorKind::Enum { options } => format!("must be one of {}", choices(options)),
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let told: Vec<&str> = unexpected
                .iter()
                .take(CHOICES_TOLD)
                .map(String::as_str)
                .collect();
            format!("must not have {}", told.join(", "))
        }
        ValidationErrorKind::FalseSchema => "is not allowed here".to_owned(),
        other => format!("does not satisfy `{}`", other.keyword()),
    }
}

fn types_said(kind: &TypeKind) -> String {
    let word = |json_type: JsonType| match json_type {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "text",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
    };
    match kind {
        TypeKind::Single(json_type) => word(*json_type).to_owned(),
        TypeKind::Multiple(types) => {
            let words: Vec<&str> = types.iter().map(word).collect();
            words.join(" or ")
        }
    }
}

fn choices(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<String> = options
        .iter()
        .take(CHOICES_TOLD)
        .map(|option| match option {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
        .collect();
    if options.len() > CHOICES_TOLD {
        told.push("…".to_owned());
    }
    told.join(", ")
}
