//! The demo's purchase orders: real ones from the shipped file, and one that waits.

use std::io::BufReader;

use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::start::{InputRow, Rows, csv_rows};
use crate::domain::limits::DEMO_ROWS;

/// 3,771 real orders; where they come from stands in `assets/data/PROVENANCE.md`.
const ORDERS: &str = include_str!("../../../assets/data/purchase_orders.csv");

/// The order that every introduction walks through.
pub(crate) const SHOWN_ORDER: &str = "PO-2026-9901";

/// The first orders of the file, and after them the one that is shown.
pub(crate) fn sample() -> Result<Rows, Failure> {
    let orders = csv_rows(BufReader::new(ORDERS.as_bytes()))?;
    Ok(Box::new(
        orders
            .take(DEMO_ROWS)
            .chain(std::iter::once(Ok(shown_order()))),
    ))
}

fn shown_order() -> InputRow {
    let order = json!({"vendor": "Alpha Tech Systems", "amount_usd": "7850.00"});
    let mut fields = order.as_object().cloned().unwrap_or_default();
    fields.insert("po_number".to_owned(), SHOWN_ORDER.into());
    InputRow {
        line: 1,
        fields: Ok(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_whole_and_ends_with_the_order_that_is_shown() {
        let rows: Vec<InputRow> = sample().unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), DEMO_ROWS + 1);
        let numbers: std::collections::BTreeSet<_> = rows
            .iter()
            .map(|row| {
                row.fields
                    .as_ref()
                    .unwrap()
                    .get("po_number")
                    .unwrap()
                    .to_string()
            })
            .collect();
        assert_eq!(numbers.len(), rows.len(), "every order has its own number");
        assert!(numbers.contains(&format!("\"{SHOWN_ORDER}\"")));
    }
}
