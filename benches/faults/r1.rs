//! R1: kill -9 of the executing process during a job of 500 orders, at random moments.
//!
//! A moment is one of three: so many milliseconds after the start, which is mostly while the
//! process recovers; at any time up to as long as an undisturbed job takes; or right after a line
//! was printed. The job is started again until it ends by itself. After every kill no order may
//! stand twice in the ERP's ledger, and every order that was printed as done must stand there;
//! every other kill, and at the end, the journal must verify. At the end none may be missing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::Ask;
use crate::faults::chance::Chance;
use crate::faults::go_between::{Exchange, Manner};
use crate::faults::ledger::{Held, held};
use crate::faults::scene::{Scene, Spawned};
use crate::faults::tally::Tally;
use crate::support::Outcome;
use crate::support::machine::Stopwatch;

/// Orders of one job. All of them are committed without a person.
const ROWS: usize = 500;
/// Milliseconds in which a process that was just started recovers.
const RECOVERY_MS: (u64, u64) = (5, 200);
/// The kinds of moments; any other is any time.
const STARTING: u64 = 0;
const PRINTED: u64 = 1;
/// Kills from which on one must have come between an act and its record.
const KILLS_TELLING: usize = 50;
/// Jobs of the twin: the target of the first forgets keys, that of the second lies.
const TWIN_JOBS: usize = 2;
/// One in so many orders is not made by a target that lies.
const LIES_ONE_IN: usize = 50;

#[derive(Debug, Default)]
struct Found {
    kills: usize,
    jobs: usize,
    starting: usize,
    printed: usize,
    done: usize,
    lost: usize,
    double: usize,
    /// Printed as done, and not in the ledger.
    false_words: usize,
    verified: usize,
    broken_journals: Vec<String>,
    unsettled: usize,
}

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Tally> {
    let mut scene = Scene::set(ask)?;
    let mut chance = Chance::new(ask.seed);
    let mut found = Found::default();
    let undisturbed = undisturbed_ms(&mut scene)?;
    let before = scene.between.log().len();
    while found.kills < ask.n || (ask.twin && found.jobs < TWIN_JOBS) {
        scene.between.behave(match (ask.twin, found.jobs % 2) {
            (false, _) => Manner::Faithful,
            (true, 0) => Manner::ForgetsKeys,
            (true, _) => Manner::Lies {
                one_in: LIES_ONE_IN,
            },
        });
        scene.use_store(&format!("store-{}.db", found.jobs));
        let kills = if ask.twin && found.jobs == 0 {
            ask.n.div_ceil(TWIN_JOBS)
        } else {
            ask.n
        };
        job(&scene, (kills, undisturbed), &mut chance, &mut found)?;
        found.jobs += 1;
    }
    let log = scene.between.log();
    let again = resent(log.get(before..).unwrap_or_default());
    scene.end()?;
    let mut tally = Tally::default();
    tally.need("kills", found.kills, ask.n);
    tally.note(format!(
        "in {} jobs of {ROWS} rows ({} while starting, {} after a line), {} orders due",
        found.jobs,
        found.starting,
        found.printed,
        found.jobs * ROWS
    ));
    tally.need("done", found.done, found.jobs * ROWS - found.lost);
    tally.need(
        "sent again under their key",
        again,
        usize::from(ask.n >= KILLS_TELLING),
    );
    tally.caught("lost", found.lost);
    tally.caught("double", found.double);
    tally.none("told as done and not done", found.false_words);
    tally.none("runs not succeeded", found.unsettled);
    tally.note(format!("journal verified {} times", found.verified));
    tally.faultless("broken journals", &found.broken_journals);
    Ok(tally)
}

