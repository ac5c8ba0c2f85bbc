//! Conditions of a list, put together from what a filter names.

use rusqlite::types::Value;

use crate::domain::limits::LIST_ROWS_MAX;

/// `WHERE` with its parameters; every clause has one `?`.
pub(super) struct Conditions {
    sql: String,
    pub(super) params: Vec<Value>,
}

impl Conditions {
    pub(super) fn new() -> Self {
        Self {
            sql: " WHERE TRUE".to_owned(),
            params: Vec::new(),
        }
    }

    /// Adds `clause` where there is a value for it.
    pub(super) fn and(&mut self, clause: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.fixed(clause);
            self.params.push(value.into());
        }
    }

    /// Adds a clause without parameters.
    pub(super) fn fixed(&mut self, clause: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(clause);
    }

    /// The statement: what to select, these conditions, an order, and at most `limit` rows.
    pub(super) fn select(&self, what: &str, order: &str, limit: Option<u32>) -> String {
        let limit = limit.unwrap_or(LIST_ROWS_MAX).min(LIST_ROWS_MAX);
        format!("{what}{} ORDER BY {order} LIMIT {limit}", self.sql)
    }
}
