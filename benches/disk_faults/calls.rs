//! R3: the n-th call of a kind on the store's files fails, for every n: once, and from then on.

use crate::disk_faults::scene::{Scene, Told, harmed_calls, has, start_of};
use crate::support::Outcome;
use crate::{Ask, Found};

const ROWS: usize = 8;
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
    let (mut cases, mut harmed, mut refused) = (0, 0, 0);
    let mut broken = Vec::new();
    for (kind, (calls, errno)) in HARMS.into_iter().enumerate() {
        for sticky in [false, true] {
            for n in 1..=ask.n {
                let tag = format!("R3-{kind}{}-{n}", if sticky { "s" } else { "o" });
                let rows = scene.rows(&tag, ROWS)?;
                let store = scene.home.path().join(format!("{tag}.db"));
                // The store stands already; making one is not what is harmed here.
                std::fs::write(scene.home.path().join("none.json"), "[]")?;
                scene.start(&store, &scene.home.path().join("none.json"))?;
                let when = format!(
                    "{calls}:error={errno}:when={n}{}",
                    if sticky { "+" } else { "" }
                );
                let words = rows.to_string_lossy().into_owned();
                let mut command = scene.harmed(&store, &[when], &start_of(&words));
                let told = Told::of(&command.output()?);
                let struck = harmed_calls(&store);
                if struck == 0 {
                    break;
                }
                cases += 1;
                harmed += struck;
                refused += usize::from(told.status != Some(0));
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
            }
        }
    }
    let told = format!(
        "{cases} starts of {ROWS} orders, {harmed} calls failed, {refused} starts refused; \
         no answer was false, each store opened clean"
    );
    Ok(done(told, broken, cases))
}

/// Where nothing was harmed nothing is shown.
pub(crate) fn done(told: String, broken: Vec<String>, cases: usize) -> Found {
    if cases == 0 {
        return Found::Skipped("nothing was harmed, so that it says nothing");
    }
    Found::Done { told, broken }
}
