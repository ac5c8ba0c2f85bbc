//! The variables an expression may read.

use cel::ExecutionError;
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use serde_json::{Map, Value};

use crate::expr::evaluation::Evaluation;
use crate::expr::guard::EVALUATION_NAME;
use crate::expr::object::Object;
use crate::expr::value::lift;

/// Variables by name, borrowed. Cheap to make: nothing is converted until it is read. A name
/// bound twice means the later value.
#[derive(Clone, Debug, Default)]
pub struct Scope<'a> {
    names: Vec<(&'static str, Bound<'a>)>,
}

#[derive(Clone, Copy, Debug)]
enum Bound<'a> {
    Value(&'a Value),
    Object(&'a Map<String, Value>),
}

impl<'a> Scope<'a> {
    pub fn new() -> Self {
        Self::default()
    }

    /// Binds `name` to any JSON value.
    #[must_use]
    pub fn value(mut self, name: &'static str, value: &'a Value) -> Self {
        self.names.push((name, Bound::Value(value)));
        self
    }

    /// Binds `name` to a JSON object held as its members.
    #[must_use]
    pub fn object(mut self, name: &'static str, value: &'a Map<String, Value>) -> Self {
        self.names.push((name, Bound::Object(value)));
        self
    }

    fn find(&self, name: &str) -> Option<Bound<'a>> {
        self.names
            .iter()
            .rev()
            .find(|(bound, _)| *bound == name)
            .map(|(_, value)| *value)
    }
}

/// A scope as one evaluation reads it, with that evaluation's account.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    scope: &'a Scope<'a>,
    evaluation: Evaluation,
}

impl<'a> Reader<'a> {
    pub(super) fn new(scope: &'a Scope<'a>) -> Self {
        Self {
            scope,
            evaluation: Evaluation::default(),
        }
    }

    /// What the evaluation answered, or why it was refused.
    pub(super) fn finish(self) -> Result<Option<Value>, ExecutionError> {
        self.evaluation.finish()
    }
}

impl VariableResolver for Reader<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if name == EVALUATION_NAME {
            return Some(CowVal::Borrowed(&self.evaluation));
        }
        match self.scope.find(name)? {
            Bound::Object(map) => Some(CowVal::owned(Object::json(map, &self.evaluation))),
            // The interpreter takes no error from a resolver and calls the variable unknown; the
            // evaluation has noted the true reason.
            Bound::Value(value) => lift(value, &self.evaluation).map(CowVal::Owned).ok(),
        }
    }
}
