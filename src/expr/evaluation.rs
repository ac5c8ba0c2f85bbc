//! One evaluation: what it has spent, and its answer.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use cel::ExecutionError;
use cel::common::types::Type;
use cel::common::value::{StaticVal, Val};
use serde_json::Value;

use crate::domain::limits::EXPRESSION_WORK_MAX;
use crate::expr::value::refusal;

static EVALUATION: Type = Type::new_unspecified_type("@evaluation");

/// The account of one evaluation. CEL has neither a budget nor a way to hand out values of our own
/// types, so the tree hands this account to the functions that book work and take the answer.
/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Evaluation {
    account: Arc<Account>,
}

#[derive(Debug, Default)]
struct Account {
    /// Elements read, walked or kept.
    spent: AtomicUsize,
    /// Why the evaluation has no answer, whatever the expression makes of it.
    refused: OnceLock<ExecutionError>,
    answer: OnceLock<Value>,
}

impl Evaluation {
    /// Books `work` elements.
    ///
    /// # Errors
    /// The evaluation has spent more than [`EXPRESSION_WORK_MAX`].
    pub(super) fn spend(&self, work: usize) -> Result<(), ExecutionError> {
        let before = self.account.spent.fetch_add(work, Ordering::Relaxed);
        if before.saturating_add(work) > EXPRESSION_WORK_MAX {
            return Err(self.refuse(|| {
                format!(
                    "the expression walks more than {EXPRESSION_WORK_MAX} elements: \
                     make its lists shorter or nest less"
                )
            }));
        }
        Ok(())
    }

    /// Refuses the evaluation for good. An error alone could be lost: `==` knows none, and
    /// `||` and `&&` may do without it. The first reason stands.
    pub(super) fn refuse(&self, message: impl FnOnce() -> String) -> ExecutionError {
        let refused = self.account.refused.get_or_init(|| refusal(message()));
        refused.clone()
    }

    /// Takes the answer; a first one stands.
    pub(super) fn answer(&self, value: Value) {
        self.account.answer.get_or_init(|| value);
    }

    /// The answer, once there is one.
    ///
    /// # Errors
    /// Why the evaluation was refused.
    pub(super) fn finish(self) -> Result<Option<Value>, ExecutionError> {
        if let Some(error) = self.account.refused.get() {
            return Err(error.clone());
        }
        Ok(Arc::try_unwrap(self.account).map_or_else(
            |shared| shared.answer.get().cloned(),
            |account| account.answer.into_inner(),
        ))
    }
}

impl Val for Evaluation {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &EVALUATION
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Evaluation {}
