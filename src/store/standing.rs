//! Whether this process may write to the store and send for it.
//!
//! Not where a newer head of the store was seen: a person puts the newer file back or takes this
//! one as it is. And not once an input or output error came: after a failed fsync the pages count
//! as clean although they are not on the disk, so that nothing this process reads afterwards proves
//! what is durable. Only a process that opens the store anew and verifies it may execute again.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::store::StoreError;

/// Shared by the writer, the copier, the readers and the store itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The first input or output error.
    broken: OnceLock<String>,
    refused: Mutex<Option<StoreError>>,
}

impl Standing {
    /// Nothing is written or sent from here on. The first reason stays.
    pub(super) fn break_off(&self, why: impl Into<String>) {
        self.0.broken.get_or_init(|| why.into());
    }

    /// Refuses to write, or with `None` no longer does.
    pub(super) fn refuse(&self, why: Option<StoreError>) {
        *self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Why nothing may be written or sent.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if let Some(why) = self.0.broken.get() {
            return Err(StoreError::Broken { why: why.clone() });
        }
        let refused = self
            .0
            .refused
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        refused.clone().map_or(Ok(()), Err)
    }
}
