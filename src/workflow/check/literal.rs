//! Values without expressions: the same in every run, so they can be judged before any.

use serde_json::Value;

use crate::domain::Money;
use crate::workflow::check::sink::Sink;
use crate::workflow::diagnostic::{Code, Finding};
use crate::workflow::tree::{Data, Entry, Node};

/// The value of a template in which no `${` stands.
pub(super) fn literal(node: &Node) -> Option<Value> {
    is_literal(node).then(|| node.to_json())
}

fn is_literal(node: &Node) -> bool {
    match &node.data {
        Data::Null | Data::Bool(_) | Data::Number(_) => true,
        Data::Text(text) => !text.contains("${"),
        Data::List(items) => items.iter().all(is_literal),
        Data::Map(entries) => entries.iter().all(|entry| is_literal(&entry.value)),
    }
}

/// Reports an amount that is written out and is no money.
pub(super) fn amount(entry: &Entry, sink: &mut Sink<'_>) {
    let error = match literal(&entry.value) {
        None => return,
        Some(Value::String(text)) => match text.parse::<Money>() {
            Ok(_) => return,
            Err(error) => error.to_string(),
        },
        Some(other) => format!("{other} has no currency"),
    };
    let finding = Finding::error(Code::BadMoney, format!("`{}`: {error}", entry.key))
        .hint("write '5000.00 USD', or a state field that holds money, as in '${ state.amount }'");
    sink.report(&entry.value.span, finding);
}

/// Reports a confidence that is written out and does not lie between 0 and 1.
pub(super) fn confidence(entry: &Entry, sink: &mut Sink<'_>) {
    let value = match literal(&entry.value) {
        // What is no single value was reported as that.
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => return,
        Some(value) => value,
    };
    if !value
        .as_f64()
        .is_some_and(|number| (0.0..=1.0).contains(&number))
    {
        let finding = Finding::error(
            Code::BadNumber,
            format!("`{}` cannot be {value}", entry.key),
        )
        .hint("write a number from 0 to 1, or an expression that gives one");
        sink.report(&entry.value.span, finding);
    }
}
