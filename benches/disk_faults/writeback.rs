//! R5: the disk loses writes behind the page cache. The store stands in an image on a tmpfs that is
//! then filled: the file system believes in room that is not there. What was acknowledged must be
//! there after the file system was mounted anew, or its store refuses with a sentence.

use serde_json::Value;

use crate::disk_faults::calls::done;
use crate::disk_faults::mounts::{Mount, ROOT, make_image};
use crate::disk_faults::scene::Scene;
use crate::support::Outcome;
use crate::{Ask, Found};

const ROWS: usize = 2_000;
const RAM_MB: u32 = 24;

pub(crate) fn run(ask: &Ask<'_>) -> Outcome<Found> {
    let scene = Scene::new(ask.common)?;
    let (mut failed, mut acknowledged) = (0, 0);
    let mut broken = Vec::new();
    for round in 0..ask.n {
        let Some(ram) = Mount::tmpfs(&scene.home.path().join("ram"), RAM_MB)? else {
            return Ok(Found::Skipped(ROOT));
        };
        let image = ram.at.join("disk.img");
        if !make_image(&image, 64)? {
            return Ok(Found::Skipped("needs mkfs.ext4"));
        }
        let at = scene.home.path().join("disk");
        let Some(disk) = Mount::image(&image, &at)? else {
            return Ok(Found::Skipped("needs loop devices"));
        };
        let tag = format!("R5-{round}");
        let store = at.join("store.db");
        let first = scene.start(&store, &scene.rows(&format!("{tag}-first"), 20)?)?;
        // What is left for the image is little more than what it has.
        let room = 300 * 1024 * (round as u64 + 1);
        fill(&ram, room)?;
        let told = scene.start(&store, &scene.rows(&tag, ROWS)?)?;
        if told.status == Some(0) {
            broken.push(format!(
                "{tag}: the disk lost nothing: {}",
                told.lines.len()
            ));
        }
        failed += usize::from(told.status == Some(1));
        drop(disk);
        std::fs::remove_file(ram.at.join("filler"))?;
        let Some(disk) = Mount::image(&image, &at)? else {
            broken.push(format!("{tag}: the file system itself does not mount"));
            continue;
        };
        let mut printed: Vec<Value> = first.lines;
        printed.extend(told.lines);
        acknowledged += printed
            .iter()
            .filter(|line| line.get("run").is_some())
            .count();
        broken.extend(scene.examine(&store, &tag, &printed)?);
        drop(disk);
    }
    let told = format!(
        "{failed} of {} starts ended by an error of the disk; {acknowledged} acknowledged outcomes \
         are there after mounting anew",
        ask.n
    );
    Ok(done(told, broken, failed))
}

/// Leaves `room` bytes free.
pub(crate) fn fill(ram: &Mount, room: u64) -> Outcome<()> {
    let found = rustix::fs::statvfs(&ram.at)?;
    let free = found.f_bavail * found.f_frsize;
    let filler = std::fs::File::create(ram.at.join("filler"))?;
    rustix::fs::fallocate(
        &filler,
        rustix::fs::FallocateFlags::empty(),
        0,
        free.saturating_sub(room).max(4096),
    )?;
    Ok(())
}
