//! R16: every sync takes 5 s. The console executes what another process enqueued, so that commits
//! are under way all the time; keys are drawn all the same, and no timer overtakes a decision.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::disk_faults::calls::done;
use crate::disk_faults::scene::{Scene, has};
use crate::support::Outcome;
use crate::support::figures::percentile;
use crate::support::pty::Console;
use crate::{Ask, Found};

const SYNC_US: u32 = 5_000_000;
const KEY_MS_MAX: f64 = 100.0;
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    if !has("strace", "-V") {
        return Ok(Found::Skipped("needs strace"));
    }
    let scene = Scene::new(ask.common)?;
    let store = scene.home.path().join("R16.db");
    scene.start(&store, &scene.rows("R16-first", 40)?)?;
    let path = store.to_string_lossy().into_owned();
    let config = scene.config_path();
    let args = ["--store", &path, "--config", config];
    let mut console = Console::start(&ask.common.program, &args, (140, 45))?;
    console.until("Queue 10", PATIENCE)?;
    let pid = console.pid().ok_or("no process")?.to_string();
    let trace = scene.home.path().join("R16.trace");
    let mut strace = Command::new("strace")
        .args(["-f", "-qq", "-p", &pid, "-o"])
        .arg(&trace)
        .args(["-e", "trace=fsync,fdatasync"])
        .args([
            "-e",
            &format!("inject=fsync,fdatasync:delay_enter={SYNC_US}"),
        ])
        .stderr(Stdio::null())
        .spawn()?;
    console.quiet(Duration::from_secs(1))?;
    let rows = scene.rows("R16", 12)?.to_string_lossy().into_owned();
    let enqueue = [
        "start",
        "purchase-order",
        "--detach",
        "--key",
        "po_id",
        "--input",
        &rows,
    ];
    scene.tell(&store, &enqueue)?;
    let mut spans = Vec::new();
    for index in 0..ask.n {
        while console.picture(Duration::from_millis(20))?.is_some() {}
        let pressed = console.press(if index % 8 < 5 { "j" } else { "k" })?;
        let picture = console
            .picture(PATIENCE)?
            .ok_or("no picture came for a key")?;
        spans.push(picture.at.duration_since(pressed).as_secs_f64() * 1e3);
        console.quiet(Duration::from_millis(300))?;
    }
    let seen = std::fs::read_to_string(&trace).unwrap_or_default();
    let syncs = seen.matches("(DELAYED)").count();
    strace.kill()?;
    strace.wait()?;
    console.end()?;
    let mut broken = scene.finish(&store, "R16", (rows.as_ref(), 12))?;
    let (p50, most) = (percentile(&spans, 0.5), percentile(&spans, 1.0));
    if most > KEY_MS_MAX {
        broken.push(format!("a key took {most:.0} ms"));
    }
    let told = format!(
        "{syncs} syncs of 5 s under way, {} keys drawn within p50 {p50:.1} ms, most {most:.1} ms",
        spans.len()
    );
    Ok(done(told, broken, syncs))
}
