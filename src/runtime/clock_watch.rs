//! What the runtime does about a clock that jumped: raises an alert, holds review windows until it
//! is acknowledged, then goes on from the present.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::{AlertId, AlertKind, AlertStatus, Timestamp};
use crate::engine::{RunState, uuid_v7};
use crate::runtime::RuntimeError;
use crate::runtime::shared::Shared;
use crate::runtime::timekeeper::Jump;
use crate::store::{AlertFilter, EventFilter};
use crate::views::AlertRow;

/// Runs looked up at a time.
const PAGE: u32 = 1_000;

impl Shared {
    /// The time that commands come in with.
    pub(super) fn now(&self) -> Timestamp {
        self.timekeeper.now()
    }

    /// Compares the clock with the journal, before anything is decided.
    pub(super) fn open_clock(&self) -> Result<(), RuntimeError> {
        let newest = self.store.events(&EventFilter {
            newest_first: true,
            limit: Some(1),
            ..EventFilter::default()
        })?;
        if let Some(last) = newest.first() {
            self.timekeeper.compare(last.at);
        }
        self.read_alerts().map(|_released| ())
    }

    /// Tells whether review windows stand still.
    pub(super) fn deadlines_hold(&self) -> bool {
        self.clock_in_question.load(Ordering::Acquire) || self.timekeeper.jump().is_some()
    }

    /// Looks at the clock and at what people said of it.
    pub(super) fn look_at_clock(self: &Arc<Self>) -> Result<(), RuntimeError> {
        self.now();
        if let Some(jump) = self.timekeeper.jump() {
            self.clock_in_question.store(true, Ordering::Release);
            self.store.raise_alert(&self.alert_of(jump)?)?;
            self.timekeeper.told(jump);
        }
        let version = self.store.data_version()?;
        if self.clock_seen.load(Ordering::Acquire) == version {
            return Ok(());
        }
        if self.read_alerts()? {
            self.timekeeper.follow();
            self.pass_again_ms.store(i64::MIN, Ordering::Release);
            self.set_back_left.store(true, Ordering::Release);
            self.refresh_timer()?;
        }
        // Only what was read counts as seen.
        self.clock_seen.store(version, Ordering::Release);
        Ok(())
    }

    /// Reads from the store whether the clock is in question; true where it no longer is. Every
    /// such alert is verified: an altered one releases nothing.
    fn read_alerts(&self) -> Result<bool, RuntimeError> {
        let listed = self.store.alerts(&AlertFilter {
            kind: Some(AlertKind::ClockJump),
            ..AlertFilter::default()
        })?;
        let (mut open, mut acknowledged) = (false, None);
        for row in listed {
            let row = self.store.alert(row.alert)?.unwrap_or(row);
            open |= row.status == AlertStatus::Open;
            acknowledged = acknowledged.max(row.acknowledged_at);
        }
        if let Some(at) = acknowledged {
            self.clock_trusted_ms.store(at.0, Ordering::Release);
        }
        let was = self.clock_in_question.swap(open, Ordering::AcqRel);
        Ok(was && !open)
    }

    /// Drives the runs that wait by a clock that went back: the engine sets them right.
    pub(super) fn take_up_set_back(self: &Arc<Self>) -> Result<(), RuntimeError> {
        if self.deadlines_hold() || !self.set_back_left.load(Ordering::Acquire) {
            return Ok(());
        }
        let before = self.now().plus_ms(crate::domain::limits::CLOCK_JUMP_MS);
        let found = self.store.set_back_runs(before, PAGE)?;
        // What was set right is not found again: the next page comes at the next look.
        let left = found.len() == PAGE as usize;
        self.set_back_left.store(left, Ordering::Release);
        for run in found {
            if self.drives(run) && !self.troubles.sets_aside(run) {
                self.drive_soon(run);
            }
        }
        Ok(())
    }

    /// Tells whether a run waits by a clock that went back since.
    pub(super) fn set_back(&self, state: &RunState) -> bool {
        !self.deadlines_hold() && state.is_set_back(self.now())
    }

    fn alert_of(&self, jump: Jump) -> Result<AlertRow, RuntimeError> {
        let at = self.now();
        let seed = self.entropy.seed().map_err(RuntimeError::Entropy)?;
        Ok(AlertRow {
            alert: AlertId(uuid_v7(at, &seed)),
            kind: AlertKind::ClockJump,
            subject: String::new(),
            run: None,
            step: None,
            message: jump.message(),
            evidence: jump.evidence(),
            status: AlertStatus::Open,
            at,
            acknowledged_by: None,
            acknowledged_at: None,
            reason: None,
        })
    }
}
