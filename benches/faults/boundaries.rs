//! The jobs of a purchase order, a refund and a deal, killed at every boundary of their journal.
//!
//! The real program is killed
//!
//! * as it enters its n-th flush, its n-th write of a page and its n-th message to the target, for
//!   each n until it gets through: a kill before, in and after each of its commits (with `strace`,
//!   which the machine may lack);
//! * while its write stands before the target, which has not acted: after INTENT;
//! * after the target acted, before it is told;
//! * after a verdict that was given beside it, while it hung;
//! * once the outcome stands in the journal.
//!
//! Then it is started again and lives. Whatever happened, each job ends with one effect in the
//! ledger of its target.

mod job;
mod kill;

use std::collections::BTreeMap;

use crate::Ask;
use crate::faults::boundaries::job::{Ended, JOBS, Job};
use crate::faults::boundaries::kill::{At, Phase};
use crate::faults::go_between::{Manner, Point};
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;

/// Calls to the system at which the program is killed: a flush, a message to the target, a write
/// of a page. Each thread counts its own.
const CALLS: [&str; 3] = ["fsync,fdatasync", "writev", PAGES];
const PAGES: &str = "pwrite64";
/// More than any of the jobs makes.
const CALLS_MAX: usize = 1_000;
/// Processes that are killed once the outcome was recorded, unless they have ended by then.
const RECORDS: usize = 3;
/// About as many pages as a job writes.
const PAGES_WRITTEN: usize = 150;

#[derive(Debug, Default)]
struct Found {
    kills: usize,
    through: usize,
    parked: usize,
    lost: usize,
    double: usize,
    unfinished: Vec<String>,
    /// How often the journal's last event was of this kind when the program died.
    last: BTreeMap<String, usize>,
    by_call: usize,
}

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let mut scene = Scene::set(ask)?;
    if ask.twin {
        scene.between.behave(Manner::ForgetsKeys);
    }
    let mut found = Found::default();
    let strace = kill::has_strace();
    for (number, job) in JOBS.iter().enumerate() {
        scene.use_store(&format!("store-{number}.db"));
        let mut subjects = (0..).map(|row| format!("{}-{row}", job.name));
        let mut one = |phase, at| -> Outcome<bool> {
            let subject = subjects.next().ok_or("no subject is left")?;
            killed(&scene, job, (&subject, phase, at), &mut found)
        };
        for point in [Point::Arrived, Point::Acted] {
            one(Phase::Verdict, At::Target(point))?;
        }
        one(Phase::Verdict, At::Verdict)?;
        for _ in 0..RECORDS {
            one(Phase::Verdict, At::Record)?;
        }
        if !strace || ask.twin {
            continue;
        }
        for phase in [Phase::Start, Phase::Verdict] {
            for call in CALLS {
                // About `n` writes of pages, evenly over all there are; of the others each.
                let step = match call {
                    PAGES => PAGES_WRITTEN.div_ceil(ask.n),
                    _ => 1,
                };
                for when in (1..CALLS_MAX).step_by(step) {
                    if !one(phase, At::Call { call, when })? {
                        break;
                    }
                }
            }
        }
        let verifies = scene.verifies()?;
        if !verifies {
            found
                .unfinished
                .push(format!("the journal of {}", job.name));
        }
    }
    scene.end()?;
    Ok(tally(ask, strace, &found))
}

fn tally(ask: &Ask<'_>, strace: bool, found: &Found) -> Tally {
    let mut tally = Tally::default();
    tally.need("kills", found.kills, JOBS.len() * 3);
    if !strace {
        tally.note("those by system call skipped: needs strace");
    } else if !ask.twin {
        tally.need(
            "of them by system call",
            found.by_call,
            JOBS.len() * CALLS.len(),
        );
    }
    let by_call: &[&str] = if found.by_call > 0 {
        &["packet_opened"]
    } else {
        &[]
    };
    let always = ["packet_closed", "effect_intended", "run_ended"];
    for kind in always.iter().chain(by_call) {
        let seen = found.last.get(*kind).copied().unwrap_or_default();
        tally.need(&format!("died after {kind}"), seen, 1);
    }
    let last: Vec<String> = found
        .last
        .iter()
        .map(|(kind, times)| format!("{kind} {times}"))
        .collect();
    tally.note(format!("last event at death: {}", last.join("; ")));
    tally.note(format!(
        "{} got through, {} parked",
        found.through, found.parked
    ));
    tally.none("lost", found.lost);
    tally.caught("double", found.double);
    tally.faultless("not as undisturbed", &found.unfinished);
    tally
}

/// One job whose process is killed once; true where it was.
fn killed(
    scene: &Scene,
    job: &Job,
    (subject, phase, at): (&str, Phase, At),
    found: &mut Found,
) -> Outcome<bool> {
    let died = kill::one(scene, job, subject, (phase, at))?;
    let was_killed = died.is_some();
    if let Some(last) = died {
        found.kills += 1;
        found.by_call += usize::from(matches!(at, At::Call { .. }));
        *found.last.entry(last).or_default() += 1;
    } else {
        found.through += 1;
    }
    match job.finish(scene, subject)? {
        Ended::Succeeded => {}
        Ended::Parked => found.parked += 1,
        Ended::Otherwise(status) => found
            .unfinished
            .push(format!("{subject} is {status}, {at:?}")),
    }
    let entries = scene.ledger_after(0)?;
    let times = entries.iter().filter(|entry| entry.subject == subject);
    match times.count() {
        0 => found.lost += 1,
        times => found.double += times - 1,
    }
    Ok(was_killed)
}
