//! R2: the power is cut. The store stands in an ext4 image; a cut is a copy of that image, taken
//! while the program stands still, without anything that was never synced. What the program had
//! printed before must be in the copy.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::disk_faults::calls::done;
use crate::disk_faults::mounts::{Mount, ROOT, make_image};
use crate::disk_faults::scene::{Scene, start_of};
use crate::support::Outcome;
use crate::support::machine::pause;
use crate::{Ask, Found};

const ROWS: usize = 400;
const IMAGE_MB: u64 = 48;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    let scene = Scene::new(ask.common)?;
    let Some(ram) = Mount::tmpfs(&scene.home.path().join("ram"), 160)? else {
        return Ok(Found::Skipped(ROOT));
    };
    let image = ram.at.join("disk.img");
    if !make_image(&image, IMAGE_MB)? {
        return Ok(Found::Skipped("needs mkfs.ext4"));
    }
    let Some(disk) = Mount::image(&image, &scene.home.path().join("disk"))? else {
        return Ok(Found::Skipped("needs loop devices"));
    };
    let (mut cuts, mut acknowledged, mut round) = (0, 0, 0);
    let mut broken = Vec::new();
    while cuts < ask.n {
        round += 1;
        let tag = format!("R2-{round}");
        let rows = scene.rows(&tag, ROWS)?.to_string_lossy().into_owned();
        let store = disk.at.join(format!("{round}.db"));
        let args = start_of(&rows);
        let mut command = if ask.twin {
            scene.careless(&store, (&tag, ROWS))?
        } else {
            scene.command(&store, &args)
        };
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let printed = follow(&mut child)?;
        let mut end = child.try_wait()?;
        while end.is_none()
            && printed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_empty()
        {
            pause(5);
            end = child.try_wait()?;
        }
        while end.is_none() && cuts < ask.n {
            pause(20 + 37 * (cuts as u64 % 7));
            stop(&child, Signal::STOP)?;
            let before: Vec<Value> = printed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let copy = ram.at.join("cut.img");
            std::fs::copy(&image, &copy)?;
            stop(&child, Signal::CONT)?;
            let Some(cut) = Mount::image(&copy, &scene.home.path().join("cut"))? else {
                broken.push(format!("{tag}: the file system itself does not mount"));
                break;
            };
            cuts += 1;
            acknowledged += before.len();
            let left = cut.at.join(format!("{round}.db"));
            broken.extend(lost(&scene, &left, &tag, &before)?);
            drop(cut);
            end = child.try_wait()?;
        }
        child.kill().ok();
        child.wait()?;
        // The disk is to lose its power, not to be full.
        for end in ["", "-wal", "-shm", ".lock"] {
            std::fs::remove_file(disk.at.join(format!("{round}.db{end}"))).ok();
        }
    }
    let told =
        format!("{cuts} cuts, {acknowledged} acknowledged outcomes looked for in the copies");
    Ok(done(told, broken, acknowledged))
}

/// What the copy lacks of what was printed.
fn lost(
    scene: &Scene,
    store: &std::path::Path,
    tag: &str,
    before: &[Value],
) -> Outcome<Vec<String>> {
    let mut wrong = Vec::new();
    if !store.exists() {
        if !before.is_empty() {
            wrong.push(format!(
                "{tag}: the store is gone with {} outcomes, first {}",
                before.len(),
                before.first().map(Value::to_string).unwrap_or_default()
            ));
        }
        return Ok(wrong);
    }
    let verified = scene.tell(store, &["audit", "verify"])?;
    if verified.status != Some(0) {
        wrong.push(format!(
            "{tag}: it does not verify: {}",
            verified.stderr.trim()
        ));
    }
    let told = scene.tell(store, &["runs", "list"])?;
    let runs = told.lines.first().map(Value::to_string).unwrap_or_default();
    let gone = before
        .iter()
        .filter_map(|line| line.get("run").and_then(Value::as_str))
        .filter(|run| !runs.contains(*run))
        .count();
    if gone > 0 {
        wrong.push(format!(
            "{tag}: {gone} of {} acknowledged outcomes are gone",
            before.len()
        ));
    }
    Ok(wrong)
}

fn follow(child: &mut Child) -> Outcome<Arc<Mutex<Vec<Value>>>> {
    let stdout = BufReader::new(child.stdout.take().ok_or("no stdout")?);
    let printed = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&printed);
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            if let Ok(value) = serde_json::from_str(&line) {
                kept.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(value);
            }
        }
    });
    Ok(printed)
}

pub(crate) fn stop(child: &Child, signal: Signal) -> Outcome<()> {
    let pid = Pid::from_raw(child.id().cast_signed()).ok_or("no process")?;
    // It may have ended meanwhile.
    kill_process(pid, signal).ok();
    Ok(())
}
