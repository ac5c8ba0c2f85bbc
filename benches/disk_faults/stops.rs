//! R8: 8 processes on one store, stopped and continued at random. The ledger holds every order once.

use std::process::{Child, Stdio};

use rustix::process::Signal;

use crate::disk_faults::calls::done;
use crate::disk_faults::power::stop;
use crate::disk_faults::scene::{Scene, start_of};
use crate::support::Outcome;
use crate::support::machine::pause;
use crate::{Ask, Found};

const PROCESSES: usize = 8;
const ROWS: usize = 300;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    let scene = Scene::new(ask.common)?;
    let store = scene.home.path().join("R8.db");
    let (mut stops, mut round, mut dice) = (0, 0, 0x9e37_79b9_7f4a_7c15_u64);
    let mut broken = Vec::new();
    let mut names = Vec::new();
    while stops < ask.n {
        round += 1;
        let tag = format!("R8-{round}");
        let rows = scene.rows(&tag, ROWS)?;
        let words = rows.to_string_lossy().into_owned();
        let mut children = (0..PROCESSES)
            .map(|_| {
                let mut command = scene.command(&store, &start_of(&words));
                command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
            })
            .collect::<Result<Vec<Child>, _>>()?;
        while stops < ask.n && alive(&mut children)? {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let at = usize::try_from(dice % PROCESSES as u64)?;
            let Some(child) = children.get(at) else {
                continue;
            };
            stop(child, Signal::STOP)?;
            // Now and then longer than others wait for a lock.
            pause(if stops % 50 == 49 {
                6_000
            } else {
                5 + (dice >> 8) % 60
            });
            stop(child, Signal::CONT)?;
            stops += 1;
        }
        for child in &mut children {
            let status = child.wait()?;
            // Who waited in vain beside a stopped process said so and lost nothing.
            if !matches!(status.code(), Some(0 | 6)) {
                broken.push(format!("{tag}: a process ended with {status}"));
            }
        }
        broken.extend(scene.finish(&store, &tag, (&rows, ROWS))?);
        names.push(tag);
    }
    let ledger = scene.ledger()?;
    let twice = ledger.values().filter(|times| **times > 1).count();
    if twice > 0 {
        broken.push(format!("{twice} orders were done twice"));
    }
    let told = format!(
        "{PROCESSES} processes, {stops} stops in {round} rounds, {} orders in the ledger, {twice} twice",
        ledger.len()
    );
    Ok(done(told, broken, ledger.len()))
}

fn alive(children: &mut [Child]) -> Outcome<bool> {
    for child in children {
        if child.try_wait()?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}
