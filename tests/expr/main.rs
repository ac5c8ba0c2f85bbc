//! Expressions and templates, through the public interface.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bounds;
mod evaluate;
mod functions;
mod hostile;
mod refuse;
mod template;

use countersign::expr::{EvalError, Program, Scope};
use serde_json::{Value, json};

/// The scope most tests read.
fn state() -> Value {
    json!({
        "vendor": "Acme",
        "amount": {"minor": 785_000, "currency": "USD"},
        "vendor_validated": false,
        "status": "Approved",
        "count": 7,
        "rate": 2.5,
        "nothing": null,
        "lines": [
            {"sku": "b", "price": {"minor": 250, "currency": "USD"}, "quantity": 2},
            {"sku": "a", "price": {"minor": 100, "currency": "USD"}, "quantity": 3},
            {"sku": "b", "price": {"minor": 50, "currency": "USD"}, "quantity": 5},
        ],
        "address": {"city": "Oslo", "tags": ["x", "y"]},
    })
}

fn evaluate(source: &str) -> Result<Value, EvalError> {
    let state = state();
    let effect = json!({"amount": state["amount"], "tool": "erp.commit_order"});
    let scope = Scope::new().value("state", &state).value("effect", &effect);
    Program::compile(source)
        .unwrap_or_else(|error| panic!("{source}: {error} {:?}", error.hint))
        .evaluate(&scope)
}

/// The message of the evaluation error.
fn failure(source: &str) -> String {
    match evaluate(source) {
        Ok(value) => panic!("{source} gave {value}"),
        Err(error) => {
            assert_eq!(error.expression, source);
            error.message
        }
    }
}
