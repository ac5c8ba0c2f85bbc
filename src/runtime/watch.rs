//! Watches the store for work that others queued and for timers that fall due, and takes the
//! lease over once its holder is proven dead.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::domain::RunId;
use crate::runtime::RuntimeError;
use crate::runtime::handle::Drive;
use crate::runtime::shared::{NO_TIMER, Shared};

/// How often the store is asked whether anything changed.
const TICK: Duration = Duration::from_millis(25);
/// Ticks between two tries to take the lease.
const LEASE_TICKS: u32 = 8;
/// Ticks after which runs that met a trouble are tried again.
const TROUBLE_TICKS: u32 = 40;
/// Runs looked up at a time.
const PAGE: u32 = 1_000;

impl Shared {
    /// Runs until the runtime stops.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut seen = None;
        let mut ticks = 0_u32;
        while !self.is_stopping() {
            // A nudge or the tick: either way it is time to look.
            let _elapsed = tokio::time::timeout(TICK, self.nudge.notified()).await;
            ticks = ticks.wrapping_add(1);
            match self.look(&mut seen, ticks) {
                Ok(()) => self.troubles.clear_store(),
                Err(error) => self.troubles.record_of_store(&error),
            }
        }
    }

    fn look(self: &Arc<Self>, seen: &mut Option<i64>, ticks: u32) -> Result<(), RuntimeError> {
        if self.is_stopping() || self.is_aside() {
            return Ok(());
        }
        self.look_at_clock()?;
        self.tell_of_targets()?;
        if !self.holds_or_takes_lease(seen, ticks)? {
            return Ok(());
        }
        self.tell_what_is_set_aside()?;
        self.take_up_set_back()?;
        if ticks.is_multiple_of(TROUBLE_TICKS) {
            self.take_up_lost();
        }
        if self.takes_up_again() {
            // Where the lease was kept all the same, nothing else tells what was left.
            *seen = None;
            for run in self.own_runs() {
                self.drive_soon(run);
            }
        }
        if self.drive == Drive::Everything {
            let version = self.store.data_version()?;
            let try_again = ticks.is_multiple_of(TROUBLE_TICKS) && self.troubles.any();
            if *seen != Some(version) || try_again {
                let all = self.drive_active()?;
                // A run that is driven just now may have been left already: look again soon.
                *seen = all.then_some(version);
                self.refresh_timer()?;
            }
        }
        self.fire_due()
    }

    /// Keeps trying for the lease: its holder may end at any time.
    fn holds_or_takes_lease(
        self: &Arc<Self>,
        seen: &mut Option<i64>,
        ticks: u32,
    ) -> Result<bool, RuntimeError> {
        if self.fence().is_some() {
            return Ok(true);
        }
        let own = self.own_runs();
        let wanted = self.drive == Drive::Everything || !own.is_empty();
        if !wanted || !ticks.is_multiple_of(LEASE_TICKS) || !self.take_lease()? {
            return Ok(false);
        }
        *seen = None;
        self.set_back_left.store(true, Ordering::Release);
        for run in own {
            self.drive_soon(run);
        }
        Ok(true)
    }

    /// Takes the executor lease; false where another living process holds it.
    pub(super) fn take_lease(&self) -> Result<bool, RuntimeError> {
        let fence = self.store.take_lease(self.now())?;
        if fence.is_some() {
            self.read_lost_before()?;
        }
        self.set_fence(fence);
        Ok(fence.is_some())
    }

    /// Drives the runs again whose driver was lost. Nothing else tells a process that drives its own
    /// runs alone.
    fn take_up_lost(self: &Arc<Self>) {
        for run in self.troubles.lost() {
            if self.drives(run) {
                self.drive_soon(run);
            }
        }
    }

    /// Drives every run that has something to do and no driver; false where one had a driver.
    pub(super) fn drive_active(self: &Arc<Self>) -> Result<bool, RuntimeError> {
        let mut after: Option<RunId> = None;
        let mut all = true;
        loop {
            let page = self.store.active_runs(after, PAGE)?;
            for run in &page {
                if self.troubles.sets_aside(*run) {
                    continue;
                }
                if self.registry.claim_if_free(*run) {
                    self.spawn_driver(*run);
                } else {
                    all = false;
                }
            }
            after = page.last().copied();
            if page.len() < PAGE as usize {
                return Ok(all);
            }
        }
    }

    pub(super) fn refresh_timer(&self) -> Result<(), RuntimeError> {
        // Forgotten first, so that one armed while the store is read is not lost.
        self.next_timer_ms.store(NO_TIMER, Ordering::Release);
        if let Some(next) = self.store.next_timer()? {
            self.next_timer_ms.fetch_min(next.0, Ordering::AcqRel);
        }
        if let Some(next) = self.next_deadline()? {
            self.next_timer_ms.fetch_min(next.0, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Drives the runs whose timer is due, in due order, and passes the review windows that are.
    fn fire_due(self: &Arc<Self>) -> Result<(), RuntimeError> {
        let now = self.now();
        if self.next_timer_ms.load(Ordering::Acquire) > now.0 {
            return Ok(());
        }
        // Those that wait for their target must not keep the ones behind them from being seen.
        let held = u32::try_from(self.targets.held()).unwrap_or(u32::MAX);
        let due = self.store.due_runs(now, PAGE.saturating_add(held))?;
        for run in self.targets.released(due) {
            if self.drives(run) && !self.troubles.sets_aside(run) {
                self.drive_soon(run);
            }
        }
        if self.next_deadline()?.is_some_and(|next| next <= now) {
            self.pass_deadlines_soon();
        }
        self.refresh_timer()
    }
}
