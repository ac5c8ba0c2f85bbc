//! Why a stored definition cannot be compiled.

use std::fmt::Display;

use serde_json::Value;

use crate::expr::{Program, Template};
use crate::workflow::diagnostic::Diagnostic;
use crate::workflow::duration::parse_duration;

/// Why a stored definition cannot be compiled.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("the stored definition has no `{0}`; it was not written by this program")]
    Missing(&'static str),
    #[error("the stored order of steps does not name every step once")]
    Order,
    #[error("the stored definition has another form than this program reads: {0}")]
    Form(#[from] serde_json::Error),
    #[error("the definition has {} errors, the first in {file}: {first}", diagnostics.len())]
    Mistakes {
        file: String,
        first: String,
        diagnostics: Vec<Diagnostic>,
    },
    #[error("`{place}` does not compile: {message}")]
    Part { place: String, message: String },
}

impl BundleError {
    pub(crate) fn part(place: impl Into<String>, message: &impl Display) -> Self {
        Self::Part {
            place: place.into(),
            message: message.to_string(),
        }
    }

    /// Fails where a diagnostic is an error; warnings pass.
    pub(crate) fn of_mistakes(diagnostics: Vec<Diagnostic>) -> Result<(), Self> {
        match diagnostics.iter().find(|found| found.is_error()) {
            None => Ok(()),
            Some(first) => Err(Self::Mistakes {
                file: first.file.clone(),
                first: first.message.clone(),
                diagnostics,
            }),
        }
    }
}

pub(crate) fn duration(place: &str, text: &str) -> Result<i64, BundleError> {
    parse_duration(text).map_err(|error| BundleError::part(place, &error))
}

pub(crate) fn program(place: &str, source: &str) -> Result<Program, BundleError> {
    Program::compile(source).map_err(|error| BundleError::part(place, &error))
}

pub(crate) fn template(place: &str, value: &Value) -> Result<Template, BundleError> {
    Template::parse(value).map_err(|errors| {
        let messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
        BundleError::part(place, &messages.join("; "))
    })
}
