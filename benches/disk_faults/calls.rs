//! R3: the n-th call of a kind on the store's files fails, up to the last of the job: once, and
//! from then on. So many n as asked for are spread over the job, its first and its last call among
//! them; `--n all` takes every one.

use std::path::PathBuf;

use crate::disk_faults::scene::{Scene, Told, harmed_calls, has, start_of, trace};
use crate::support::Outcome;
use crate::{Ask, Found};

const ROWS: usize = 8;
/// A call that no job makes; strace counts up to 65,535.
const NEVER: usize = 65_000;
/// Calls and what they say. `SQLite` opens, grows, writes and syncs with these.
const HARMS: [(&str, &str); 7] = [
    ("fsync,fdatasync", "EIO"),
    ("pwrite64", "EIO"),
    ("pwrite64", "ENOSPC"),
    ("ftruncate,fallocate", "ENOSPC"),
    ("openat", "EIO"),
    ("openat", "EACCES"),
    ("pread64", "EIO"),
];

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    if !has("strace", "-V") {
        return Ok(Found::Skipped("needs strace"));
    }
    let scene = Scene::new(ask.common)?;
    let mut tally = Tally::default();
    for (kind, harm) in HARMS.into_iter().enumerate() {
        let last = calls_of_a_job(&scene, kind, harm)?;
        for sticky in [false, true] {
            for n in spread(last, ask.n) {
                tally.case(&scene, (kind, harm), (n, sticky))?;
            }
        }
    }
    let Tally {
        cases,
        harmed,
        refused,
        broken,
    } = tally;
    let told = format!(
        "{cases} starts of {ROWS} orders, {harmed} calls failed, {refused} starts refused; \
         no answer was false, each store opened clean"
    );
    Ok(done(told, broken, cases))
}

#[derive(Default)]
struct Tally {
    cases: usize,
    harmed: usize,
    refused: usize,
    broken: Vec<String>,
}

impl Tally {
    /// Starts the rows while the n-th call fails, and again on a sound disk.
    fn case(
        &mut self,
        scene: &Scene,
        (kind, (calls, errno)): (usize, (&str, &str)),
        (n, sticky): (usize, bool),
    ) -> Outcome<()> {
        let tag = format!("R3-{kind}{}-{n}", if sticky { "s" } else { "o" });
        let (store, rows) = given(scene, &tag)?;
        let when = format!(
            "{calls}:error={errno}:when={n}{}",
            if sticky { "+" } else { "" }
        );
        let words = rows.to_string_lossy().into_owned();
        let mut command = scene.harmed(&store, &[when], &start_of(&words));
        let told = Told::of(&command.output()?);
        let struck = harmed_calls(&store);
        // Grouped otherwise than the job that was counted, this one made fewer calls.
        if struck == 0 {
            return Ok(());
        }
        self.cases += 1;
        self.harmed += struck;
        self.refused += usize::from(told.status != Some(0));
        let broken = &mut self.broken;
        if told.status.is_none() {
            broken.push(format!(
                "{tag}: it ended by a signal: {}",
                told.stderr.trim()
            ));
        }
        if told.status != Some(0) && told.stderr.lines().count() != 1 {
            broken.push(format!("{tag}: not one sentence: {}", told.stderr.trim()));
        }
        broken.extend(scene.examine(&store, &tag, &told.lines)?);
        broken.extend(scene.finish(&store, &tag, (&rows, ROWS))?);
        Ok(())
    }
}

/// A store that stands already: making one is not what is harmed here. And the rows to start.
fn given(scene: &Scene, tag: &str) -> Outcome<(PathBuf, PathBuf)> {
    let rows = scene.rows(tag, ROWS)?;
    let store = scene.home.path().join(format!("{tag}.db"));
    let none = scene.home.path().join("none.json");
    std::fs::write(&none, "[]")?;
    scene.start(&store, &none)?;
    Ok((store, rows))
}

/// How many calls of this kind the job makes where none fails.
fn calls_of_a_job(scene: &Scene, kind: usize, (calls, errno): (&str, &str)) -> Outcome<usize> {
    let (store, rows) = given(scene, &format!("R3-{kind}-count"))?;
    let words = rows.to_string_lossy().into_owned();
    let never = format!("{calls}:error={errno}:when={NEVER}");
    scene.harmed(&store, &[never], &start_of(&words)).output()?;
    let seen = std::fs::read_to_string(trace(&store))?;
    let names: Vec<String> = calls.split(',').map(|call| format!(" {call}(")).collect();
    let of_kind = |line: &&str| names.iter().any(|name| line.contains(name));
    Ok(seen.lines().filter(of_kind).count())
}

/// So many of 1 to `last`, both among them.
fn spread(last: usize, wanted: usize) -> Vec<usize> {
    if wanted >= last {
        return (1..=last).collect();
    }
    let steps = wanted.saturating_sub(1).max(1);
    (0..wanted)
        .map(|step| 1 + step * (last - 1) / steps)
        .collect()
}

/// Where nothing was harmed nothing is shown.
pub(crate) fn done(told: String, broken: Vec<String>, cases: usize) -> Found {
    if cases == 0 {
        return Found::Skipped("nothing was harmed, so that it says nothing");
    }
    Found::Done { told, broken }
}
