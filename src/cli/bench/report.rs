//! One line of figures, as scripts read it.

use serde_json::{Map, Value, json};

use crate::cli::context::Context;
use crate::cli::failure::Failure;

/// The figures of one measurement.
#[derive(Debug)]
pub(super) struct Report {
    test: &'static str,
    params: Map<String, Value>,
    metrics: Map<String, Value>,
}

impl Report {
    pub(super) fn new(test: &'static str) -> Self {
        Self {
            test,
            params: Map::new(),
            metrics: Map::new(),
        }
    }

    pub(super) fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn count(mut self, name: &str, value: usize) -> Self {
        self.metrics.insert(name.to_owned(), value.into());
        self
    }

    /// A figure, rounded to three decimals.
    pub(super) fn metric(mut self, name: &str, value: f64) -> Self {
        let rounded = (value * 1_000.0).round() / 1_000.0;
        self.metrics.insert(name.to_owned(), json!(rounded));
        self
    }

    pub(super) fn print(self, context: &mut Context) -> Result<(), Failure> {
        let line = json!({
            "peer": "ours",
            "test": self.test,
            "params": self.params,
            "metrics": self.metrics,
        });
        context.out.line(format_args!("{line}"))?;
        context.out.flush()
    }
}
