//! The process that executes for a store, in words, and whether it still moves.

use std::time::Duration;

use tokio::time::Instant;

use crate::cli::failure::{Failure, Kind};
use crate::domain::limits::{EXECUTOR_STILL_MS_MAX, EXECUTOR_STOPPED_MS_MAX};
use crate::runtime::{Handle, RuntimeError};
use crate::store::LeaseInfo;

/// `process 12 on host h, which executes for this store since …`.
pub fn named(lease: &LeaseInfo) -> String {
    let pid = lease
        .pid
        .map_or_else(|| "of unknown id".to_owned(), |pid| pid.to_string());
    let host = lease.host.as_deref().unwrap_or("this host");
    let since = lease
        .taken_at
        .map_or_else(String::new, |at| format!(" since {at}"));
    format!("process {pid} on {host}, which executes for this store{since}")
}

/// What a person does about a holder that hangs.
pub fn way_out(lease: &LeaseInfo) -> String {
    match (lease.pid, lease.stopped) {
        (Some(pid), true) => {
            format!("let it go on with `kill -CONT {pid}`, or end it with `kill -KILL {pid}`")
        }
        (Some(pid), false) => format!("where it hangs, end it with `kill {pid}`"),
        (None, _) => "where it hangs, end it".to_owned(),
    }
}

/// Watches whether the process that executes still records anything.
#[derive(Debug)]
pub struct Watch {
    head: u64,
    moved: Instant,
}

impl Watch {
    pub fn begin() -> Self {
        Self {
            head: 0,
            moved: Instant::now(),
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// The store cannot be read, or another process executes and has stood still for too long.
    pub fn look(&mut self, handle: &Handle) -> Result<(), Failure> {
        let head = handle.head()?.size;
        if handle.executes() || head != self.head {
            self.head = head;
            self.moved = Instant::now();
            return Ok(());
        }
        let stood = self.moved.elapsed();
        if stood < Duration::from_millis(EXECUTOR_STOPPED_MS_MAX) {
            return Ok(());
        }
        let lease = holder(handle)?;
        let Some(lease) = lease
            .filter(|lease| lease.stopped || stood >= Duration::from_millis(EXECUTOR_STILL_MS_MAX))
        else {
            return Ok(());
        };
        let does = if lease.stopped {
            "is stopped"
        } else {
            "records nothing"
        };
        let message = format!(
            "these rows stand in the store and wait for {}: it {does}",
            named(&lease)
        );
        Err(Failure::new(Kind::Busy, "executor_hangs", message).hint(way_out(&lease)))
    }
}

/// The other process that executes now.
pub fn holder(handle: &Handle) -> Result<Option<LeaseInfo>, RuntimeError> {
    let lease = handle.lease()?;
    Ok((lease.alive && !handle.executes()).then_some(lease))
}
