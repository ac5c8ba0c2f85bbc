//! R7: as many faults of each kind as are asked for, at four kinds of targets.
//!
//! | target | its writes |
//! |---|---|
//! | `erp`, `payments` | bear a key that the target honours; a probe may ask |
//! | `crm` | bear no key; a probe may ask |
//! | `crm`, `unverifiable` | bear no key, and nobody may ask |
//!
//! Requests that are struck and requests that are not come in a random order, so that retries meet
//! faults of other kinds; some probes are struck as well. No effect may be done twice. What has
//! succeeded is done, what was given up is not, and anything else is parked with a person. The log
//! of the go-between shows that no write was sent again blindly: not under another key, and without
//! a key only where the target said that nothing was done or a probe was answered in between.

mod blind;
mod target;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Ask;
use crate::faults::chance::Chance;
use crate::faults::go_between::{Exchange, Manner};
use crate::faults::ledger::times;
use crate::faults::r7::target::{CRM, ERP, PAYMENTS, Target, UNVERIFIABLE};
use crate::faults::scene::Scene;
use crate::faults::tally::Tally;
use crate::support::Outcome;

/// The kinds of faults, and how late each is; the shipped tools wait 10 s.
const KINDS: [(&str, u64); 7] = [
    ("reset_before", 0),
    ("reset_after", 0),
    ("truncated", 0),
    ("delay", 11_000),
    ("status_429", 0),
    ("status_500", 0),
    ("status_503", 0),
];
/// A delay that nobody notices stands for a request that is not struck.
const UNSTRUCK: (&str, u64) = ("delay", 1);
/// Entries the sandbox's list of faults holds, with room for those of the probes.
const ENTRIES_MAX: usize = 900;
/// One in so many faults strikes a probe too.
const PROBES_ONE_IN: usize = 10;

#[derive(Debug, Default)]
struct Found {
    struck: usize,
    runs: usize,
    done: usize,
    parked: usize,
    given_up: usize,
    again: usize,
    double: usize,
    lost: usize,
    untrue: usize,
    blind: Vec<String>,
    open: Vec<String>,
    broken_journals: usize,
}

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let mut scene = Scene::set(ask)?;
    scene.never_leave_alone()?;
    let mut chance = Chance::new(ask.seed);
    let mut found = Found::default();
    let faithful = Manner::Faithful;
    let cases: &[(&Target, Manner, bool)] = if ask.twin {
        &[
            (&ERP, Manner::ForgetsKeys, true),
            (&ERP, Manner::Lies { one_in: 20 }, true),
            // The log without its probes: what was resent after one looks blind.
            (&CRM, faithful, false),
        ]
    } else {
        &[
            (&ERP, faithful, true),
            (&PAYMENTS, faithful, true),
            (&CRM, faithful, true),
            (&UNVERIFIABLE, faithful, true),
        ]
    };
    for (number, (target, manner, probes)) in cases.iter().enumerate() {
        scene.use_store(&format!("store-{number}.db"));
        scene.between.behave(*manner);
        let before = scene.between.log().len();
        let mark = format!("{}{number}", target.name);
        struck(&scene, (target, &mark), ask.n, &mut chance, &mut found)?;
        let mut log = scene.between.log().split_off(before);
        log.retain(|exchange| *probes || exchange.is_write());
        judged(&log, target, &mut found);
    }
    scene.end()?;
    let mut tally = Tally::default();
    let strikes = cases.len() * KINDS.len() * ask.n;
    tally.need("faults", found.struck, strikes);
    tally.note(format!(
        "{} of each of {} kinds at {} targets, {} runs",
        ask.n,
        KINDS.len(),
        cases.len(),
        found.runs
    ));
    tally.need("done", found.done, found.runs / 2);
    tally.note(format!("{} parked with a person", found.parked));
    tally.note(format!("{} given up as not done", found.given_up));
    tally.need("sent again", found.again, 1);
    tally.caught("double", found.double);
    tally.caught("told as done and not done", found.lost);
    tally.none("given up and yet done", found.untrue);
    tally.caught("blind resends", found.blind.len());
    tally.faultless("neither resolved nor parked", &found.open);
    tally.none("broken journals", found.broken_journals);
    for blind in found.blind.iter().take(1) {
        tally.note(blind.clone());
    }
    Ok(tally)
}

