//! R6: the disk is full while a process executes, and then has room again.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::disk_faults::calls::done;
use crate::disk_faults::mounts::{Mount, ROOT};
use crate::disk_faults::scene::{Scene, Told, start_of};
use crate::disk_faults::writeback::fill;
use crate::support::Outcome;
use crate::support::machine::{Stopwatch, pause};
use crate::{Ask, Found};

/// How soon it goes on once there is room.
const GOES_ON_S: f64 = 5.0;
const PATIENCE_S: f64 = 30.0;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    let scene = Scene::new(ask.common)?;
    let mut broken = Vec::new();
    let (mut slowest, mut rounds) = (0.0_f64, 0);
    for round in 0..ask.n {
        let Some(ram) = Mount::tmpfs(&scene.home.path().join("full"), 4)? else {
            return Ok(Found::Skipped(ROOT));
        };
        let tag = format!("R6-{round}");
        let store = ram.at.join("store.db");
        let before = scene.start(&store, &scene.rows(&format!("{tag}-first"), 8)?)?;

        let child = order_on_its_way(&scene, &store, &tag)?;
        fill_up(&ram)?;

        let refused = scene.start(&store, &scene.rows(&format!("{tag}-new"), 1)?)?;
        if (refused.status, refused.code()) != (Some(1), "disk_full") {
            broken.push(format!(
                "{tag}: new work was answered {:?} {}",
                refused.status, refused.stderr
            ));
        }
        if refused.stderr.lines().count() != 1 {
            broken.push(format!("{tag}: not one sentence: {}", refused.stderr));
        }
        for args in [
            &["runs", "list"][..],
            &["packets", "list"],
            &["audit", "verify"],
        ] {
            let told = scene.tell(&store, args)?;
            if told.status != Some(0) {
                broken.push(format!("{tag}: {args:?} while full: {}", told.stderr));
            }
        }
        pause(3_000);
        std::fs::remove_file(ram.at.join("filler"))?;
        let watch = Stopwatch::start();
        let told = Told::of(&child.wait_with_output()?);
        slowest = slowest.max(watch.seconds());
        if told.status != Some(0) {
            broken.push(format!("{tag}: it did not go on: {}", told.stderr));
        }
        rounds += 1;
        let mut printed: Vec<Value> = before.lines;
        printed.extend(told.lines);
        broken.extend(scene.examine(&store, &tag, &printed)?);
        if scene.ledger()?.get(&format!("{tag}-0")) != Some(&1) {
            broken.push(format!(
                "{tag}: the order that was on its way was not done once"
            ));
        }
    }
    if slowest > GOES_ON_S {
        broken.push(format!("it took {slowest:.1} s to go on"));
    }
    let told = format!(
        "{rounds} times full: refused, read, and went on {slowest:.1} s after there was room"
    );
    Ok(done(told, broken, rounds))
}

/// Starts one order that its target answers late.
fn order_on_its_way(scene: &Scene, store: &Path, tag: &str) -> Outcome<Child> {
    scene.slow_target(1, 2_500)?;
    let mut command = scene.command(store, &start_of("-"));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().ok_or("no stdin")?;
    let order =
        format!("{{\"po_id\":\"{tag}-0\",\"vendor\":\"Alpha Tech Systems\",\"amount\":1}}\n");
    input.write_all(order.as_bytes())?;
    drop(input);
    let subject = format!("{tag}-0");
    wait("it is on its way", || {
        let told = scene.tell(store, &["audit", "list", "--kind", "effect_intended"])?;
        let line = told.lines.first().map(Value::to_string).unwrap_or_default();
        Ok(line.contains(&subject))
    })?;
    Ok(child)
}

/// Takes the last byte.
fn fill_up(ram: &Mount) -> Outcome<()> {
    fill(ram, 0)?;
    let mut filler = std::fs::OpenOptions::new()
        .append(true)
        .open(ram.at.join("filler"))?;
    while filler.write_all(&[7; 512]).is_ok() {}
    Ok(())
}

fn wait(what: &str, mut holds: impl FnMut() -> Outcome<bool>) -> Outcome<()> {
    let watch = Stopwatch::start();
    while !holds()? {
        if watch.seconds() > PATIENCE_S {
            return Err(format!("in vain: {what}").into());
        }
    }
    Ok(())
}
