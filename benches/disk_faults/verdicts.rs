//! R4: a sync fails under a verdict, and then the process is gone. What it said must be true: done
//! is there, not recorded is not, and anything else is told as not known.

use serde_json::Value;

use crate::disk_faults::calls::done;
use crate::disk_faults::scene::{Scene, Told, harmed_calls, has};
use crate::support::Outcome;
use crate::{Ask, Found};

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    if !has("strace", "-V") {
        return Ok(Found::Skipped("needs strace"));
    }
    let scene = Scene::new(ask.common)?;
    let store = scene.home.path().join("R4.db");
    let rows = scene.rows("R4", 4 * ask.n)?;
    scene.start(&store, &rows)?;
    let listed = scene.tell(&store, &["packets", "list"])?;
    let packets = listed
        .lines
        .first()
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let (mut cases, mut unknown, mut survived) = (0, 0, 0);
    let mut broken = Vec::new();
    for (index, packet) in packets.iter().enumerate() {
        let word = |name: &str| packet.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, digest) = (word("packet"), word("digest"));
        let harm = format!("fsync,fdatasync:error=EIO:when={}", index % 8 + 1);
        let approve = ["packets", "approve", id, "--digest", digest];
        let told = Told::of(&scene.harmed(&store, &[harm], &approve).output()?);
        if harmed_calls(&store) == 0 {
            continue;
        }
        cases += 1;
        let shown = scene.tell(&store, &["packets", "show", id])?;
        let status = shown
            .lines
            .first()
            .and_then(|line| line.get("status"))
            .cloned();
        let stands = status.as_ref().and_then(Value::as_str) == Some("approved");
        unknown += usize::from(told.code() == "commit_unknown");
        survived += usize::from(told.code() == "commit_unknown" && stands);
        let said = told.lines.iter().any(|line| line.get("verdict").is_some());
        if said && !stands {
            broken.push(format!("{id}: told as recorded and is not"));
        }
        let denies = !said && told.code() != "commit_unknown";
        if denies && stands {
            broken.push(format!("{id}: told as {} and stands", told.code()));
        }
        // The next process settles whatever is left.
        if !stands {
            let again = scene.tell(&store, &approve)?;
            if again.status != Some(0) {
                broken.push(format!(
                    "{id}: cannot be approved afterwards: {}",
                    again.stderr.trim()
                ));
            }
        }
    }
    broken.extend(scene.finish(&store, "R4", (&rows, 4 * ask.n))?);
    let done_twice = scene
        .ledger()?
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .count();
    if done_twice > 0 {
        broken.push(format!("{done_twice} orders were done twice"));
    }
    let told = format!(
        "{cases} verdicts under a failing sync, {unknown} told as not known, of which {survived} stand"
    );
    Ok(done(told, broken, cases))
}
