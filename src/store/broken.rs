//! Whether an input or output error came: from then on this process writes and sends nothing more.
//!
//! After a failed fsync the pages count as clean although they are not on the disk, so that nothing
//! this process reads afterwards proves what is durable. Only a process that opens the store anew
//! and verifies it may execute again.

use std::sync::{Arc, OnceLock};

use crate::store::StoreError;

/// Set once, by whoever meets the first error: the writer, the copier, or a reader.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken(Arc<OnceLock<String>>);

impl Broken {
    /// Remembers the first reason.
    pub(super) fn set(&self, why: impl Into<String>) {
        self.0.get_or_init(|| why.into());
    }

    /// Refuses once an error came.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        match self.0.get() {
            None => Ok(()),
            Some(why) => Err(StoreError::Broken { why: why.clone() }),
        }
    }
}