/// Sets the faults of one target, starts its runs, and holds the ledger against what they say.
fn struck(
    scene: &Scene,
    (target, mark): (&Target, &str),
    n: usize,
    chance: &mut Chance,
    found: &mut Found,
) -> Outcome<()> {
    let entries = scene.ledger_after(0)?;
    let before = entries.last().map_or(0, |entry| entry.seq);
    let strikes = n * KINDS.len();
    let unstruck = set_faults(scene, target, n, chance)?;
    // Every run asks at least once: so every fault strikes.
    let runs = strikes + unstruck;
    let subjects: Vec<String> = (0..runs).map(|row| format!("{mark}-{row}")).collect();
    let rows: Vec<String> = subjects
        .iter()
        .map(|subject| (target.row)(subject).to_string())
        .collect();
    let path = scene.file(&format!("rows-{mark}.jsonl"), &rows.join("\n"))?;
    let workflow = target.workflow(scene)?;
    let told = scene.call(&[
        "start",
        &workflow,
        "--key",
        target.key,
        "--input",
        &path.display().to_string(),
    ])?;
    if told.status != Some(0) {
        return Err(format!("{mark} did not start: {}", told.stderr).into());
    }
    let left = usize::try_from(scene.strikes_left(target.write)?)?;
    found.struck += strikes.saturating_sub(left);
    found.runs += runs;
    scene.clear_faults()?;
    let entries = scene.ledger_after(before)?;
    let times = times(&entries);
    found.double += times
        .values()
        .map(|times| times.saturating_sub(1))
        .sum::<usize>();
    let status = statuses(scene)?;
    let parked = asked_about(scene)?;
    for subject in &subjects {
        let done = times.contains_key(subject.as_str());
        let status = status.get(subject).map_or("absent", String::as_str);
        match status {
            "succeeded" => {
                found.done += usize::from(done);
                found.lost += usize::from(!done);
            }
            "dead_lettered" => {
                found.given_up += 1;
                found.untrue += usize::from(done);
            }
            "waiting" if parked.contains(subject) => found.parked += 1,
            _ => found.open.push(format!("{subject} is {status}")),
        }
    }
    found.broken_journals += usize::from(!scene.verifies()?);
    Ok(())
}

/// Sets all faults in a random order, with requests between them that nothing happens to; answers
/// how many of these there are.
fn set_faults(scene: &Scene, target: &Target, n: usize, chance: &mut Chance) -> Outcome<usize> {
    let kinds = KINDS.len() * 2;
    let at_once = (kinds * n).div_ceil(ENTRIES_MAX).max(1);
    let mut entries = Vec::new();
    let mut unstruck = 0;
    for kind in KINDS {
        let mut left = n;
        while left > 0 {
            let times = left.min(at_once);
            entries.push((kind, times));
            entries.push((UNSTRUCK, times));
            unstruck += times;
            left -= times;
        }
    }
    chance.shuffle(&mut entries);
    let write = (target.service, target.write);
    for ((kind, delay_ms), times) in entries {
        scene.fault(write, kind, (times, delay_ms))?;
    }
    if let Some(probe) = target.probe {
        for kind in ["reset_before", "status_500", "truncated"] {
            let times = n.div_ceil(PROBES_ONE_IN);
            scene.fault((target.service, probe), kind, (times, 0))?;
        }
    }
    Ok(unstruck)
}

/// Looks for blind resends among the requests of one target.
fn judged(log: &[Exchange], target: &Target, found: &mut Found) {
    let mut by_subject: BTreeMap<String, Vec<&Exchange>> = BTreeMap::new();
    for exchange in log {
        if let Some(subject) = (target.subject)(exchange) {
            by_subject.entry(subject).or_default().push(exchange);
        }
    }
    for (subject, exchanges) in by_subject {
        let writes = exchanges.iter().filter(|exchange| exchange.is_write());
        found.again += writes.count().saturating_sub(1);
        if let Some(why) = blind::resend(&exchanges) {
            found.blind.push(format!("{subject}: {why}"));
        }
    }
}

fn statuses(scene: &Scene) -> Outcome<BTreeMap<String, String>> {
    let text = |run: &Value, name: &str| Some(run.get(name)?.as_str()?.to_owned());
    let runs = scene.call(&["runs", "list"])?.document()?;
    let runs = runs.as_array().ok_or("no list of runs")?;
    Ok(runs
        .iter()
        .filter_map(|run| Some((text(run, "key")?, text(run, "status")?)))
        .collect())
}

/// The keys of the runs whose open packet asks what became of an effect.
fn asked_about(scene: &Scene) -> Outcome<Vec<String>> {
    let list = scene.call(&["packets", "list", "--flag", "outcome_unknown"])?;
    let list = list.document()?;
    let packets = list.as_array().ok_or("no list of packets")?;
    let asking: Vec<&Value> = packets.iter().filter_map(|one| one.get("run")).collect();
    let runs = scene.call(&["runs", "list", "--status", "waiting"])?;
    let runs = runs.document()?;
    let runs = runs.as_array().ok_or("no list of runs")?;
    Ok(runs
        .iter()
        .filter(|run| run.get("run").is_some_and(|run| asking.contains(&run)))
        .filter_map(|run| Some(run.get("key")?.as_str()?.to_owned()))
        .collect())
}