/// One job, started again after every kill until it ends by itself.
fn job(
    scene: &Scene,
    (kills, undisturbed): (usize, u64),
    chance: &mut Chance,
    found: &mut Found,
) -> Outcome<()> {
    let before = last_seq(scene)?;
    let (path, due) = rows(scene, found.jobs)?;
    let args = start(&path);
    let mut told = BTreeSet::new();
    loop {
        let mut process = scene.spawn(&args)?;
        let disturbed = found.kills < kills;
        let moment = chance.within(0, 3);
        let goes_on = disturbed && at_a_moment(&mut process, moment, undisturbed, chance);
        let said = if goes_on {
            let (killed, said) = process.kill()?;
            found.kills += usize::from(killed);
            found.starting += usize::from(killed && moment == STARTING);
            found.printed += usize::from(killed && moment == PRINTED);
            said
        } else {
            let (status, said) = process.end()?;
            if !status.success() {
                return Err(format!("the job ended with {status}").into());
            }
            collect(&said, &mut told);
            break;
        };
        collect(&said, &mut told);
        let entries = scene.ledger_after(before)?;
        let stands = held(&entries, &due);
        found.double += stands.double + stands.strange;
        let done: BTreeSet<&str> = entries.iter().map(|entry| entry.subject.as_str()).collect();
        found.false_words += told.iter().filter(|po| !done.contains(po.as_str())).count();
        if chance.within(0, 2) == 0 {
            found.verified += 1;
            found.broken_journals.extend(scene.doubts()?);
        }
    }
    let Held {
        done, lost, double, ..
    } = held(&scene.ledger_after(before)?, &due);
    found.done += done;
    found.lost += lost;
    found.double += double;
    found.verified += 1;
    found.broken_journals.extend(scene.doubts()?);
    found.unsettled += unsettled(scene)?;
    Ok(())
}

/// Waits for a random moment; false where the process ended before it.
fn at_a_moment(process: &mut Spawned, moment: u64, undisturbed: u64, chance: &mut Chance) -> bool {
    match moment {
        STARTING => process.wait_ms(chance.within(RECOVERY_MS.0, RECOVERY_MS.1)),
        PRINTED => {
            let line = usize::try_from(chance.within(1, ROWS as u64)).unwrap_or(1);
            process.wait_for_line(line) && process.wait_ms(chance.within(0, 3))
        }
        _ => process.wait_ms(chance.within(RECOVERY_MS.0, undisturbed)),
    }
}

/// How long the job takes where nobody disturbs it; its orders are of no account.
fn undisturbed_ms(scene: &mut Scene) -> Outcome<u64> {
    scene.use_store("undisturbed.db");
    let (path, _) = rows(scene, usize::MAX)?;
    let watch = Stopwatch::start();
    let told = scene.call(&start(&path))?;
    if told.status != Some(0) {
        return Err(format!("the undisturbed job failed: {}", told.stderr).into());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few seconds"
    )]
    let ms = watch.ms() as u64;
    Ok(ms)
}

fn rows(scene: &Scene, job: usize) -> Outcome<(String, BTreeSet<String>)> {
    let mut text = "po_number,vendor,amount_usd\n".to_owned();
    let mut due = BTreeSet::new();
    for row in 0..ROWS {
        let number = format!("PO-{job}-{row}");
        writeln!(text, "{number},Alpha Tech Systems,{}.25", row + 1)?;
        due.insert(number);
    }
    let path = scene.file(&format!("rows-{job}.csv"), &text)?;
    Ok((path.display().to_string(), due))
}

fn start(path: &str) -> [&str; 6] {
    [
        "start",
        "purchase-order",
        "--input",
        path,
        "--key",
        "po_number",
    ]
}

/// The keys of the rows that were printed as succeeded.
fn collect(said: &[Value], told: &mut BTreeSet<String>) {
    for line in said {
        let succeeded = line
            .get("status")
            .is_some_and(|status| status == "succeeded");
        if let Some(key) = line.get("key").and_then(Value::as_str)
            && succeeded
        {
            told.insert(key.to_owned());
        }
    }
}

fn unsettled(scene: &Scene) -> Outcome<usize> {
    let runs = scene.call(&["runs", "list", "--status", "succeeded"])?;
    let runs = runs.document()?;
    Ok(ROWS.abs_diff(runs.as_array().map_or(0, Vec::len)))
}

fn last_seq(scene: &Scene) -> Outcome<i64> {
    let entries = scene.ledger_after(0)?;
    Ok(entries.last().map_or(0, |entry| entry.seq))
}

/// Writes that came under a key which came before.
fn resent(log: &[Exchange]) -> usize {
    let keys: Vec<&str> = log.iter().filter_map(|sent| sent.key.as_deref()).collect();
    let different: BTreeSet<&&str> = keys.iter().collect();
    keys.len() - different.len()
}
