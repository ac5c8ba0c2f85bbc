//! How a process is killed at one exact place, and what its journal says then.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use rustix::process::{Pid, Signal, kill_process};

use crate::faults::boundaries::job::{Job, well};
use crate::faults::go_between::Point;
use crate::faults::scene::Scene;
use crate::support::Outcome;
use crate::support::machine::{Stopwatch, pause};

/// Which of a job's two processes is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The one that starts the run, until it waits for a person.
    Start,
    /// The one that takes the verdict and acts on it.
    Verdict,
}

/// Where it is killed.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    /// As a thread enters its n-th call of this name.
    Call { call: &'static str, when: usize },
    /// While its write stands there.
    Target(Point),
    /// While it hangs, and another process has recorded the verdict.
    Verdict,
    /// Once the outcome stands in the journal; it may have ended before it is noticed.
    Record,
}

/// How long anything may take before the figure cannot be made.
const PATIENCE: Duration = Duration::from_mins(1);
const STRACE: &str = "/usr/bin/strace";

pub(super) fn has_strace() -> bool {
    let mut strace = Command::new(STRACE);
    let said = strace.arg("-V").stdout(Stdio::null()).stderr(Stdio::null());
    said.status().is_ok_and(|status| status.success())
}

/// Kills one process of the subject's job; answers the kind of its run's last event, or none where
/// the process got through.
pub(super) fn one(
    scene: &Scene,
    job: &Job,
    subject: &str,
    (phase, at): (Phase, At),
) -> Outcome<Option<String>> {
    let start = job.start(scene, subject)?;
    let args: Vec<String> = match phase {
        Phase::Start => start,
        Phase::Verdict => {
            well(&scene.call(&start)?)?;
            let waiting = Job::waiting(scene, subject)?.ok_or("no packet waits")?;
            waiting.approve().map(str::to_owned).to_vec()
        }
    };
    let killed = match at {
        At::Call { call, when } => at_a_call(scene, &args, call, when)?,
        At::Target(point) => at_the_target(scene, &args, point)?,
        At::Verdict => after_the_verdict(scene, subject, &args)?,
        At::Record => after_the_record(scene, subject, &args)?,
    };
    if killed {
        last_event(&scene.store, subject).map(Some)
    } else {
        Ok(None)
    }
}

fn at_a_call(scene: &Scene, args: &[String], call: &str, when: usize) -> Outcome<bool> {
    let trace = format!("trace={call}");
    let inject = format!("inject={call}:signal=KILL:when={when}");
    let options = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut strace = scene.command_by(Path::new(STRACE), &options, args);
    let status = strace
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    // It ends as what it traced did.
    Ok(status.code().is_none())
}

fn at_the_target(scene: &Scene, args: &[String], point: Point) -> Outcome<bool> {
    let hold = scene.between.hold_next(point);
    let process = scene.spawn(args)?;
    if !hold.wait(PATIENCE) {
        return Err("no write reached the target".into());
    }
    let (killed, _) = process.kill()?;
    hold.release();
    Ok(killed)
}

/// A verdict that is recorded while the process that executes hangs: nothing is intended yet.
fn after_the_verdict(scene: &Scene, subject: &str, args: &[String]) -> Outcome<bool> {
    let row = format!(r#"{{"po_id":"HUNG-{subject}","vendor":"Alpha Tech Systems","amount":10}}"#);
    let path = scene.file("hung.json", &row)?.display().to_string();
    let hold = scene.between.hold_next(Point::Arrived);
    let hung = scene.spawn(&["start", "purchase-order", "--input", &path])?;
    if !hold.wait(PATIENCE) {
        return Err("the process that was to hang sent nothing".into());
    }
    let pid = Pid::from_raw(hung.pid().cast_signed()).ok_or("no process")?;
    kill_process(pid, Signal::STOP)?;
    let approver = scene.spawn(args)?;
    wait_for(scene, subject, "packet_closed")?;
    let (killed, _) = approver.kill()?;
    hung.kill()?;
    hold.release();
    Ok(killed)
}

fn after_the_record(scene: &Scene, subject: &str, args: &[String]) -> Outcome<bool> {
    let process = scene.spawn(args)?;
    wait_for(scene, subject, "run_ended")?;
    let (killed, _) = process.kill()?;
    Ok(killed)
}

/// Watches the journal from outside until the subject's run has come to an event.
fn wait_for(scene: &Scene, subject: &str, kind: &str) -> Outcome<()> {
    let watch = Stopwatch::start();
    while last_event(&scene.store, subject)? != kind {
        if watch.seconds() > PATIENCE.as_secs_f64() {
            return Err(format!("`{kind}` of {subject} was not recorded").into());
        }
        pause(1);
    }
    Ok(())
}

/// The kind of the last event of the subject's run.
fn last_event(store: &Path, subject: &str) -> Outcome<String> {
    const NOTHING: &str = "nothing";
    if !store.exists() {
        return Ok(NOTHING.to_owned());
    }
    let conn = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.busy_timeout(PATIENCE)?;
    let tables: i64 = conn.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('runs', 'events')",
        [],
        |row| row.get(0),
    )?;
    if tables < 2 {
        return Ok(NOTHING.to_owned());
    }
    let kind = conn
        .query_row(
            "SELECT kind FROM events WHERE run = (SELECT run FROM runs WHERE key = ?1)
             ORDER BY seq DESC LIMIT 1",
            [subject],
            |row| row.get(0),
        )
        .optional()?;
    Ok(kind.unwrap_or_else(|| NOTHING.to_owned()))
}
