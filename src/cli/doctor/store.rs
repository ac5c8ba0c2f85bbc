//! Whether the store opens, whose it is, who executes for it, and whether the clock went back.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::cli::context::Context;
use crate::cli::doctor::Finding;
use crate::cli::failure::Failure;
use crate::cli::session;
use crate::cli::start::WORK_OFF;
use crate::domain::limits::{LIST_ROWS_MAX, STORE_ROOM_BYTES_MIN};
use crate::domain::{RunStatus, Timestamp};
use crate::runtime::{Clock as _, Handle, RuntimeError, SystemClock};
use crate::store::{EventFilter, Head, LeaseInfo, RunFilter, VerifyReport};

/// Permissions of group and others on a file that holds business data.
const MODE_FOREIGN: u32 = 0o077;

/// Beyond so many events `doctor` leaves the whole check to `audit verify`.
const EVENTS_CHECKED_MAX: u64 = 200_000;

struct Facts {
    head: Head,
    /// What the whole journal says, where it is short enough to be read here.
    journal: Option<VerifyReport>,
    lease: LeaseInfo,
    /// Runs that an executor has something to do for, counted up to the limit of a list.
    active: usize,
    last_event_at: Option<Timestamp>,
}

pub(crate) fn check(context: &mut Context) -> Vec<Finding> {
    let path = match context.store_path() {
        Ok(path) => path,
        Err(failure) => return vec![Finding::failure("store", failure.message)],
    };
    match facts(context) {
        Ok(facts) => {
            let mut findings = told(&path, &facts);
            findings.extend(standing(context));
            findings
        }
        Err(failure) if failure.code == Failure::NO_STORE => {
            let detail = format!("{} is not there yet: `start` creates it", path.display());
            vec![Finding::ok("store", detail)]
        }
        Err(failure) => vec![Finding::failure("store", failure.message)],
    }
}

fn facts(context: &mut Context) -> Result<Facts, Failure> {
    session::read(context, |handle| {
        let head = handle.head()?;
        let last = handle.events(&EventFilter {
            after_seq: Some(head.size.saturating_sub(1)),
            limit: Some(1),
            ..EventFilter::default()
        })?;
        let short = head.size <= EVENTS_CHECKED_MAX;
        let journal = short.then(|| handle.verify(&mut |_, _| {})).transpose()?;
        Ok(Facts {
            head,
            journal,
            lease: handle.lease()?,
            active: active(handle)?,
            last_event_at: last.first().map(|event| event.at),
        })
    })
}

fn active(handle: &Handle) -> Result<usize, RuntimeError> {
    let mut count = 0;
    for status in RunStatus::ALL.iter().filter(|status| status.is_active()) {
        let runs = handle.runs(&RunFilter {
            status: Some(*status),
            ..RunFilter::default()
        })?;
        count += runs.len();
    }
    Ok(count)
}

fn told(path: &Path, facts: &Facts) -> Vec<Finding> {
    let detail = format!("{}, {} events", path.display(), facts.head.size);
    let mut findings = vec![Finding::ok("store", detail), journal(facts)];
    if let Ok(metadata) = std::fs::metadata(path) {
        let mode = metadata.mode() & 0o777;
        findings.push(if mode & MODE_FOREIGN == 0 {
            Finding::ok("permissions", format!("the store's mode is {mode:03o}"))
        } else {
            let detail = format!("the store's mode is {mode:03o}: run `chmod go-rwx` on it");
            Finding::warning("permissions", detail)
        });
    }
    findings.push(executor(&facts.lease, facts.active));
    if let Some(last) = facts.last_event_at {
        let now = SystemClock.now();
        if now < last {
            let detail = format!("the clock says {now}, the last event is of {last}: it went back");
            findings.push(Finding::failure("clock", detail));
        }
    }
    findings
}

/// Whether this file may be written and executed for, whether an older copy of it would be told, and
/// whether there is room for more.
fn standing(context: &mut Context) -> Vec<Finding> {
    let kept = context.heads();
    let looked = session::attach(context).and_then(|store| {
        let trouble = store.head_trouble().map(str::to_owned);
        Ok((store.objection()?, trouble, store.room()))
    });
    match looked {
        Err(failure) => vec![Finding::failure("head", failure.message)],
        Ok((objection, trouble, room)) => {
            let objection = objection.map(|objection| objection.to_string());
            let mut findings = vec![head(objection, trouble, kept)];
            findings.extend(room.map(disk));
            findings
        }
    }
}

fn head(objection: Option<String>, trouble: Option<String>, kept: Option<PathBuf>) -> Finding {
    match (objection, trouble, kept) {
        (Some(objection), _, _) => Finding::failure("head", objection),
        (None, Some(trouble), _) => {
            let detail = format!("an older copy of the store is not told: {trouble}");
            Finding::warning("head", detail)
        }
        (None, None, Some(place)) => {
            let detail = format!("an older copy is told by the head in {}", place.display());
            Finding::ok("head", detail)
        }
        (None, None, None) => Finding::warning(
            "head",
            "there is no place to keep it, so that an older copy of the store is not told: \
             set XDG_STATE_HOME",
        ),
    }
}

fn disk(room: u64) -> Finding {
    let detail = format!("{} MiB are free beside the store", room / (1024 * 1024));
    if room < STORE_ROOM_BYTES_MIN {
        let more = "nothing is recorded or sent once it is full: free space on its disk";
        return Finding::warning("disk", format!("only {detail}; {more}"));
    }
    Finding::ok("disk", detail)
}

fn journal(facts: &Facts) -> Finding {
    let size = facts.head.size;
    match &facts.journal {
        None => {
            let detail = format!("{size} events: `countersign audit verify` checks them all");
            Finding::ok("journal", detail)
        }
        Some(report) if report.ok && report.missing_values.events > 0 => {
            let missing = &report.missing_values;
            Finding::ok(
                "journal",
                format!("every event and row verifies; {missing}"),
            )
        }
        Some(report) if report.ok => Finding::ok("journal", "every event and row verifies"),
        Some(report) => {
            let problem = report.problem.as_deref().unwrap_or("it does not verify");
            Finding::failure("journal", format!("it was changed: {problem}"))
        }
    }
}

fn executor(lease: &LeaseInfo, active: usize) -> Finding {
    if !lease.alive && active > 0 {
        let (runs, have) = if active == 1 {
            ("run", "has")
        } else {
            ("runs", "have")
        };
        let more = if active >= LIST_ROWS_MAX as usize {
            " or more"
        } else {
            ""
        };
        return Finding::warning(
            "executor",
            format!(
                "{active}{more} {runs} {have} work to do and no process executes: a `countersign start` of no rows works off what is there: {WORK_OFF}"
            ),
        );
    }
    if !lease.alive {
        return Finding::ok("executor", "no process executes for this store now");
    }
    let pid = lease
        .pid
        .map_or_else(|| "unknown".to_owned(), |pid| pid.to_string());
    let host = lease.host.as_deref().unwrap_or("this host");
    Finding::ok(
        "executor",
        format!("process {pid} on {host} executes for this store"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Level;

    #[test]
    fn a_disk_without_room_is_a_warning() {
        assert_eq!(disk(0).level, Level::Warning);
        assert_eq!(disk(STORE_ROOM_BYTES_MIN - 1).level, Level::Warning);
        assert_eq!(disk(STORE_ROOM_BYTES_MIN).level, Level::Ok);
    }
}
