//! What a driver holds while it drives: its place among the runs driven at one time, and leave to
//! make the call that comes next.

use tokio::sync::SemaphorePermit;

use crate::runtime::shared::Shared;
use crate::runtime::targets::Pass;

#[derive(Debug)]
pub(super) struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    /// Got when a retry was due, for the call that follows.
    pass: Option<Pass<'a>>,
}

impl<'a> Turn<'a> {
    /// Waits for a place; none where the process ends.
    pub(super) async fn take(shared: &'a Shared) -> Option<Self> {
        // The semaphore is never closed; an error would mean exactly that the process ends.
        let permit = shared.permits.acquire().await.ok()?;
        Some(Self {
            _permit: permit,
            pass: None,
        })
    }

    /// Keeps leave for the call that follows.
    pub(super) fn keep(&mut self, pass: Pass<'a>) {
        self.pass = Some(pass);
    }

    /// Takes the leave that was kept, if it is for this target; any other is given up.
    pub(super) fn pass_for(&mut self, target: &str) -> Option<Pass<'a>> {
        self.pass.take().filter(|pass| pass.is_for(target))
    }
}
