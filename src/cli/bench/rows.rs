//! Purchase orders to measure with.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cli::bench::failed;
use crate::cli::failure::Failure;
use crate::domain::Fields;
use crate::runtime::{Handle, StartRow};
use crate::workflow::Definition;

/// The shipped workflow that is measured.
pub(super) fn purchase_orders(handle: &Handle) -> Result<Arc<Definition>, Failure> {
    Ok(handle.definition("purchase-order")?)
}

/// Order number `index`, keyed, for `amount` US dollars.
pub(super) fn order(
    definition: &Definition,
    index: usize,
    amount: &str,
) -> Result<StartRow, Failure> {
    let number = format!("PO-{index:07}");
    let input = json!({
        "po_id": number,
        "vendor": "Alpha Tech Systems",
        "amount": amount,
        "po_date": "2026-11-21",
    });
    let Value::Object(input) = input else {
        return Err(failed("an order is an object"));
    };
    row(definition, input, Some(number))
}

/// A row as `start` would admit it.
pub(super) fn row(
    definition: &Definition,
    input: Fields,
    key: Option<String>,
) -> Result<StartRow, Failure> {
    let fields = definition.meaning.state.admit(&input).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        failed(&problems.join("; "))
    })?;
    Ok(StartRow { input, fields, key })
}
