//! One compiled CEL expression.

use cel::parser::Expression;
use cel::{Context, Value as CelValue};
use serde_json::Value;

use crate::expr::functions::environment;
use crate::expr::references::references;
use crate::expr::scope::Reader;
use crate::expr::wording::plain;
use crate::expr::{Scope, check, fence, guard, syntax};

/// A CEL expression, compiled and within its bounds. `Send + Sync`.
#[derive(Debug)]
pub struct Program {
    source: String,
    expression: Expression,
    references: Vec<String>,
}

/// Why a source is no expression; offsets are bytes into the source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    pub message: String,
    pub offset: usize,
    pub len: usize,
    pub hint: Option<String>,
}

/// Why an evaluation gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{expression}`: {message}")]
pub struct EvalError {
    pub expression: String,
    pub message: String,
}

impl CompileError {
    pub(super) fn at(offset: usize, len: usize, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            offset,
            len,
            hint: None,
        }
    }
}

impl Program {
    /// Compiles `source`.
    ///
    /// # Errors
    /// The first reason why it is no expression or breaks a bound: its length, its nesting, its
    /// comprehensions, an unknown function, an argument that can be seen to be wrong.
    pub fn compile(source: &str) -> Result<Self, CompileError> {
        fence::measure(source)?;
        let (mut expression, info) = syntax::parse(source)?;
        check::check(source, &expression, &info)?;
        let references = references(&expression);
        guard::install(&mut expression);
        Ok(Self {
            source: source.to_owned(),
            expression,
            references,
        })
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Free variables with their member paths, as in `["state.vendor", "steps.assess.output.match"]`;
    /// sorted, each once.
    pub fn references(&self) -> &[String] {
        &self.references
    }

    /// Evaluates to JSON.
    ///
    /// # Errors
    /// A name or member that is missing, types that do not fit, division by zero, overflow, a
    /// bound that is reached, a result JSON has no form for.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        let reader = Reader::new(scope);
        let outcome = {
            let mut context = Context::with_env(environment());
            context.set_variable_resolver(&reader);
            // Not `resolve_val`, which would be inlined here and, without optimisation, take
            // tens of kilobytes of stack for each level of the tree.
            CelValue::resolve(&self.expression, &context)
        };
        match (outcome, reader.finish()) {
            (Ok(_), Ok(Some(value))) => Ok(value),
            (Err(error), Ok(_)) | (_, Err(error)) => Err(self.error(plain(&error))),
            (Ok(_), Ok(None)) => Err(self.error("the expression gave no value".to_owned())),
        }
    }

    /// Evaluates a condition; anything but a boolean is an error.
    ///
    /// # Errors
    /// As [`Program::evaluate`].
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        let word = match self.evaluate(scope)? {
            Value::Bool(held) => return Ok(held),
            Value::Null => "null",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        Err(self.error(format!("a condition is true or false; this is {word}")))
    }

    fn error(&self, message: String) -> EvalError {
        EvalError {
            expression: self.source.clone(),
            message,
        }
    }
}
