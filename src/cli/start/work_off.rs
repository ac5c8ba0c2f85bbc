//! Runs that others left under way in the store: what `start` without rows drives on.

use std::time::Duration;

use crate::cli::failure::Failure;
use crate::cli::holder::{self, Watch};
use crate::cli::output::Output;
use crate::cli::visible::visible;
use crate::domain::Timestamp;
use crate::engine::Rejection;
use crate::runtime::{Clock as _, Handle, RuntimeError, SystemClock, UnderWay};

/// A start that starts nothing, and works off what is there.
pub const WORK_OFF: &str = "`echo '[]' | countersign start purchase-order --input -`";

/// How often the store is looked at while nothing is in flight.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A retry that is due later than this is announced.
const ANNOUNCED_MS_MIN: i64 = 2_000;

/// Runs named one by one where they stand still.
const NAMED_MAX: usize = 5;

/// Drives what is under way in the store until each run waits for a person, has ended, or is parked
/// or held; answers how many this process had to leave.
///
/// # Errors
/// The store cannot be read, or another process executes and hangs.
pub async fn work_off(handle: &Handle, out: &mut Output) -> Result<u64, Failure> {
    let mut watch = Watch::begin();
    let (mut told, mut announced) = (false, None);
    loop {
        let found = handle.under_way_in_store()?;
        let moving: Vec<&UnderWay> = found.iter().filter(|run| run.stuck.is_none()).collect();
        if moving.is_empty() {
            return Ok(name_stuck(&found, out));
        }
        if !std::mem::replace(&mut told, true) {
            tell(moving.len(), handle, out)?;
        }
        let next = next_retry(&moving, handle).filter(|due| Some(*due) != announced);
        if let Some(due) = next {
            announced = Some(due);
            out.remark(format_args!("the next retry is due at {due}"));
        }
        watch.look(handle)?;
        if let Ok(idle) = tokio::time::timeout(LOOK_EVERY, handle.idle()).await {
            idle?;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Says which command works off what is still under way, where no other process does.
///
/// # Errors
/// The store cannot be read.
pub fn left_over(handle: &Handle, out: &mut Output) -> Result<(), Failure> {
    let left = handle.under_way_in_store()?.len();
    if left > 0 && holder::holder(handle)?.is_none() {
        out.remark(format_args!(
            "{} still under way in this store, and no process drives {} from here on: {WORK_OFF} works {} off",
            runs(left, "is", "are"),
            them(left),
            them(left),
        ));
    }
    Ok(())
}

/// A refusal of a command on a run that goes on by itself: names who drives it, or what would.
pub fn undriven(handle: &Handle, error: RuntimeError) -> Failure {
    let active = match &error {
        RuntimeError::Rejected(
            Rejection::NotUnsettled { run, status, .. } | Rejection::NotPaused { run, status },
        ) if status.is_active() => Some(*run),
        _ => None,
    };
    let failure = Failure::from(error);
    let Some(run) = active else {
        return failure;
    };
    match holder::holder(handle) {
        Ok(None) => failure.hint(format!(
            "it goes on by itself, and no process drives it: {WORK_OFF} does, and settles what is \
             in question or asks about it"
        )),
        Ok(Some(lease)) => failure.hint(format!(
            "it goes on by itself, driven by {}: `countersign runs show {run}` tells what comes of it",
            holder::named(&lease)
        )),
        Err(_) => failure,
    }
}

fn tell(count: usize, handle: &Handle, out: &mut Output) -> Result<(), Failure> {
    let under_way = runs(count, "is", "are");
    match holder::holder(handle)? {
        Some(lease) => out.remark(format_args!(
            "{under_way} under way in this store: waiting for {} to drive {}",
            holder::named(&lease),
            them(count),
        )),
        None => out.remark(format_args!(
            "{under_way} under way in this store: driving {} on until nothing is left to do \
             without a person; ctrl-c stops in order",
            them(count),
        )),
    }
    Ok(())
}

/// When the next retry is due, where nothing is to do before and that is not at once.
fn next_retry(moving: &[&UnderWay], handle: &Handle) -> Option<Timestamp> {
    if handle.under_way() > 0 {
        return None;
    }
    let dues: Option<Vec<Timestamp>> = moving.iter().map(|run| run.due).collect();
    let next = dues?.into_iter().min()?;
    (next.ms_since(SystemClock.now()) > ANNOUNCED_MS_MIN).then_some(next)
}

fn name_stuck(stuck: &[UnderWay], out: &mut Output) -> u64 {
    for run in stuck.iter().take(NAMED_MAX) {
        let why = run.stuck.as_deref().map(visible).unwrap_or_default();
        out.remark(format_args!("run {} stands still: {why}", run.run));
    }
    if stuck.len() > NAMED_MAX {
        let more = stuck.len() - NAMED_MAX;
        out.remark(format_args!("{} still too", runs(more, "stands", "stand")));
    }
    stuck.len() as u64
}

fn runs(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 run {one}"),
        _ => format!("{count} runs {many}"),
    }
}

fn them(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}
