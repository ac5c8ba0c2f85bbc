//! What a driver holds while it drives: its place among the runs driven at one time, a place at the
//! target it calls next, and leave to call it.

use std::time::Duration;

use tokio::sync::SemaphorePermit;

use crate::domain::RunId;
use crate::runtime::shared::Shared;
use crate::runtime::targets::{Pass, Place};

pub(super) struct Turn<'a> {
    shared: &'a Shared,
    run: RunId,
    permit: Option<SemaphorePermit<'a>>,
    place: Option<Place<'a>>,
    /// Got when a retry was due, for the call that follows.
    pass: Option<Pass<'a>>,
}

/// How a place at a target was got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    AtOnce,
    /// Much may have happened meanwhile.
    Waited,
    /// It was not: all were taken for too long.
    TooLong,
}

impl<'a> Turn<'a> {
    /// Waits for a place among the runs driven; none where the process ends.
    pub(super) async fn take(shared: &'a Shared, run: RunId) -> Option<Self> {
        // The semaphore is never closed; an error would mean exactly that the process ends.
        let permit = shared.permits.acquire().await.ok()?;
        Some(Self {
            shared,
            run,
            permit: Some(permit),
            place: None,
            pass: None,
        })
    }

    /// Sees to a place at `target`, for as long as `patience` where it names a time. Who waits keeps
    /// nobody from being driven.
    pub(super) async fn place_at(&mut self, target: &str, patience: Option<Duration>) -> Placed {
        if self.place.as_ref().is_some_and(|place| place.is_at(target)) {
            return Placed::AtOnce;
        }
        // Given up first: nobody holds a place while waiting for another.
        self.place = None;
        let targets = &self.shared.targets;
        self.place = targets.try_place(self.run, target);
        if self.place.is_some() {
            return Placed::AtOnce;
        }
        self.permit = None;
        let place = targets.place(self.run, target);
        self.place = match patience {
            None => place.await,
            Some(patience) => tokio::time::timeout(patience, place).await.ok().flatten(),
        };
        self.permit = self.shared.permits.acquire().await.ok();
        if self.place.is_some() && self.permit.is_some() {
            Placed::Waited
        } else {
            Placed::TooLong
        }
    }

    /// Takes the place for a call, which leaves it when it is over; none is needed any more where it
    /// is dropped at once.
    pub(super) fn leave_place(&mut self) -> Option<Place<'a>> {
        self.place.take()
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
